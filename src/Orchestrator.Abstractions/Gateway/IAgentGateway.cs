using System.Collections.Immutable;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>
/// The gateway as an agent needs it. Every call may be repeated. A call that did not get an answer throws <see cref="GatewayException"/>; the agent goes on without it,
/// for hours if need be, and tries again.
/// </summary>
public interface IAgentGateway
{
    /// <summary>The agent introduces itself, at its start and whenever a heartbeat is answered with <see cref="HeartbeatVerdict.Register"/>.</summary>
    Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken = default);

    Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default);

    /// <summary>The leases to hold: at once when their version is above <paramref name="after"/>, else when it changes, at the latest after <paramref name="wait"/>.</summary>
    /// <param name="node">This node.</param>
    /// <param name="after">The version that was carried out last; -1 at the start, which is always answered at once.</param>
    /// <param name="wait">How long the gateway may hold the answer back.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<WantedLeases> WaitForWantedAsync(NodeId node, long after, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Delivers reports in their order; one reply for each.</summary>
    Task<ImmutableArray<ReportReply>> ReportAsync(NodeId node, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken = default);

    /// <summary>What to start for an attempt that this node leads.</summary>
    Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default);
}
