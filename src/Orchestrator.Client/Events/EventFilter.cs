using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Client.Events;

/// <summary>Which events to read; every member that is set narrows it.</summary>
public sealed record EventFilter
{
    public string? Campaign { get; init; }

    public SimulationId? Simulation { get; init; }

    /// <summary>One of <see cref="Core.Events.EventKinds"/>, or several with commas.</summary>
    public string? Kind { get; init; }

    /// <summary>Of this level and above; absent: of all.</summary>
    public EventLevel Level { get; init; }
}
