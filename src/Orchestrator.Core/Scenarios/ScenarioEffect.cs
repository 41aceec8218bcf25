using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scenarios;

/// <summary>What a comparison owes the world. Each is safe to do twice.</summary>
public abstract record ScenarioEffect
{
    private ScenarioEffect()
    {
    }

    /// <summary>Events to the log.</summary>
    public sealed record Publish(ImmutableArray<OrchestratorEvent> Events) : ScenarioEffect;

    /// <summary>How far it has read, so that the log keeps the rest for it.</summary>
    public sealed record KeepCursors(ImmutableSortedDictionary<SimulationId, long> Cursors) : ScenarioEffect;

    /// <summary>It reads these simulations no more, or none (empty), so that the log need keep nothing for it.</summary>
    public sealed record ForgetCursors(ImmutableArray<SimulationId> Simulations) : ScenarioEffect;

    /// <summary>The reminder, while it lives.</summary>
    public sealed record SetReminder(bool Keep) : ScenarioEffect;

    /// <summary>A simulation is told to pause, to go on, or what it counts.</summary>
    public sealed record Tell(SimulationId Simulation, MemberOrder Order) : ScenarioEffect;
}
