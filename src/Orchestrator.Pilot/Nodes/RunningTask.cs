using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Nodes;

/// <summary>A task that runs on this machine.</summary>
internal sealed class RunningTask
{
    public required TaskLease Lease { get; init; }

    public required int Process { get; init; }

    public required string Id { get; init; }

    public required TaskDemand Demand { get; init; }

    /// <summary>Its processors, as places in the pilot's list; null: not pinned.</summary>
    public int[]? Processors { get; init; }

    public int[] Gpus { get; init; } = [];

    public int Slot { get; init; }

    public required long StartedAt { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Why the pilot ends it; Absent: it does not.</summary>
    public TaskOutcome EndedAs { get; set; }

    public bool IsKilled { get; set; }
}
