using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios;

/// <summary>What may happen to a comparison.</summary>
public abstract record ScenarioInput
{
    private ScenarioInput()
    {
    }

    /// <summary>Somebody says what is compared.</summary>
    public sealed record Define(ScenarioDefinition Definition) : ScenarioInput;

    /// <summary>The log says what a simulation did; in its order, and without gaps but for what the log no longer has.</summary>
    public sealed record Observed(SimulationId Simulation, ImmutableArray<OrchestratorEvent> Events) : ScenarioInput;

    /// <summary>It is time to compare.</summary>
    public sealed record Evaluate : ScenarioInput;

    /// <summary>The log has its events up to this one.</summary>
    public sealed record Published(long Sequence) : ScenarioInput;

    /// <summary>The log knows these cursors.</summary>
    public sealed record CursorsKept(ImmutableSortedDictionary<SimulationId, long> Cursors) : ScenarioInput;

    /// <summary>The log no longer keeps cursors of these simulations, or of any (empty).</summary>
    public sealed record CursorsForgotten(ImmutableArray<SimulationId> Simulations) : ScenarioInput;

    /// <summary>The reminder is set, or removed.</summary>
    public sealed record ReminderSet(bool Kept) : ScenarioInput;

    /// <summary>Priorities and shares are thought over if it is time, or at once when forced.</summary>
    public sealed record Reprioritize(bool Force) : ScenarioInput;

    /// <summary>The site's own evaluator answered; its scores take the place of those of the named criteria.</summary>
    public sealed record Scored(ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> Scores) : ScenarioInput;

    /// <summary>A person sets the priority of a variant, or takes that back (null).</summary>
    public sealed record Override(string Variant, double? Priority, string By, string Note) : ScenarioInput;

    /// <summary>A simulation was told; it may have refused, because it has ended.</summary>
    public sealed record Told(SimulationId Simulation, MemberOrder Order) : ScenarioInput;
}
