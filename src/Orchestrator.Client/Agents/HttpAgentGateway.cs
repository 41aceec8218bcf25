using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client.Transport;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Client.Agents;

/// <summary>The gateway as an agent needs it, over HTTP. The agent has its own patience, so the client given here should have little: see <see cref="Options"/>.</summary>
public sealed class HttpAgentGateway(OrchestratorClient client) : IAgentGateway
{
    private readonly GatewayTransport transport = client.Transport;

    /// <summary>Few repeats: the agent spools its reports and tries again for as long as it lives.</summary>
    public static OrchestratorClientOptions Options { get; } = new()
    {
        RequestTimeout = TimeSpan.FromSeconds(15),
        RetryFor = TimeSpan.FromSeconds(2),
        RetryUnreachableFor = TimeSpan.Zero,
    };

    public Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken = default) =>
        CallAsync($"register {registration.Node}", transport.PostAsync<RegisterReply>($"/v1/nodes/{registration.Node}/register", registration, null, cancellationToken));

    public Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default) =>
        CallAsync($"send a heartbeat of {heartbeat.Node}", transport.PostAsync<HeartbeatReply>($"/v1/nodes/{heartbeat.Node}/heartbeat", heartbeat, null, cancellationToken));

    public Task<WantedLeases> WaitForWantedAsync(NodeId node, long after, TimeSpan wait, CancellationToken cancellationToken = default) => CallAsync(
        $"ask for the leases of {node}",
        transport.GetAsync<WantedLeases>(
            string.Create(CultureInfo.InvariantCulture, $"/v1/nodes/{node}/wanted?wait={Math.Ceiling(wait.TotalSeconds):0}") + (after < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"&after={after}")),
            cancellationToken,
            wait));

    public Task<ImmutableArray<ReportReply>> ReportAsync(NodeId node, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken = default) =>
        CallAsync($"deliver {reports.Length} reports of {node}", transport.PostAsync<ImmutableArray<ReportReply>>($"/v1/nodes/{node}/reports", reports, null, cancellationToken));

    public Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default) => CallAsync(
        $"ask how to start {attempt}",
        transport.GetAsync<LaunchReply>(
            string.Create(CultureInfo.InvariantCulture, $"/v1/simulations/{attempt.Simulation}/attempts/{OrchestratorClient.Escape(attempt.Stage)}/{attempt.Epoch}/launch?node={node}"), cancellationToken));

    private static async Task<T> CallAsync<T>(string attempted, Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (OrchestratorClientException fault)
        {
            throw new GatewayException($"could not {attempted}: {fault.Message}", fault.IsTransient, fault);
        }
    }
}
