using Orchestrator.Core.Ids;

namespace Orchestrator.Client.Events;

/// <summary>Which events to read; every member that is set narrows it.</summary>
public sealed record EventFilter
{
    public string? Campaign { get; init; }

    public SimulationId? Simulation { get; init; }

    /// <summary>One of <see cref="Core.Events.EventKinds"/>.</summary>
    public string? Kind { get; init; }
}
