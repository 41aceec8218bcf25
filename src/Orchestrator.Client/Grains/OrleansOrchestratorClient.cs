using System.Runtime.CompilerServices;
using Orchestrator.Abstractions.Access;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orleans.Runtime;

namespace Orchestrator.Client.Grains;

/// <summary>
/// The verbs of <see cref="OrchestratorClient"/> for an application that is itself an Orleans client of the cluster: grain calls without the gateway between. What only the
/// gateway has (campaign files, lists, the event log) is not here; a simulation is followed by <see cref="FollowAsync"/>. The cluster refuses calls without a valid token.
/// </summary>
/// <param name="client">Connected to the cluster.</param>
/// <param name="token">As made by <c>orchestrator token create</c>; null where the cluster asks for none.</param>
/// <param name="clock">For the waits between looks; null: the system's.</param>
public sealed class OrleansOrchestratorClient(IClusterClient client, string? token = null, TimeProvider? clock = null)
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;

    /// <summary>Submits one simulation; its owner's user and its cluster are the caller's to set. A repeat of the same definition changes nothing.</summary>
    public Task<SubmitReply> SubmitAsync(SimulationDefinition definition, int order = 0, CancellationToken cancellationToken = default) =>
        Simulation(definition.Id).SubmitAsync(new SubmitRequest { Definition = definition, Order = order }, cancellationToken);

    public Task<ControlReply> ControlAsync(SimulationId simulation, SimulationVerb verb, string? reason = null, CancellationToken cancellationToken = default) =>
        Simulation(simulation).ControlAsync(new SimulationOrder { Verb = verb, Reason = reason }, cancellationToken);

    /// <summary>Null when it was never submitted.</summary>
    public Task<SimulationView?> GetSimulationAsync(SimulationId simulation, CancellationToken cancellationToken = default) => Simulation(simulation).GetAsync(cancellationToken);

    /// <summary>The simulation as it stands, and again each time it was seen changed, until it has ended: the last view has a final status.</summary>
    /// <param name="simulation">Which; nothing comes when it was never submitted.</param>
    /// <param name="period">The time between two looks; null: one second.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<SimulationView> FollowAsync(SimulationId simulation, TimeSpan? period = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = -1L;
        while (await GetSimulationAsync(simulation, cancellationToken) is { } view)
        {
            if (view.Version != seen)
            {
                seen = view.Version;
                yield return view;
            }

            if (view.Status >= SimulationStatus.Completed)
            {
                yield break;
            }

            await Task.Delay(period ?? TimeSpan.FromSeconds(1), clock, cancellationToken);
        }
    }

    public Task<RegisterReply> RegisterNodeAsync(NodeRegistration registration, CancellationToken cancellationToken = default) => Node(registration.Node).RegisterAsync(registration, cancellationToken);

    public Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default) => Node(heartbeat.Node).HeartbeatAsync(heartbeat, cancellationToken);

    public Task<NodeControlReply> ControlNodeAsync(NodeId node, NodeVerb verb, string? reason = null, CancellationToken cancellationToken = default) =>
        Node(node).ControlAsync(new NodeOrder { Verb = verb, Reason = reason }, cancellationToken);

    /// <summary>Null when it never registered.</summary>
    public Task<NodeView?> GetNodeAsync(NodeId node, CancellationToken cancellationToken = default) => Node(node).GetAsync(cancellationToken);

    public Task<ClusterView> GetClusterAsync(ClusterId cluster, CancellationToken cancellationToken = default) => Grain<IClusterGrain>(cluster.Value).GetAsync(cancellationToken);

    /// <summary>Null when it was never defined.</summary>
    public Task<ScenarioView?> GetScenarioAsync(ScenarioId scenario, CancellationToken cancellationToken = default) => Grain<IScenarioGrain>(scenario.Value).GetAsync(cancellationToken);

    /// <summary>Sets the priority of a variant, or takes that back; null when there is no such set or variant.</summary>
    public Task<ScenarioView?> OverridePriorityAsync(ScenarioId scenario, PriorityOverride priority, CancellationToken cancellationToken = default) => Grain<IScenarioGrain>(scenario.Value).OverrideAsync(priority, cancellationToken);

    /// <summary>Thinks over priorities and shares now; null when there is no such set.</summary>
    public Task<ScenarioView?> ReprioritizeAsync(ScenarioId scenario, CancellationToken cancellationToken = default) => Grain<IScenarioGrain>(scenario.Value).ReprioritizeAsync(cancellationToken);

    /// <summary>Null when it never used anything.</summary>
    public Task<AccountView?> GetAccountAsync(AccountId account, CancellationToken cancellationToken = default) => Grain<IAccountGrain>(account.Value).GetAsync(cancellationToken);

    private ISimulationGrain Simulation(SimulationId simulation) => Grain<ISimulationGrain>(simulation.Value);

    private INodeGrain Node(NodeId node) => Grain<INodeGrain>(node.Value);

    // Called at the beginning of each call, in the caller's flow: the context goes out with the message.
    private TGrain Grain<TGrain>(string key) where TGrain : IGrainWithStringKey
    {
        if (token is not null)
        {
            RequestContext.Set(CallerKeys.Token, token);
        }

        return client.GetGrain<TGrain>(key);
    }
}
