using Orchestrator.Core.Simulations;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>What became of an order.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.control-reply")]
public sealed record ControlReply
{
    [Id(0)] public ControlOutcome Outcome { get; init; }

    /// <summary>The status after the order.</summary>
    [Id(1)] public SimulationStatus Status { get; init; }

    /// <summary>With a refusal: the reason, as a sentence.</summary>
    [Id(2)] public string? Reason { get; init; }
}

/// <summary>What became of an order.</summary>
[GenerateSerializer, Alias("orchestrator.control-outcome")]
public enum ControlOutcome
{
    Absent = 0,
    Accepted = 1,

    /// <summary>It was so already.</summary>
    Unchanged = 2,

    /// <summary>Nothing has this id.</summary>
    NotFound = 3,

    /// <summary>Its status does not allow it, for instance because it has ended.</summary>
    Refused = 4,
}
