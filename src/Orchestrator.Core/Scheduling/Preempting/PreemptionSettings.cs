namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>When running work makes way.</summary>
public sealed record PreemptionSettings
{
    public bool Enabled { get; init; } = true;

    /// <summary>What started is left alone for so long (the guaranteed quantum).</summary>
    public TimeSpan Quantum { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After a preemption a simulation is left alone for so long.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Preemptions of one simulation in 24 hours, at most, by its class.</summary>
    public int CapCritical { get; init; }

    public int CapHigh { get; init; } = 1;

    public int CapMedium { get; init; } = 2;

    public int CapLow { get; init; } = 4;

    public int CapBackground { get; init; } = 8;

    /// <summary>How long a victim gets to checkpoint and leave.</summary>
    public TimeSpan CheckpointWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A victim that is not gone so long after its time is stuck: others are chosen, and its nodes are not counted on.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Only who waited so long may have others make way; critical work, and work that would miss its deadline, need not wait.</summary>
    public TimeSpan WaitFirst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Classes between who waits and who makes way for it, at least 1; critical work has all others make way.</summary>
    public int ClassGap { get; init; } = 1;

    /// <summary>
    /// What is lost by those who make way (work since their last checkpoints, and restarts) is at most this part of what the one they make way for is going to do, in core-time: else it does not pay, and it
    /// waits. For critical work, deadlines at risk, and work of no known length it may be any. Not negative.
    /// </summary>
    public double LossPart { get; init; } = 1;

    /// <summary>Work whose deadline leaves less slack than this is at risk, and need not wait first.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromHours(2);

    /// <summary>So many of the first that wait are looked at in one plan; at least 1.</summary>
    public int TriesMax { get; init; } = 16;
}
