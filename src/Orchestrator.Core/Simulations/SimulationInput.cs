using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What a simulation is told.</summary>
public abstract record SimulationInput
{
    private SimulationInput()
    {
    }

    /// <summary>A definition that <see cref="SimulationRules"/> found nothing wrong with.</summary>
    public sealed record Submit(SimulationDefinition Definition, int Order, DateTimeOffset? SubmittedAt = null) : SimulationInput;

    public sealed record Cancel(string? Reason, string? User = null) : SimulationInput;

    /// <summary>Asked by a person, or by the steering of a scenario set. What steering paused, a person takes over by pausing it too.</summary>
    public sealed record Pause(string? Reason, ScenarioId? By = null, string? User = null) : SimulationInput;

    /// <summary>A person ends any pause; the steering of a scenario set its own alone, any other changes nothing.</summary>
    public sealed record Resume(string? Reason, ScenarioId? By = null, string? User = null) : SimulationInput;

    /// <summary>An operator answers for it that lost attempts which write shared paths are dead.</summary>
    public sealed record DeclareDead(string? Reason) : SimulationInput;

    /// <summary>Everything that runs makes a checkpoint now.</summary>
    public sealed record Checkpoint(string? Reason) : SimulationInput;

    /// <summary>Everything that runs at that time makes a checkpoint then; now, when it has passed.</summary>
    public sealed record ScheduleCheckpoint(DateTimeOffset At) : SimulationInput;

    /// <summary>Each stage that runs and makes previews, or one of them, makes one now: of this level in percent, or 0 for the one of its progress.</summary>
    public sealed record Preview(string? Stage, int Level, string? User = null) : SimulationInput;

    /// <summary>What was wanted for later is not wanted any more.</summary>
    public sealed record UnscheduleCheckpoints : SimulationInput;

    /// <summary>A person saw a failure of a stage: it is put on record, and nothing is done about it unless somebody does.</summary>
    public sealed record ReportFailure(string Stage, FailureReport Report, string? User = null) : SimulationInput;

    /// <summary>A person says how a recovery went, or that it is given up; a failure that is not open changes nothing.</summary>
    public sealed record EndRecovery(string Stage, long Number, RecoveryEnding Ending, string? Details, string? User = null) : SimulationInput;

    /// <summary>A checkpoint stays whatever retention says, or does not any more; one that is not there changes nothing.</summary>
    public sealed record PinCheckpoint(string Stage, string Name, bool Pinned) : SimulationInput;

    /// <summary>Of each stage, or of one, the newest so many checkpoints stay, and what always does.</summary>
    public sealed record PruneCheckpoints(string? Stage, int Keep) : SimulationInput;

    /// <summary>Somebody read a checkpoint and found that its bytes are not what they were.</summary>
    public sealed record DistrustCheckpoint(string Stage, string Name) : SimulationInput;

    /// <summary>Another checkpoint policy for each stage, or for one; what runs gets the timing at once, the rest with its next attempt.</summary>
    public sealed record ChangeCheckpointPolicy(string? Stage, CheckpointPolicy Policy) : SimulationInput;

    /// <summary>Stages are added, or a person asks something of one stage.</summary>
    public sealed record Steer(StageOrder Order) : SimulationInput;

    /// <summary>An agent reports; stale, repeated and early reports change nothing.</summary>
    public sealed record Reported(AttemptReport Report) : SimulationInput;

    /// <summary>The cluster said where an attempt stands.</summary>
    public sealed record LeaseSeen(LeaseStatus Lease) : SimulationInput;

    /// <summary>The cluster answered a request for nodes: it has it, or knows a newer epoch of the stage and refuses it as unknown.</summary>
    public sealed record LeaseRequested(LeaseStatus Lease) : SimulationInput;

    /// <summary>The cluster took an order, and said where the attempt stands.</summary>
    public sealed record OrderSent(LeaseOrder Order, LeaseStatus Lease) : SimulationInput;

    /// <summary>The cluster has taken the nodes back.</summary>
    /// <param name="Attempt">Whose nodes.</param>
    /// <param name="Dead">It was told with it that nothing of it runs any more.</param>
    public sealed record Released(AttemptId Attempt, bool Dead = false) : SimulationInput;

    /// <summary>The nodes of an attempt said why its silence says nothing of it, as a sentence; null: they are in sight, and their storage answers.</summary>
    public sealed record NodesSeen(AttemptId Attempt, string? Doubt) : SimulationInput;

    /// <summary>Something changed at the cluster: ask it.</summary>
    public sealed record Nudged : SimulationInput;

    /// <summary>Time has passed.</summary>
    public sealed record Tick : SimulationInput;

    /// <summary>Events up to this one are in the log.</summary>
    public sealed record EventsLogged(long Sequence) : SimulationInput;

    /// <summary>The index shows this version.</summary>
    public sealed record Indexed(long Version) : SimulationInput;

    /// <summary>Rows up to this one are in the history.</summary>
    public sealed record HistoryKept(long Sequence) : SimulationInput;

    /// <summary>The files of a pruned checkpoint are gone.</summary>
    public sealed record FilesDeleted(AttemptId Attempt, string Name) : SimulationInput;

    /// <summary>A person needs room: of each stage, or of one, the run directories of attempts that are over go; with the newest of stages that have ended, where all are asked for.</summary>
    public sealed record CleanRuns(string? Stage, bool All) : SimulationInput;

    /// <summary>Files of an attempt are gone; not done: it may still run, or they cannot be removed, and all stays as it is.</summary>
    public sealed record RunCleared(RunClearing Clearing, bool IsDone) : SimulationInput;

    public sealed record ReminderRemoved : SimulationInput;
}
