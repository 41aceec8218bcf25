using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>A place in time that a plan keeps for an attempt that waits, if everybody runs as long as estimated. The next plan may give it another.</summary>
public sealed record PlannedPlace
{
    public AttemptId Attempt { get; init; }

    public DateTimeOffset Start { get; init; }

    /// <summary>Null: it has no estimate, so the nodes are its own from its start on.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>By node id.</summary>
    public ImmutableArray<NodeId> Nodes { get; init; } = [];
}
