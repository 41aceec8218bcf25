namespace Orchestrator.Core.Scheduling;

/// <summary>What becomes of an attempt that makes way. Whatever it is, its simulation goes on later with its progress.</summary>
[GenerateSerializer, Alias("orchestrator.preemption-action")]
public enum PreemptionAction
{
    Absent = 0,

    /// <summary>It checkpoints and stops, and waits like others.</summary>
    CheckpointAndStop = 1,

    /// <summary>It checkpoints and goes on on other nodes as soon as there are any.</summary>
    Migrate = 2,

    /// <summary>It goes back into the queue.</summary>
    Requeue = 3,

    /// <summary>It stays, with what it has: it is no victim.</summary>
    ContinueLimited = 4,

    /// <summary>The attempt is ended.</summary>
    Cancel = 5,
}
