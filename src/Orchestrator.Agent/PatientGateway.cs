using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent;

/// <summary>Whatever goes wrong in a call is a gateway that gave no usable answer: nothing that it does may end the agent, on which programs rely.</summary>
internal sealed class PatientGateway(IAgentGateway gateway) : IAgentGateway
{
    public Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken = default) =>
        CallAsync(() => gateway.RegisterAsync(registration, cancellationToken), cancellationToken);

    public Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default) =>
        CallAsync(() => gateway.HeartbeatAsync(heartbeat, cancellationToken), cancellationToken);

    public Task<WantedLeases> WaitForWantedAsync(NodeId node, long after, TimeSpan wait, CancellationToken cancellationToken = default) =>
        CallAsync(() => gateway.WaitForWantedAsync(node, after, wait, cancellationToken), cancellationToken);

    public Task<ImmutableArray<ReportReply>> ReportAsync(NodeId node, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken = default) =>
        CallAsync(() => gateway.ReportAsync(node, reports, cancellationToken), cancellationToken);

    public Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default) =>
        CallAsync(() => gateway.GetLaunchAsync(attempt, node, cancellationToken), cancellationToken);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception fault) when (fault is not GatewayException && !cancellationToken.IsCancellationRequested)
        {
            throw new GatewayException($"The answer of the gateway cannot be used: {fault.Message}", isTransient: true, fault);
        }
    }
}
