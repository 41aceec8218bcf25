namespace Orchestrator.Core.Nodes;

/// <summary>What a node draws, and what it costs to switch it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-power")]
public sealed record NodePower
{
    /// <summary>Watts, on and without work.</summary>
    [Id(0)] public double Idle { get; init; }

    /// <summary>Watts with all cores at work; between the two it is taken to be linear.</summary>
    [Id(1)] public double Busy { get; init; }

    /// <summary>Watts, switched off.</summary>
    [Id(2)] public double Off { get; init; }

    /// <summary>From the order until it takes work.</summary>
    [Id(3)] public TimeSpan SwitchOnTime { get; init; }

    /// <summary>Joules of switching it on.</summary>
    [Id(4)] public double SwitchOnEnergy { get; init; }

    [Id(5)] public TimeSpan SwitchOffTime { get; init; }

    /// <summary>Joules of switching it off.</summary>
    [Id(6)] public double SwitchOffEnergy { get; init; }

    /// <summary>0 to 100: how well it turns energy into work, as rated; 0: not rated.</summary>
    [Id(7)] public double Rating { get; init; }
}
