namespace Orchestrator.Core.Simulations;

/// <summary>Where a simulation stands. The last three are final (invariant 1).</summary>
[GenerateSerializer, Alias("orchestrator.simulation-status")]
public enum SimulationStatus
{
    Absent = 0,

    /// <summary>Accepted; no stage has started yet.</summary>
    Pending = 1,
    Running = 2,

    /// <summary>Asked to pause; attempts are leaving with a checkpoint.</summary>
    Pausing = 3,
    Paused = 4,

    /// <summary>Asked to cancel; attempts are leaving.</summary>
    Cancelling = 5,
    Completed = 10,
    Failed = 11,
    Cancelled = 12,
}
