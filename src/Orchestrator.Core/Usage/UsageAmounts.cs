namespace Orchestrator.Core.Usage;

/// <summary>Amounts that add up. Each is its resource by the time for which it was held.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-amounts")]
public sealed record UsageAmounts
{
    public static UsageAmounts None { get; } = new();

    /// <summary>Core-seconds.</summary>
    [Id(0)] public double Cores { get; init; }

    /// <summary>GPU-seconds.</summary>
    [Id(1)] public double Gpus { get; init; }

    /// <summary>Node-seconds.</summary>
    [Id(2)] public double Nodes { get; init; }

    /// <summary>Byte-seconds of memory: the peak for as long as it ran.</summary>
    [Id(3)] public double Memory { get; init; }

    /// <summary>Bytes read from and written to storage.</summary>
    [Id(4)] public double Storage { get; init; }

    /// <summary>Joules; 0 where nobody measured.</summary>
    [Id(5)] public double Energy { get; init; }

    /// <summary>Core-seconds in which processors really worked.</summary>
    [Id(6)] public double Busy { get; init; }

    /// <summary>Attempts, or jobs, that ended; each counts where it ended.</summary>
    [Id(7)] public double Attempts { get; init; }

    public static UsageAmounts operator +(UsageAmounts one, UsageAmounts other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            Cores = one.Cores + other.Cores,
            Gpus = one.Gpus + other.Gpus,
            Nodes = one.Nodes + other.Nodes,
            Memory = one.Memory + other.Memory,
            Storage = one.Storage + other.Storage,
            Energy = one.Energy + other.Energy,
            Busy = one.Busy + other.Busy,
            Attempts = one.Attempts + other.Attempts,
        };
    }

    /// <summary>So large a part of what was held; attempts stay out of it, since they end once.</summary>
    internal UsageAmounts Part(double part) => new()
    {
        Cores = Cores * part,
        Gpus = Gpus * part,
        Nodes = Nodes * part,
        Memory = Memory * part,
        Storage = Storage * part,
        Energy = Energy * part,
        Busy = Busy * part,
    };
}
