using System.Text.Json.Serialization;

namespace Orchestrator.Core.Failures;

/// <summary>
/// Tells slow storage from usual one, by what checkpoints cost. It raises one alarm when they become much dearer, and takes it back when they are cheap again; what was measured
/// meanwhile is no measure of what is usual.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.storage-watch")]
public sealed record StorageWatch
{
    /// <summary>So many times the usual is slow.</summary>
    public const double SlowFactor = 5;

    /// <summary>So many times the usual is well again.</summary>
    public const double WellFactor = 2;

    /// <summary>Before so many checkpoints nothing is usual.</summary>
    public const int SamplesMin = 3;

    private const double Weight = 0.2;

    /// <summary>What takes no longer is never slow.</summary>
    private static readonly TimeSpan Harmless = TimeSpan.FromSeconds(1);

    public static StorageWatch None { get; } = new();

    [Id(0)] public int Samples { get; init; }

    /// <summary>What a checkpoint costs usually.</summary>
    [Id(1)] public TimeSpan Usual { get; init; }

    /// <summary>Null: it is not slow.</summary>
    [Id(2)] public DateTimeOffset? SlowSince { get; init; }

    [JsonIgnore]
    public bool IsSlow => SlowSince is not null;

    public StorageWatch After(TimeSpan cost, DateTimeOffset now)
    {
        if (SlowSince is not null)
        {
            return cost <= Usual * WellFactor || cost <= Harmless ? this with { SlowSince = null } : this;
        }

        if (Samples >= SamplesMin && cost > Harmless && cost > Usual * SlowFactor)
        {
            return this with { SlowSince = now };
        }

        return this with { Samples = Math.Min(Samples + 1, SamplesMin), Usual = Samples == 0 ? cost : Usual + (Weight * (cost - Usual)) };
    }
}
