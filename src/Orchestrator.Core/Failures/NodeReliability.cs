using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Failures;

/// <summary>
/// How far a node is to be trusted. Its rate of failures is estimated as a gamma distribution, which begins with what is believed of nodes in general and moves with what was seen of this
/// one; what happened last counts besides, since a node that begins to fail does so again and again.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-reliability")]
public sealed record NodeReliability
{
    /// <summary>So many of the latest uses count.</summary>
    public const int LatestMax = 10;

    /// <summary>What is believed beforehand, as if one failure had been seen in so long.</summary>
    public static TimeSpan BelievedInterval { get; } = TimeSpan.FromDays(30);

    /// <summary>Work of this length is asked for: how likely it passes without a failure.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    public static NodeReliability Unknown { get; } = new();

    /// <summary>Time that work ran on it.</summary>
    [Id(0)] public TimeSpan Exposure { get; init; }

    /// <summary>Failures for which the node answers.</summary>
    [Id(1)] public int Failures { get; init; }

    /// <summary>The latest uses, oldest first: true where the node did well.</summary>
    [Id(2)] public ImmutableArray<bool> Latest { get; init; } = [];

    /// <summary>Failures in a row, the newest included.</summary>
    [JsonIgnore]
    public int InARow => Latest.IsDefaultOrEmpty ? 0 : Latest.Length - 1 - Latest.LastIndexOf(true);

    /// <summary>Failures per day, to be expected.</summary>
    [JsonIgnore]
    public double Rate => (1 + Failures) / (BelievedInterval + Exposure).TotalDays;

    /// <summary>0 to 1: the part of the latest uses that went well; 1 where there is none.</summary>
    [JsonIgnore]
    public double Health => Latest.IsDefaultOrEmpty ? 1 : (double)Latest.Count(static good => good) / Latest.Length;

    /// <summary>0 to 1: how it compares with a node of which nothing is known, which has 1; a better one has 1, too.</summary>
    [JsonIgnore]
    public double Score => Math.Min(1, Math.Exp(((1 / BelievedInterval.TotalDays) - Rate) * Horizon.TotalDays)) * Health;

    /// <summary>With one more use.</summary>
    public NodeReliability After(bool good, TimeSpan held)
    {
        var latest = (Latest.IsDefault ? [] : Latest).Add(good);
        return this with
        {
            Exposure = Exposure + (held > TimeSpan.Zero ? held : TimeSpan.Zero),
            Failures = good ? Failures : Failures + 1,
            Latest = latest.Length <= LatestMax ? latest : latest.RemoveRange(0, latest.Length - LatestMax),
        };
    }

    /// <summary>By content.</summary>
    public bool Equals(NodeReliability? other) => other is not null && Exposure == other.Exposure && Failures == other.Failures && Latest.SequenceEqual(other.Latest);

    public override int GetHashCode() => HashCode.Combine(Exposure, Failures, Latest.Length);
}
