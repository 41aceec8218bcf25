using System.Collections.Immutable;

namespace Orchestrator.Core.Replay;

/// <summary>A replay in numbers. Times are in seconds.</summary>
public sealed record ReplaySummary
{
    /// <summary>Run times below this count as this in bounded slowdowns.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Jobs that ran.</summary>
    public int Jobs { get; init; }

    public double MeanWait { get; init; }

    public double MaxWait { get; init; }

    /// <summary>Mean over the jobs of max(1, (wait + run) / max(run, 10 s)).</summary>
    public double AvgBoundedSlowdown { get; init; }

    /// <summary>Mean over the jobs of (wait + run) / run.</summary>
    public double MeanSlowdown { get; init; }

    /// <summary>Mean time from submission to end.</summary>
    public double MeanTurnaround { get; init; }

    /// <summary>Part of the machine that ran jobs between the first submission and the last end, 0 to 1.</summary>
    public double Utilization { get; init; }

    /// <summary>The same between the moment at which a tenth of the jobs had been submitted and the last submission; null: no time lies between them.</summary>
    public double? UtilizationSaturated { get; init; }

    /// <summary>From the first submission to the last end.</summary>
    public double Makespan { get; init; }

    /// <summary>Of the whole machine, from the first submission to the last end.</summary>
    public double EnergyJoules { get; init; }

    /// <summary>Processor-seconds of work that had to be done again.</summary>
    public double LostWork { get; init; }

    /// <summary>How often a running job had to make way.</summary>
    public int Preemptions { get; init; }

    /// <summary>
    /// Jain's index of the users' mean bounded slowdowns, (sum x)^2 / (n sum x^2): 1 where all fare alike, 1/n where one bears everything (Jain, Chiu, Hawe: A quantitative measure of
    /// fairness and discrimination for resource allocation in shared computer systems, 1984). Jobs of unknown users count as one user's.
    /// </summary>
    public double Fairness { get; init; }

    /// <summary>Jobs that were left out, by the reason.</summary>
    public ImmutableSortedDictionary<SkipReason, int> Skipped { get; init; } = ImmutableSortedDictionary<SkipReason, int>.Empty;

    /// <param name="result">With one job at least.</param>
    public static ReplaySummary Of(ReplayResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var jobs = result.Jobs;
        ArgumentOutOfRangeException.ThrowIfZero(jobs.Length, nameof(result));
        double wait = 0, maxWait = 0, bounded = 0, slowdown = 0, turnaround = 0, area = 0;
        var first = jobs[0].Job.Submit;
        var end = TimeSpan.Zero;
        var users = new Dictionary<string, (double Sum, int Count)>(StringComparer.Ordinal);
        foreach (var job in jobs)
        {
            var each = job.Wait.TotalSeconds;
            var run = (job.End - job.Start).TotalSeconds;
            var inBounds = Math.Max(1, (each + run) / Math.Max(run, Bound.TotalSeconds));
            wait += each;
            maxWait = Math.Max(maxWait, each);
            bounded += inBounds;
            slowdown += (each + run) / run;
            turnaround += each + run;
            area += run * job.Job.Processors;
            end = job.End > end ? job.End : end;
            var (sum, count) = users.GetValueOrDefault(job.Job.User);
            users[job.Job.User] = (sum + inBounds, count + 1);
        }

        var makespan = (end - first).TotalSeconds;
        return new ReplaySummary
        {
            Jobs = jobs.Length,
            MeanWait = wait / jobs.Length,
            MaxWait = maxWait,
            AvgBoundedSlowdown = bounded / jobs.Length,
            MeanSlowdown = slowdown / jobs.Length,
            MeanTurnaround = turnaround / jobs.Length,
            Utilization = area / (makespan * result.Processors),
            UtilizationSaturated = Utilized(result, jobs[jobs.Length / 10].Job.Submit, jobs[^1].Job.Submit),
            Makespan = makespan,
            EnergyJoules = result.Joules,
            LostWork = result.LostWork.TotalSeconds,
            Preemptions = result.Preemptions,
            Fairness = Jain(users.Values),
            Skipped = result.Skipped.GroupBy(static job => job.Reason).ToImmutableSortedDictionary(static group => group.Key, static group => group.Count()),
        };
    }

    private static double? Utilized(ReplayResult result, TimeSpan from, TimeSpan until)
    {
        if (until <= from)
        {
            return null;
        }

        var area = 0.0;
        foreach (var job in result.Jobs)
        {
            var begin = job.Start > from ? job.Start : from;
            var end = job.End < until ? job.End : until;
            area += end > begin ? (end - begin).TotalSeconds * job.Job.Processors : 0;
        }

        return area / ((until - from).TotalSeconds * result.Processors);
    }

    private static double Jain(Dictionary<string, (double Sum, int Count)>.ValueCollection users)
    {
        double sum = 0, squares = 0;
        foreach (var (total, count) in users)
        {
            var mean = total / count;
            sum += mean;
            squares += mean * mean;
        }

        return sum * sum / (users.Count * squares);
    }
}
