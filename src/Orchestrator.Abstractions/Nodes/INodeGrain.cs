using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>One node, by its id: what it has, whether it is seen, and the leases that its agent is to hold.</summary>
[Alias("orchestrator.node")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>An agent starts, or starts again, on the node. A repeat changes nothing. A second agent beside a living one is refused.</summary>
    [Alias("register")]
    Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken = default);

    /// <summary>The agent lives. Changes memory only, unless the node had been given up or what it runs changed.</summary>
    [Alias("heartbeat")]
    Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default);

    /// <summary>The leases that the agent is to hold, at once: the wait for a change is the gateway's.</summary>
    [Alias("get-wanted"), ReadOnly]
    Task<WantedLeases> GetWantedAsync(CancellationToken cancellationToken = default);

    /// <summary>The cluster says which leases the node is to hold. An older version than the stored one changes nothing.</summary>
    [Alias("set-wanted")]
    Task SetWantedAsync(WantedLeases wanted, CancellationToken cancellationToken = default);

    /// <summary>Drains or resumes. A repeat changes nothing.</summary>
    [Alias("control")]
    Task<NodeControlReply> ControlAsync(NodeOrder order, CancellationToken cancellationToken = default);

    /// <summary>Everything known of it; null when it never registered.</summary>
    [Alias("get"), ReadOnly]
    Task<NodeView?> GetAsync(CancellationToken cancellationToken = default);
}
