using Orchestrator.Core.Workflows;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>A simulation to be accepted.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.submit-request")]
public sealed record SubmitRequest
{
    /// <summary>Compiled; its owner's user and its cluster are set by whoever accepts it.</summary>
    [Id(0)] public SimulationDefinition Definition { get; init; } = new();

    /// <summary>Its place in its campaign, from 0: the order among simulations that were submitted at once.</summary>
    [Id(1)] public int Order { get; init; }

    /// <summary>When its campaign was submitted, the same for all of it; null: now.</summary>
    [Id(2)] public DateTimeOffset? SubmittedAt { get; init; }
}
