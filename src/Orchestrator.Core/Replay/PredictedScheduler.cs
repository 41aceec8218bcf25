using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Replay;

/// <summary>
/// Backfill by arrival on a machine of equal processors where durations are predicted, not estimated by users. What is likely too short delays who waits at the head, and what is likely too long leaves
/// holes empty: so a job counts as long as the geometric mean of what <see cref="RuntimeModel"/> expects and the upper end of its interval, and shortest-first goes by that of the expected and the lower
/// end, since the short ones are those whose wait counts. One that runs longer than that is taken to need another minute, then five, fifteen, … (the incremental correction of Gaussier, Glesser, Reis and
/// Trystram, SC'15), up to its limit. Estimates stay limits: nothing is killed by a prediction.
/// </summary>
internal sealed class PredictedScheduler(ImmutableArray<WorkloadJob> jobs, ReplayOptions options) : IReplayScheduler
{
    private static readonly long[] Corrections = [.. new double[] { 1, 5, 15, 30, 60, 120, 300, 600, 1200, 3000 }.Select(static minutes => (long)(minutes * TimeSpan.TicksPerMinute))];

    private readonly ProcessorPool pool = new(options.Processors);
    private readonly RuntimeModel model = new();
    private readonly List<int> queue = [];
    private readonly Dictionary<int, Running> running = [];
    private readonly List<int> late = [];
    private ProcessorRequest[] requests = new ProcessorRequest[64];
    private PassResult[] results = new PassResult[64];
    private int[] slips = new int[64];
    private long[] lengths = new long[64];

    /// <summary>Shortest first goes by another length than what fits does: the pass gets the order beside the queue.</summary>
    private readonly BackfillSettings backfill = options.Settings.Backfill.Kind == BackfillKind.EasyShortestFirst
        ? options.Settings.Backfill with { Kind = BackfillKind.Depth, Reservations = 1 }
        : options.Settings.Backfill;

    // What is expected of each that waits, in ticks: for the order, and for what fits; anew when something of its user ended.
    private readonly Dictionary<int, (long Order, long Fit)> expected = [];

    public void Submit(int job, long now)
    {
        queue.Add(job);
        if (queue.Count > requests.Length)
        {
            Array.Resize(ref requests, queue.Count * 2);
            Array.Resize(ref results, queue.Count * 2);
            Array.Resize(ref slips, queue.Count * 2);
            Array.Resize(ref lengths, queue.Count * 2);
        }
    }

    public void End(int job, long now)
    {
        running.Remove(job, out var ran);
        pool.Remove(ran.EndsBy, jobs[job].Processors);
        model.Ended(Request(job), jobs[job].Run);

        // Whatever was learned, nearly all of it is about this user.
        foreach (var waiting in queue)
        {
            if (jobs[waiting].User == jobs[job].User)
            {
                expected.Remove(waiting);
            }
        }
    }

    public long Plan(long now, List<ReplayStart> started)
    {
        if (!AnyFits())
        {
            return long.MaxValue;
        }

        Correct(now);
        for (var at = 0; at < queue.Count; at++)
        {
            var (order, fit) = Expected(queue[at]);
            (requests[at], slips[at], lengths[at]) = (new ProcessorRequest(jobs[queue[at]].Processors, fit), at, order);
        }

        // Ties by arrival: the places are the second part of the key, so the sort needs not be stable.
        var isShortestFirst = options.Settings.Backfill.Kind == BackfillKind.EasyShortestFirst;
        if (isShortestFirst)
        {
            slips.AsSpan(0, queue.Count).Sort((one, other) => lengths[one] != lengths[other] ? lengths[one].CompareTo(lengths[other]) : one.CompareTo(other));
        }

        pool.Open(now);
        BackfillPass.Run(pool, (ReadOnlySpan<ProcessorRequest>)requests.AsSpan(0, queue.Count), isShortestFirst ? slips.AsSpan(0, queue.Count) : [], backfill, now, results);
        var kept = 0;
        for (var at = 0; at < queue.Count; at++)
        {
            var job = queue[at];
            if (results[at].Verdict == PassVerdict.Started)
            {
                var endsBy = now + Expected(job).Fit;
                expected.Remove(job);
                pool.Add(endsBy, jobs[job].Processors);
                running[job] = new Running(endsBy, now + jobs[job].Limit.Ticks, 0);
                started.Add(new ReplayStart(job, []));
            }
            else
            {
                queue[kept++] = job;
            }
        }

        queue.RemoveRange(kept, queue.Count - kept);
        return long.MaxValue;
    }

    private RuntimeRequest Request(int job) => new() { User = jobs[job].User, Program = "", Size = jobs[job].Processors, Estimate = jobs[job].Limit };

    private (long Order, long Fit) Expected(int job)
    {
        if (!expected.TryGetValue(job, out var ticks))
        {
            var prediction = model.Predict(Request(job));
            expected[job] = ticks = (Between(prediction.Lower, prediction.Expected), Math.Min(jobs[job].Limit.Ticks, Between(prediction.Expected, prediction.Upper)));
        }

        return ticks;
    }

    private static long Between(TimeSpan one, TimeSpan other) => (long)Math.Sqrt((double)one.Ticks * other.Ticks);

    /// <summary>What runs on although it was expected to have ended.</summary>
    private void Correct(long now)
    {
        late.Clear();
        foreach (var (job, each) in running)
        {
            if (each.EndsBy <= now && each.EndsBy < each.Limit)
            {
                late.Add(job);
            }
        }

        foreach (var job in late)
        {
            var each = running[job];
            pool.Remove(each.EndsBy, jobs[job].Processors);
            while (each.EndsBy <= now && each.EndsBy < each.Limit)
            {
                each = each with { EndsBy = Math.Min(each.Limit, each.EndsBy + Corrections[Math.Min(each.Corrected, Corrections.Length - 1)]), Corrected = each.Corrected + 1 };
            }

            running[job] = each;
            pool.Add(each.EndsBy, jobs[job].Processors);
        }
    }

    private bool AnyFits()
    {
        foreach (var job in queue)
        {
            if (jobs[job].Processors <= pool.Idle)
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Running(long EndsBy, long Limit, int Corrected);
}
