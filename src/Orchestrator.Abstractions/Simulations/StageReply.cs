using System.Collections.Immutable;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>What became of an order about stages.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-reply")]
public sealed record StageReply
{
    [Id(0)] public ControlOutcome Outcome { get; init; }

    /// <summary>Of the simulation, after the order.</summary>
    [Id(1)] public SimulationStatus Status { get; init; }

    /// <summary>With a refusal: everything that speaks against it, as sentences.</summary>
    [Id(2)] public ImmutableArray<string> Problems { get; init; } = [];
}
