using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling;

/// <summary>One attempt that waits for nodes.</summary>
public sealed record PendingRequest
{
    public AttemptId Attempt { get; init; }

    public ResourceRequest Resources { get; init; } = new();

    public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>Smaller is earlier; inside a class of priority the earlier goes first.</summary>
    public long SubmissionOrder { get; init; }

    /// <summary>
    /// How long the attempt holds its nodes at most; for a stage that is cut into segments, the segment.
    /// Null: not known, so that only nodes without a known end can take it.
    /// </summary>
    public TimeSpan? DurationEstimate { get; init; }

    /// <summary>Nodes that must not be used, for instance those on which earlier tries failed.</summary>
    public ImmutableHashSet<NodeId> Avoid { get; init; } = [];

    /// <summary>Whose work it is; "" for nobody's, which only nodes that take anyone's work run.</summary>
    public string User { get; init; } = "";
}
