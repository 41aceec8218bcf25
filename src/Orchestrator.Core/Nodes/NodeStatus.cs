namespace Orchestrator.Core.Nodes;

/// <summary>What is known of a node: three-valued, since a node that is not heard of may be alive.</summary>
[GenerateSerializer, Alias("orchestrator.node-status")]
public enum NodeStatus
{
    Absent = 0,

    /// <summary>A heartbeat came within the detection window.</summary>
    Alive = 1,

    /// <summary>No heartbeat yet since the silo looks; leases stand until the detection window is over.</summary>
    NotSeen = 2,

    /// <summary>No heartbeat for a detection window: its leases are expired. Its processes may still run and are fenced.</summary>
    Lost = 3,

    /// <summary>Known to be gone: its agent said goodbye, or the batch system says so.</summary>
    SeenDead = 4,
}
