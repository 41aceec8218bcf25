using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Events;
using Orchestrator.Storage;

namespace Orchestrator.Grains.Simulations;

/// <summary>Does what simulations owe. It looks at nothing but the effect, so that it may run between the turns of the grain.</summary>
internal sealed class SimulationEffects(IGrainFactory grains, EventPublisher events, ISimulationIndex index, IHistory history, ICheckpointFiles files, IRunFiles runs)
{
    /// <summary>Does one effect and returns what the machine is told of it.</summary>
    /// <param name="effect">Everything but <see cref="SimulationEffect.RemoveReminder"/>, which is the grain's own.</param>
    /// <param name="cancellationToken">Gives up; the effect is done again.</param>
    public async Task<SimulationInput> PerformAsync(SimulationEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case SimulationEffect.AppendEvents append:
                await events.PublishAsync(append.Events, cancellationToken: cancellationToken);
                return new SimulationInput.EventsLogged(append.Events[^1].Sequence);
            case SimulationEffect.WriteIndex write:
                await index.UpsertAsync(SimulationViews.Row(write.State), cancellationToken);
                return new SimulationInput.Indexed(write.State.Version);
            case SimulationEffect.KeepHistory keep:
                await history.AppendAsync([.. keep.Rows.Select(row => Row(keep.Simulation, row))], cancellationToken);
                return new SimulationInput.HistoryKept(keep.Rows[^1].Sequence);
            case SimulationEffect.ReleaseLease release:
                await (release.Ending is { } ending
                    ? Cluster(release.Cluster).EndAsync(release.Attempt, ending, cancellationToken)
                    : Cluster(release.Cluster).ReleaseAsync(release.Attempt, cancellationToken));
                return release.Done;
            case SimulationEffect.RequestLease request:
                return new SimulationInput.LeaseRequested(await Cluster(request.Cluster).RequestAsync(request.Request, cancellationToken));
            case SimulationEffect.OrderLease order:
                return new SimulationInput.OrderSent(order.Order, await Cluster(order.Cluster).OrderAsync(order.Order, cancellationToken));
            case SimulationEffect.ReadLease read:
                return new SimulationInput.LeaseSeen(await Cluster(read.Cluster).ReadLeaseAsync(read.Attempt, read.CheckpointedAt, cancellationToken));
            case SimulationEffect.SeeNodes see:
                return new SimulationInput.NodesSeen(see.Attempt, await DoubtAsync(see, cancellationToken));
            case SimulationEffect.DeleteCheckpoint delete:
                await files.DeleteAsync(delete.Checkpoint, cancellationToken);
                return new SimulationInput.FilesDeleted(delete.Checkpoint.Attempt, delete.Checkpoint.Name);
            case SimulationEffect.ClearRun clear:
                var lease = await Cluster(clear.Cluster).GetLeaseAsync(clear.Clearing.Attempt, cancellationToken);
                return new SimulationInput.RunCleared(clear.Clearing, lease.IsGone && await runs.ClearAsync(clear.Clearing, cancellationToken));
            default:
                throw new System.Diagnostics.UnreachableException($"Nothing performs {effect.GetType().Name}.");
        }
    }

    /// <summary>The first node of which nothing can be said speaks for all: a gang gets on together.</summary>
    private async Task<string?> DoubtAsync(SimulationEffect.SeeNodes see, CancellationToken cancellationToken)
    {
        foreach (var node in see.Nodes)
        {
            var view = await grains.GetGrain<INodeGrain>(node.Value).GetAsync(cancellationToken);
            if (view is null || view.Unclear is not null)
            {
                return view?.Unclear ?? $"nothing is known of {node}";
            }
        }

        return null;
    }

    private static HistoryRow Row(SimulationId simulation, HistoryDraft draft) => draft switch
    {
        { Attempt: { } attempt } => Row(simulation, draft, HistoryKinds.Attempt, SimulationViews.Attempt(simulation, draft.Stage, attempt)),
        { Checkpoint: { } checkpoint } => Row(simulation, draft, HistoryKinds.Checkpoint, checkpoint),
        { Failure: { } failure } => Row(simulation, draft, HistoryKinds.Failure, failure),
        _ => Row(simulation, draft, HistoryKinds.Estimate, draft.Estimate),
    };

    private static HistoryRow Row<T>(SimulationId simulation, HistoryDraft draft, string kind, T payload) => new()
    {
        Kind = kind,
        Key = simulation.Value,
        Sequence = draft.Sequence,
        At = draft.At,
        Payload = JsonSerializer.SerializeToUtf8Bytes(payload, WireJson.Options),
    };

    private IClusterGrain Cluster(ClusterId cluster) => grains.GetGrain<IClusterGrain>(cluster.Value);
}
