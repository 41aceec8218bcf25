using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// What was learned of the work that was submitted and ended: how long the next of a user is likely to run, and how much of all work came in smaller pieces. It orders what waits; reservations
/// and the test of what fits go by estimates alone. The service predicts from these runs by a model of several experts (<c>UserRuntimes</c>); replays by <see cref="Expected"/>, which is the mean of the user's last two runs that asked for the same, after Tsafrir, Etsion and Feitelson, "Backfilling Using
/// System-Generated Predictions Rather than User Runtime Estimates" (IEEE TPDS 18(6), 2007).
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.learned-work")]
public sealed record LearnedWork
{
    /// <summary>So many runs of each user are remembered.</summary>
    public const int RunsMax = 50;

    /// <summary>Steps of size for each doubling.</summary>
    private const int Steps = 8;

    public static LearnedWork Empty { get; } = new();

    /// <summary>Each user's last runs, the newest last.</summary>
    [Id(0)] public ImmutableSortedDictionary<string, ImmutableArray<EndedRun>> Users { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<EndedRun>>.Empty;

    /// <summary>All submitted work in core-seconds, as it was expected then.</summary>
    [Id(1)] public double Area { get; init; }

    /// <summary>The sum of core-seconds by expected seconds: divided by <see cref="Area"/>, how long a typical piece of work runs.</summary>
    [Id(2)] public double AreaByLength { get; init; }

    /// <summary>Core-seconds of all submitted work by its size: eight steps for each doubling of core-seconds.</summary>
    [Id(3)] public ImmutableSortedDictionary<int, double> Areas { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>How long the user's next attempt is likely to run; null: nobody knows. Never above the estimate, at least a second.</summary>
    public TimeSpan? Expected(string user, TimeSpan? estimate, long cores)
    {
        if (user.Length == 0 || !Users.TryGetValue(user, out var runs) || runs.IsEmpty)
        {
            return estimate;
        }

        var (same, ticks) = (0, 0L);
        for (var at = runs.Length - 1; at >= 0 && same < 2; at--)
        {
            if (runs[at].Estimate == estimate && runs[at].Cores == cores)
            {
                same++;
                ticks += runs[at].Runtime.Ticks;
            }
        }

        if (same == 0)
        {
            same = Math.Min(2, runs.Length);
            ticks = runs[^1].Runtime.Ticks + (same == 2 ? runs[^2].Runtime.Ticks : 0);
        }

        var mean = Math.Max(ticks / same, TimeSpan.TicksPerSecond);
        return TimeSpan.FromTicks(estimate is { } most ? Math.Min(mean, Math.Max(most.Ticks, TimeSpan.TicksPerSecond)) : mean);
    }

    /// <summary>Runs of the user are remembered.</summary>
    public bool Knows(string user) => user.Length > 0 && Users.ContainsKey(user);

    /// <summary>The mean of the user's runs of one kind of work that asked for the same; null: there are none.</summary>
    public TimeSpan? Usual(string user, string jobType, TimeSpan? estimate, long cores)
    {
        if (jobType.Length == 0 || !Knows(user))
        {
            return null;
        }

        var (count, ticks) = (0, 0L);
        foreach (var run in Users[user])
        {
            if (run.JobType == jobType && run.Estimate == estimate && run.Cores == cores)
            {
                count++;
                ticks += run.Runtime.Ticks;
            }
        }

        return count == 0 || ticks < count ? null : TimeSpan.FromTicks(ticks / count);
    }

    /// <summary>An attempt was submitted that is expected to run so long on so many cores.</summary>
    public LearnedWork Submitted(TimeSpan expected, long cores)
    {
        var seconds = Math.Max(1, expected.TotalSeconds);
        var area = seconds * Math.Max(1, cores);
        var step = StepOf(area);
        return this with { Area = Area + area, AreaByLength = AreaByLength + (area * seconds), Areas = Areas.SetItem(step, Areas.GetValueOrDefault(step) + area) };
    }

    /// <summary>An attempt of the user ended by itself after so long.</summary>
    public LearnedWork Ended(string user, TimeSpan? estimate, long cores, TimeSpan runtime) => Ended(user, new() { Estimate = estimate, Cores = cores, Runtime = runtime });

    /// <summary>A run of the user ended by itself; "" is nobody, of whom nothing is learned.</summary>
    public LearnedWork Ended(string user, EndedRun run)
    {
        if (user.Length == 0)
        {
            return this;
        }

        var runs = Users.GetValueOrDefault(user, []);
        runs = runs.Length >= RunsMax ? runs.RemoveAt(Dispensable(runs)) : runs;
        return this with { Users = Users.SetItem(user, runs.Add(run)) };
    }

    /// <summary>The oldest of the kind of which most are remembered: thousands of short runs do not make forget the few long ones.</summary>
    private static int Dispensable(ImmutableArray<EndedRun> runs)
    {
        var first = runs[0].JobType;
        if (runs.All(run => run.JobType == first))
        {
            return 0;
        }

        var most = runs.CountBy(static run => run.JobType).MaxBy(static kind => kind.Value).Key;
        return runs.IndexOf(runs.First(run => run.JobType == most));
    }

    internal static int StepOf(double area) => (int)Math.Floor(Steps * Math.Log2(area));
}

/// <summary>A run that ended: what it asked for, and how long it took.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.ended-run")]
public sealed record EndedRun
{
    [Id(0)] public TimeSpan? Estimate { get; init; }

    [Id(1)] public long Cores { get; init; }

    [Id(2)] public TimeSpan Runtime { get; init; }

    /// <summary>What kind of work it was; "": not known.</summary>
    [Id(3)] public string JobType { get; init; } = "";

    [Id(4)] public DateTimeOffset EndedAt { get; init; }
}
