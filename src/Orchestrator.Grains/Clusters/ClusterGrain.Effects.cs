using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Events;

namespace Orchestrator.Grains.Clusters;

/// <summary>What the cluster owes to others, and what it hears of them while it does it.</summary>
internal sealed partial class ClusterGrain
{
    private static string LaneOf(ClusterEffect effect) => effect switch
    {
        ClusterEffect.SetWanted wanted => $"wanted/{wanted.Node}",
        ClusterEffect.Pull pull => $"node/{pull.Node}",
        ClusterEffect.Nudge nudge => $"simulation/{nudge.Simulation}",
        ClusterEffect.Switch power => $"power/{power.Node}",
        ClusterEffect.Survey => "survey",
        ClusterEffect.Exchange exchange => $"account/{exchange.Account}",
        ClusterEffect.Plan => "plan",
        ClusterEffect.Publish => "log",
        _ => throw new UnreachableException($"A cluster has no lane for {effect}."),
    };

    private async Task<ClusterOutcome> PerformAsync(ClusterEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case ClusterEffect.SetWanted wanted:
                await GrainFactory.GetGrain<INodeGrain>(wanted.Node.Value).SetWantedAsync(new() { Version = wanted.Version, Leases = wanted.Leases }, cancellationToken);
                return new(effect, null);
            case ClusterEffect.Pull pull:
                return new(effect, await PullAsync(pull.Node, cancellationToken) is { } seen ? new ClusterInput.Observed(seen) : null);
            case ClusterEffect.Survey survey:
                return new(effect, new ClusterInput.Surveyed(await PullAllAsync(survey.Nodes, cancellationToken), watchedSince));
            case ClusterEffect.Nudge nudge:
                await GrainFactory.GetGrain<ISimulationGrain>(nudge.Simulation.Value).NudgeAsync();
                return new(effect, null);
            case ClusterEffect.Switch power:
                if (ServiceProvider.GetService<INodeSwitch>() is { } switches)
                {
                    await switches.SwitchAsync(power.Node, power.On, cancellationToken);
                }

                return new(effect, null);
            case ClusterEffect.Exchange exchange:
                var reply = await GrainFactory.GetGrain<IAccountGrain>(exchange.Account.Value).ExchangeAsync(exchange.Order, cancellationToken);
                return new(effect, new ClusterInput.EscrowAnswered(exchange.Account, reply));
            case ClusterEffect.Publish publish:
                await ServiceProvider.GetRequiredService<EventPublisher>().PublishAsync([.. publish.Events.Select(told => told with { Source = Key })], cancellationToken: cancellationToken);
                return new(effect, new ClusterInput.Published(publish.Events[^1].Sequence));
            case ClusterEffect.Plan:
                return new(effect, await PlanAsync(cancellationToken));
            default:
                throw new UnreachableException($"A cluster does not know how to do {effect}.");
        }
    }

    private async Task<NodeObservation?> PullAsync(NodeId node, CancellationToken cancellationToken) =>
        await GrainFactory.GetGrain<INodeGrain>(node.Value).GetAsync(cancellationToken) is { } view ? ClusterViews.Observe(view, Key) : null;

    private async Task<ImmutableArray<NodeObservation>> PullAllAsync(ImmutableArray<NodeId> ids, CancellationToken cancellationToken)
    {
        var seen = ImmutableArray.CreateBuilder<NodeObservation>(ids.Length);
        foreach (var some in ids.Chunk(options.Value.SurveyWidth))
        {
            foreach (var observation in await Task.WhenAll(some.Select(node => PullOrPassAsync(node, cancellationToken))))
            {
                if (observation is not null)
                {
                    seen.Add(observation);
                }
            }
        }

        return seen.ToImmutable();
    }

    /// <summary>A node that cannot be asked is out of sight of this look, and keeps nobody from seeing the others.</summary>
    private async Task<NodeObservation?> PullOrPassAsync(NodeId node, CancellationToken cancellationToken)
    {
        try
        {
            return await PullAsync(node, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            ClusterGrainLog.NodeNotRead(logger, Key, node, error);
            return null;
        }
    }

    /// <summary>
    /// One plan, on what is stored by then. It is made at once after a pause; else what happens until the interval is over is planned together. That is real time, whatever clock
    /// grains go by: it spares the machine.
    /// </summary>
    private async Task<ClusterInput> PlanAsync(CancellationToken cancellationToken)
    {
        var since = plannedAtTimestamp == 0 ? TimeSpan.MaxValue : realClock.GetElapsedTime(plannedAtTimestamp);
        if (since < options.Value.PlanInterval)
        {
            await Task.Delay(options.Value.PlanInterval - since, realClock, cancellationToken);
        }

        plannedAtTimestamp = realClock.GetTimestamp();
        var state = store.State;
        var plan = await planner.PlanAsync(state, checkpoints, clock.GetUtcNow(), cancellationToken);
        Metrics.Planned(realClock.GetElapsedTime(plannedAtTimestamp));
        return new ClusterInput.Planned(plan, planner.PlannedTo);
    }

    private async Task ApplyAsync(ClusterOutcome outcome)
    {
        if (outcome.Input is { } input && !IsOfAStrangeNode(input))
        {
            await StepAsync(input);
        }

        // Only now: what could not be stored is still owed.
        switch (outcome.Effect)
        {
            case ClusterEffect.SetWanted wanted:
                duties = duties.Told(wanted.Node, wanted.Version);
                break;
            case ClusterEffect.Pull pull:
                duties = duties.Pulled(pull.Node, pull.Ticket);
                break;
            case ClusterEffect.Survey survey:
                duties = duties.Surveyed(survey.Ticket);
                if (ClusterMachine.NeedsSurvey(store.State, policy))
                {
                    // Losses are held back: look again when the next heartbeats are due.
                    surveys.Change(policy.HeartbeatInterval, policy.DetectionWindow);
                }

                break;
            case ClusterEffect.Switch power:
                duties = duties.Switched(power.Node, power.Ticket);
                break;
            case ClusterEffect.Nudge nudge:
                duties = duties.Nudged(nudge.Simulation, nudge.Ticket);
                break;
            case ClusterEffect.Plan when outcome.Input is ClusterInput.Planned planned:
                duties = duties.Planned(planned.Version);
                changeAt = planned.Plan.NextChange;
                ArmEdges();
                break;
        }
    }

    /// <summary>A node that is of another cluster and never was of this one.</summary>
    private bool IsOfAStrangeNode(ClusterInput input) =>
        input is ClusterInput.Observed { Node.Inventory: { Status: NodeStatus.SeenDead } inventory } && !store.State.Nodes.ContainsKey(inventory.Id.Value);
}
