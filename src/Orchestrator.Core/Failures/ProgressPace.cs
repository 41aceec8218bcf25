using System.Text.Json.Serialization;

namespace Orchestrator.Core.Failures;

/// <summary>
/// How often a program gets further, as seen from outside, and therefore when its silence is a stall. What computes at full load and gets no further is stalled, too: use of the processor
/// is no progress. A program that never said how far it is is never judged by this.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.progress-pace")]
public sealed record ProgressPace
{
    private const int AdvancesMax = 50;

    /// <summary>So many usual intervals without an advance are a stall.</summary>
    private const double IntervalsMax = 20;

    /// <summary>So many times the longest wait that went on.</summary>
    private const double LongestMax = 3;

    /// <summary>What is written meanwhile shows that something is done: it may wait so many times as long.</summary>
    public const double GrowthFactor = 3;

    /// <summary>Never sooner: a phase of another kind, a long output or a slow file system is no stall.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMinutes(60);

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

    /// <summary>After how long without an advance it is a stall; null: it never got further, so that nothing is expected of it.</summary>
    [JsonIgnore]
    public TimeSpan? Limit
    {
        get
        {
            if (Advances == 0)
            {
                return null;
            }

            var usual = Interval * IntervalsMax;
            var longest = LongestSeen * LongestMax;
            usual = usual > longest ? usual : longest;
            return usual > Least ? usual : Least;
        }
    }
}
