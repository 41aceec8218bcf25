using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How fast kinds of work ran on kinds of nodes: 1 is the usual speed, 2 twice as fast. Never outside <see cref="Slowest"/> to <see cref="Fastest"/>.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.learned-speeds")]
public sealed record LearnedSpeeds
{
    public const double Slowest = 0.1;

    public const double Fastest = 10;

    /// <summary>So many are kept at most; those that say the least, near 1, go first.</summary>
    public const int Most = 10_000;

    /// <summary>A speed nearer to 1 than this says nothing, and is forgotten.</summary>
    private const double Nothing = 0.005;

    public static LearnedSpeeds Empty { get; } = new();

    /// <summary>By "kind of work|kind of node". Kinds of work are also what it needs, for work of which nothing was learned: "needs gpu", "memory low|medium|high|extreme".</summary>
    [Id(0)] public ImmutableSortedDictionary<string, double> Speeds { get; init; } = ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>The observation that a frame, or whatever else the unit of work is, took so long: a minute is the usual speed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It took no time.</exception>
    public static double SpeedOfUnit(TimeSpan perUnit) => SpeedOfRun(TimeSpan.FromMinutes(1), perUnit);

    /// <summary>The observation that a run took so long, and not what was expected of it on a usual node.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of both is no time.</exception>
    public static double SpeedOfRun(TimeSpan expected, TimeSpan taken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(expected, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(taken, TimeSpan.Zero);
        return Math.Clamp(expected / taken, Slowest, Fastest);
    }

    /// <summary>The learned speed; 1 when nothing was learned.</summary>
    public double Of(string jobType, string nodeKind) => Learned(jobType, nodeKind) ?? 1;

    /// <summary>The speed learned of the kind of work; without one, the mean of what was learned of work that needs the like; 1 when nothing was learned.</summary>
    public double Of(string jobType, ResourceRequest resources, string nodeKind)
    {
        ArgumentNullException.ThrowIfNull(resources);
        if (Speeds.IsEmpty)
        {
            return 1;
        }

        if (Learned(jobType, nodeKind) is { } own)
        {
            return own;
        }

        var gpu = resources.GpusPerNode > 0 ? Learned(NeedsGpu, nodeKind) : null;
        var memory = resources.MemoryPerNode > 0 ? Learned(MemoryRange(resources.MemoryPerNode), nodeKind) : null;
        return gpu is { } one && memory is { } other ? Math.Sqrt(one * other) : gpu ?? memory ?? 1;
    }

    /// <summary>Moves what is known of the kind of work, and of work that needs the like, towards an observation: old (1 - rate) + observed rate; what was not known yet was 1.</summary>
    /// <param name="jobType">"": only work that needs the like is learned of.</param>
    /// <param name="resources">What the work asked for.</param>
    /// <param name="nodeKind">Not "".</param>
    /// <param name="observed">Above 0; taken to the limits.</param>
    /// <param name="rate">0 to 1.</param>
    public LearnedSpeeds Learn(string jobType, ResourceRequest resources, string nodeKind, double observed, double rate = 0.2)
    {
        ArgumentNullException.ThrowIfNull(jobType);
        ArgumentNullException.ThrowIfNull(resources);
        ArgumentException.ThrowIfNullOrEmpty(nodeKind);
        if (!(observed > 0) || !(rate is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(observed > 0 ? nameof(rate) : nameof(observed), "An observed speed is above 0, a rate from 0 to 1.");
        }

        var speeds = Speeds.ToBuilder();
        if (jobType.Length > 0)
        {
            Move(speeds, Key(jobType, nodeKind), observed, rate);
        }

        if (resources.GpusPerNode > 0)
        {
            Move(speeds, Key(NeedsGpu, nodeKind), observed, rate);
        }

        if (resources.MemoryPerNode > 0)
        {
            Move(speeds, Key(MemoryRange(resources.MemoryPerNode), nodeKind), observed, rate);
        }

        Bound(speeds);
        return this with { Speeds = speeds.ToImmutable() };
    }

    /// <summary>Forgets: all speeds are nearer to 1 by so much.</summary>
    /// <param name="kept">0 to 1: the part of its distance from 1, on a logarithmic scale, that each keeps; for a half-life h after a time t, 0.5 to the t/h.</param>
    public LearnedSpeeds Decay(double kept)
    {
        if (!(kept is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(kept), "The part that is kept is from 0 to 1.");
        }

        var speeds = Speeds.ToBuilder();
        foreach (var (key, speed) in Speeds)
        {
            var after = Math.Pow(speed, kept);
            if (Math.Abs(after - 1) < Nothing)
            {
                speeds.Remove(key);
            }
            else
            {
                speeds[key] = after;
            }
        }

        return this with { Speeds = speeds.ToImmutable() };
    }

    /// <summary>All kinds of work that a kind of node has run, with their speeds.</summary>
    internal ImmutableSortedDictionary<string, double> SeenBy(string nodeKind)
    {
        var seen = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (key, speed) in Speeds)
        {
            var split = key.LastIndexOf('|');
            if (split > 0 && key.AsSpan(split + 1).SequenceEqual(nodeKind) && !IsNeed(key))
            {
                seen[key[..split]] = speed;
            }
        }

        return seen.ToImmutable();
    }

    private const string NeedsGpu = "needs gpu";

    private static bool IsNeed(string key) => key.StartsWith("needs gpu|", StringComparison.Ordinal) || key.StartsWith("memory low|", StringComparison.Ordinal)
        || key.StartsWith("memory medium|", StringComparison.Ordinal) || key.StartsWith("memory high|", StringComparison.Ordinal)
        || key.StartsWith("memory extreme|", StringComparison.Ordinal);

    private static string MemoryRange(long bytes) => (bytes >> 30) switch
    {
        < 16 => "memory low",
        < 64 => "memory medium",
        < 256 => "memory high",
        _ => "memory extreme",
    };

    private static string Key(string work, string nodeKind) => $"{work}|{nodeKind.Replace('|', '/')}";

    private static void Move(ImmutableSortedDictionary<string, double>.Builder speeds, string key, double observed, double rate)
    {
        var old = speeds.TryGetValue(key, out var known) ? known : 1;
        speeds[key] = Math.Clamp(old * (1 - rate) + Math.Clamp(observed, Slowest, Fastest) * rate, Slowest, Fastest);
    }

    private static void Bound(ImmutableSortedDictionary<string, double>.Builder speeds)
    {
        while (speeds.Count > Most)
        {
            speeds.Remove(speeds.MinBy(static speed => (Math.Abs(Math.Log(speed.Value)), speed.Key)).Key);
        }
    }

    private double? Learned(string work, string nodeKind) =>
        !Speeds.IsEmpty && work.Length > 0 && nodeKind.Length > 0 && Speeds.TryGetValue(Key(work, nodeKind), out var speed) ? speed : null;
}
