using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>Where one stage stands during a replay.</summary>
internal enum WorkPhase
{
    Absent = 0,

    /// <summary>Stages before it are not done.</summary>
    Blocked = 1,
    Waiting = 2,

    /// <summary>It has nodes and does not compute yet.</summary>
    Starting = 3,
    Computing = 4,
    Writing = 5,

    /// <summary>A node of it failed, and nobody noticed.</summary>
    Lost = 6,
    Done = 7,
}

/// <summary>One stage during a replay. Moments and times are ticks.</summary>
internal sealed class ReplayedWork
{
    public required int Index { get; init; }

    public required SimulationId Simulation { get; init; }

    public required string Stage { get; init; }

    public required ResourceRequest Resources { get; init; }

    public required CheckpointPolicy Checkpoint { get; init; }

    public required Ownership Owner { get; init; }

    public PriorityClass Priority { get; init; }

    public bool Protected { get; init; }

    public bool CanCheckpoint { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The number of its group of users; -1: it is of a campaign.</summary>
    public int Group { get; init; } = -1;

    /// <summary>The number of its user in the group.</summary>
    public int User { get; init; }

    /// <summary>What it really takes.</summary>
    public required long Work { get; init; }

    public required long Estimate { get; init; }

    public long Walltime { get; init; } = long.MaxValue;

    public long CostBase { get; init; }

    public long StartTime { get; init; }

    /// <summary>How many stages it waits for, and who waits for it.</summary>
    public int WaitsFor { get; set; }

    public List<ReplayedWork> Followers { get; } = [];

    public WorkPhase Phase { get; set; } = WorkPhase.Blocked;

    public int Epoch { get; set; }

    /// <summary>Events of an earlier one are void.</summary>
    public int Generation { get; set; }

    public long QueuedAt { get; set; }

    /// <summary>When its nodes were granted.</summary>
    public long GrantedAt { get; set; }

    /// <summary>When the phase began.</summary>
    public long Since { get; set; }

    /// <summary>Work that was done when the phase began.</summary>
    public long Progress { get; set; }

    /// <summary>Work that its newest checkpoint holds.</summary>
    public long Durable { get; set; }

    /// <summary>The moment whose state that is, in this attempt; -1: of an earlier attempt, or none.</summary>
    public long DurableAt { get; set; } = -1;

    /// <summary>From when on the next checkpoint is counted.</summary>
    public long CountedFrom { get; set; }

    public TimeSpan? Cost { get; set; }

    public long Exposure { get; set; }

    public int NodeLosses { get; set; }

    public ImmutableArray<NodeShare> Shares { get; set; } = [];

    public int[] Nodes { get; set; } = [];

    public long StopBy { get; set; } = -1;

    /// <summary>Its lease in the workspace is older than its newest checkpoint.</summary>
    public bool IsStale { get; set; }

    public bool StartedByPreemption { get; set; }

    /// <summary>When a node of it failed; -1: it is not recovering.</summary>
    public long FailedAt { get; set; } = -1;

    /// <summary>When it left for a window; -1: it is not moving.</summary>
    public long MovedAt { get; set; } = -1;

    /// <summary>Preemptions of the last day.</summary>
    public ImmutableArray<DateTimeOffset> Preempted { get; set; } = [];

    public long SubmittedAt { get; set; } = -1;

    public long FirstStart { get; set; } = -1;

    public long EndedAt { get; set; } = -1;

    /// <summary>In the queue, all times together.</summary>
    public long Waited { get; set; }

    public long WaitLongest { get; set; }

    /// <summary>Holding nodes, all times together.</summary>
    public long Held { get; set; }

    public long WorkLost { get; set; }

    public long LossLargest { get; set; }

    public int Checkpoints { get; set; }

    public long CheckpointTime { get; set; }

    public int Preemptions { get; set; }

    public int Relocations { get; set; }

    public AttemptId Attempt => new(Simulation, Stage, Epoch);

    public long CoresTaken => (long)Resources.Nodes * Resources.CoresPerNode;
}
