namespace Orchestrator.Core.Failures;

/// <summary>
/// How often a program gets further, as seen from outside, and therefore when its silence is a stall. What computes at full load and gets no further is stalled, too: use of the processor
/// is no progress. A program that never said how far it is is never judged by this.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.progress-pace")]
public sealed record ProgressPace
{
    /// <summary>Before so many advances only the longest wait counts.</summary>
    public const int AdvancesMin = 5;

    private const int AdvancesMax = 50;

    /// <summary>So many usual intervals without an advance are a stall.</summary>
    private const double IntervalsMax = 20;

    /// <summary>Never sooner: a long output or a slow file system is no stall.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    /// <summary>Where nothing better is known.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    public static ProgressPace None { get; } = new();

    /// <summary>Advances that count; at most fifty.</summary>
    [Id(0)] public int Advances { get; init; }

    /// <summary>The usual time between two of them.</summary>
    [Id(1)] public TimeSpan Interval { get; init; }

    /// <summary>The longest that was seen, which is no stall, since it went on.</summary>
    [Id(2)] public TimeSpan LongestSeen { get; init; }

    public ProgressPace After(TimeSpan interval)
    {
        var advances = Math.Min(Advances + 1, AdvancesMax);
        return new()
        {
            Advances = advances,
            Interval = Interval + ((interval - Interval) / advances),
            LongestSeen = interval > LongestSeen ? interval : LongestSeen,
        };
    }

    /// <summary>After how long without an advance it is a stall.</summary>
    public TimeSpan Limit
    {
        get
        {
            if (Advances < AdvancesMin)
            {
                return LongestSeen * 2 > Longest ? LongestSeen * 2 : Longest;
            }

            var usual = Interval * IntervalsMax;
            usual = usual > LongestSeen * 3 ? usual : LongestSeen * 3;
            return usual > Shortest ? usual : Shortest;
        }
    }
}
