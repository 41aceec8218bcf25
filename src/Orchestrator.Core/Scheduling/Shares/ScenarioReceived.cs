using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What a scenario that steering gave a share asked for and got at one cluster.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-received")]
public sealed record ScenarioReceived
{
    [Id(0)] public ScenarioId Set { get; init; }

    [Id(1)] public string Scenario { get; init; } = "";

    /// <summary>The share that holds, 0 to 1.</summary>
    [Id(2)] public double Asked { get; init; }

    /// <summary>Its part of the core-time that the scenarios of the set got since then, 0 to 1; 0 when none got any.</summary>
    [Id(3)] public double Received { get; init; }

    /// <summary>Since when the shares of the set are as they are.</summary>
    [Id(4)] public DateTimeOffset From { get; init; }

    /// <summary>Since then, with what runs.</summary>
    [Id(5)] public double CoreHours { get; init; }

    /// <summary>Cores that it holds now.</summary>
    [Id(6)] public long Cores { get; init; }
}
