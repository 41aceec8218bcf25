using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>The live, or next, stage of a protected simulation and the nodes it has, or shall have.</summary>
public sealed record ProtectedStage
{
    public SimulationId Simulation { get; init; }

    public string Stage { get; init; } = "";

    public DateTimeOffset Start { get; init; }

    /// <summary>Of the whole stage, all of its segments; above zero.</summary>
    public TimeSpan Duration { get; init; }

    public ResourceRequest Resources { get; init; } = new();

    public ImmutableArray<NodeShare> Shares { get; init; } = [];

    public Ownership Owner { get; init; } = new();

    public PriorityClass Priority { get; init; } = PriorityClass.Medium;
}
