using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// What is asked of a granted attempt. Level-triggered: it is the newest wish, not a queue; a repeat, an older checkpoint number and a later stop change nothing.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-order")]
public sealed record LeaseOrder
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>The number of the newest checkpoint order; 0: none. A larger number than the last one seen asks for one checkpoint.</summary>
    [Id(1)] public long Checkpoint { get; init; }

    /// <summary>Leave with a checkpoint, and be gone by then; KILL follows. Null: stay.</summary>
    [Id(2)] public DateTimeOffset? StopBy { get; init; }

    [Id(3)] public StopReason Reason { get; init; }

    /// <summary>What the checkpoint order asks for; absent: a full one.</summary>
    [Id(4)] public CheckpointKind CheckpointKind { get; init; }

    /// <summary>The number of the newest preview order; 0: none. A larger number than the last one seen asks for one preview.</summary>
    [Id(10)] public long Preview { get; init; }

    /// <summary>What the preview order asks for, in percent of the final quality.</summary>
    [Id(11)] public int PreviewLevel { get; init; }
}
