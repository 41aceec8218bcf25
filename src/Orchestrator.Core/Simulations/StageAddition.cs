using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>Stages and edges that are added to a simulation that was accepted: all of them, or none.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-addition")]
public sealed record StageAddition
{
    /// <summary>1 to 120 characters, of the simulation: the same addition under the same key is taken once.</summary>
    [Id(0)] public string Key { get; init; } = "";

    [Id(1)] public ImmutableArray<StageDefinition> Stages { get; init; } = [];

    [Id(2)] public ImmutableArray<AddedEdge> Edges { get; init; } = [];

    /// <summary>The stage whose results led to it; null: a person, or nobody in particular.</summary>
    [Id(3)] public string? Parent { get; init; }
}

/// <summary>A stage that has not started waits for another one, too.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.added-edge")]
public sealed record AddedEdge
{
    /// <summary>The stage that waits.</summary>
    [Id(0)] public string Stage { get; init; } = "";

    [Id(1)] public Dependency Dependency { get; init; } = new();
}
