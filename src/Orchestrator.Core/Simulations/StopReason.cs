namespace Orchestrator.Core.Simulations;

/// <summary>Why a running attempt is asked to leave.</summary>
[GenerateSerializer, Alias("orchestrator.stop-reason")]
public enum StopReason
{
    Absent = 0,
    Cancel = 1,
    Pause = 2,
    Drain = 3,
    Walltime = 4,
    Preemption = 5,

    /// <summary>Its nodes are needed for maintenance.</summary>
    Maintenance = 6,

    /// <summary>It uses more than it declared.</summary>
    Excess = 7,
}
