namespace Orchestrator.Core.Events;

/// <summary>The pinned names of events.</summary>
public static class EventKinds
{
    public const string SimulationSubmitted = "simulation-submitted";
    public const string SimulationPausing = "simulation-pausing";
    public const string SimulationPaused = "simulation-paused";
    public const string SimulationResumed = "simulation-resumed";
    public const string SimulationCancelling = "simulation-cancelling";
    public const string SimulationCompleted = "simulation-completed";
    public const string SimulationFailed = "simulation-failed";
    public const string SimulationCancelled = "simulation-cancelled";

    public const string StageQueued = "stage-queued";

    /// <summary>An attempt got its nodes.</summary>
    public const string StageGranted = "stage-granted";

    /// <summary>The program of an attempt runs; with the checkpoint it went on from.</summary>
    public const string StageStarted = "stage-started";
    public const string StageProgressed = "stage-progressed";

    /// <summary>It is not heard to get further, and not judged, since nobody can see whether it does: its node is out of sight, or the storage away.</summary>
    public const string StageUnclear = "stage-unclear";
    public const string StageCompleted = "stage-completed";
    public const string StageFailed = "stage-failed";
    public const string StageSkipped = "stage-skipped";

    /// <summary>Stages or edges were added while it ran; with the stage that wrote them, if one did.</summary>
    public const string StagesAdded = "stages-added";
    public const string StagesRefused = "stages-refused";
    public const string StageHeld = "stage-held";
    public const string StageReleased = "stage-released";
    public const string StageApproved = "stage-approved";
    public const string StageBypassed = "stage-bypassed";

    /// <summary>Other resources or another priority were ordered.</summary>
    public const string StageChanged = "stage-changed";
    public const string StageRerun = "stage-rerun";

    /// <summary>It had ended, and goes on since a stage was ordered to run again.</summary>
    public const string SimulationReopened = "simulation-reopened";

    /// <summary>An attempt is over, however it ended; carries its use.</summary>
    public const string AttemptEnded = "attempt-ended";

    /// <summary>An attempt uses more memory or cores than it declared; with how much of both.</summary>
    public const string UsesMoreThanDeclared = "uses-more-than-declared";
    public const string CheckpointOrdered = "checkpoint-ordered";
    public const string CheckpointCommitted = "checkpoint-committed";
    public const string CheckpointProven = "checkpoint-proven";
    public const string CheckpointDamaged = "checkpoint-damaged";
    /// <summary>A file system does not give the bytes of a checkpoint, and an older one was taken.</summary>
    public const string CheckpointUnreadable = "checkpoint-unreadable";

    /// <summary>What a program called a checkpoint could not be read or made durable.</summary>
    public const string CheckpointFailed = "checkpoint-failed";

    /// <summary>There is no room for checkpoints: older ones are pruned, smaller ones are asked for.</summary>
    public const string CheckpointSpaceLow = "checkpoint-space-low";
    public const string CheckpointSpaceWell = "checkpoint-space-well";

    public const string CheckpointScheduled = "checkpoint-scheduled";

    public const string CheckpointDeleted = "checkpoint-deleted";

    public const string PreviewOrdered = "preview-ordered";

    /// <summary>A program wrote a preview of its result.</summary>
    public const string PreviewMade = "preview-made";

    /// <summary>Something failed, or is about to; what is done about it comes with it.</summary>
    public const string FailureDetected = "failure-detected";

    /// <summary>What had failed runs again.</summary>
    public const string FailureRecovered = "failure-recovered";

    /// <summary>Nothing more is tried: a person is asked.</summary>
    public const string FailureAbandoned = "failure-abandoned";

    /// <summary>Checkpoints cost many times what they usually do.</summary>
    public const string StorageSlow = "storage-slow";
    public const string StorageWell = "storage-well";

    /// <summary>A report of an older epoch came and changed nothing.</summary>
    public const string ReportStale = "report-stale";
    public const string EstimateChanged = "estimate-changed";

    public const string NodeRegistered = "node-registered";
    public const string NodeLost = "node-lost";
    public const string NodeRecovered = "node-recovered";
    public const string NodeLeft = "node-left";
    public const string NodeDraining = "node-draining";
    public const string NodeResumed = "node-resumed";

    /// <summary>A node is slowed down by others, or about to run out of something: it gets no new work.</summary>
    public const string NodeDegraded = "node-degraded";

    /// <summary>It is as it should be again.</summary>
    public const string NodeEased = "node-eased";

    /// <summary>A node comes and goes: it gets no new work for a while.</summary>
    public const string NodeQuarantined = "node-quarantined";
    public const string NodeReleased = "node-released";

    /// <summary>Running work was chosen to make way; with for whom, and why.</summary>
    public const string AttemptPreempted = "attempt-preempted";

    /// <summary>Running work is moved at a checkpoint with little lost.</summary>
    public const string AttemptRelocated = "attempt-relocated";

    public const string WindowAdded = "window-added";
    public const string WindowMoved = "window-moved";

    /// <summary>It is time, and its nodes are not empty yet.</summary>
    public const string WindowBlocked = "window-blocked";
    public const string WindowStarted = "window-started";
    public const string WindowCompleted = "window-completed";
    public const string WindowCancelled = "window-cancelled";

    public const string ReservationConfirmed = "reservation-confirmed";
    public const string ReservationChanged = "reservation-changed";
    public const string ReservationStarted = "reservation-started";
    public const string ReservationCompleted = "reservation-completed";
    public const string ReservationCancelled = "reservation-cancelled";

    /// <summary>Somebody else got its nodes.</summary>
    public const string ReservationPreempted = "reservation-preempted";
    public const string ConflictFound = "conflict-found";
    public const string ConflictResolved = "conflict-resolved";

    public const string PriorityChanged = "priority-changed";
    public const string DeadlineChanged = "deadline-changed";
    public const string PolicyChanged = "policy-changed";
    public const string LicencesChanged = "licences-changed";

    /// <summary>Another energy mode, or other prices.</summary>
    public const string EnergyChanged = "energy-changed";

    /// <summary>Shares, guarantees, limits or budgets of an account are others.</summary>
    public const string AccountChanged = "account-changed";

    /// <summary>80 % of a budget are used.</summary>
    public const string BudgetWarned = "budget-warned";

    /// <summary>90 % of a budget are used.</summary>
    public const string BudgetDegraded = "budget-degraded";

    /// <summary>A budget is used up.</summary>
    public const string BudgetHalted = "budget-halted";

    /// <summary>What is compared was said, or said anew.</summary>
    public const string ScenarioDefined = "scenario-defined";
    public const string ScenarioEvaluated = "scenario-evaluated";

    /// <summary>Priorities or shares of scenarios were thought over and changed, or a person set one.</summary>
    public const string ScenarioReprioritized = "scenario-reprioritized";
}
