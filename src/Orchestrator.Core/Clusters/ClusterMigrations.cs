using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>An operator moves running work to other nodes: it checkpoints, leaves, and asks for nodes anew, its old ones left out as long as there are others.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.migration-order")]
public sealed record MigrationOrder
{
    [Id(0)] public SimulationId Simulation { get; init; }

    /// <summary>Null: each stage that runs.</summary>
    [Id(1)] public string? Stage { get; init; }

    /// <summary>Protected work too, and work that is not known to make checkpoints and would begin anew.</summary>
    [Id(2)] public bool Force { get; init; }

    [Id(3)] public string Reason { get; init; } = "";
}

/// <summary>What follows from such an order.</summary>
public static class ClusterMigrations
{
    /// <summary>Who makes way; nobody, when all that is meant leaves already. With a problem nobody is moved: nothing runs, it is protected, it would begin anew, or it made way a short while ago.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="order">What is asked.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="settings">Time to checkpoint and leave, and how long it is left alone after it made way.</param>
    /// <param name="checkpointed">When running attempts last made a checkpoint, of those of which that is known.</param>
    /// <param name="now">The present.</param>
    public static (ImmutableArray<Preemption> Moved, string? Problem) Of(ClusterState state, MigrationOrder order, string by, PreemptionSettings settings, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpointed, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(checkpointed);
        ClusterLease[] running =
        [
            .. state.Leases.Values.Where(lease => lease.State == LeaseState.Granted && lease.Request.Attempt.Simulation == order.Simulation && (order.Stage is null || lease.Request.Attempt.Stage == order.Stage))
                .OrderBy(static lease => lease.Request.Attempt.ToString(), StringComparer.Ordinal),
        ];
        if (running.Length == 0)
        {
            return ([], $"{(order.Stage is null ? "simulation" : "stage")}: nothing of {order.Simulation}{(order.Stage is null ? "" : $"/{order.Stage}")} holds nodes now.");
        }

        ClusterLease[] staying = [.. running.Where(static lease => lease.Stop == StopReason.Absent)];
        if (staying.Length == 0)
        {
            return ([], null);
        }

        if (!order.Force && staying.FirstOrDefault(static lease => lease.Request.Protected) is { } kept)
        {
            return ([], $"force: {kept.Request.Attempt} is protected; with force it is moved nevertheless, which is recorded.");
        }

        if (!order.Force && staying.FirstOrDefault(lease => !lease.Request.CanCheckpoint && !checkpointed.ContainsKey(lease.Request.Attempt)) is { } fresh)
        {
            return ([], $"force: {fresh.Request.Attempt} is not known to make checkpoints: it would begin anew, and what it did since {Moment(fresh.GrantedAt)} would be lost; with force it is moved nevertheless.");
        }

        if (state.Preempted.GetValueOrDefault(order.Simulation.Value, []) is [.., var last] && last + settings.Cooldown is var from && from > now)
        {
            return ([], $"simulation: {order.Simulation} made way at {Moment(last)}, and is left alone until {Moment(from)}; from then on it may be moved.");
        }

        return
        (
            [
                .. staying.Select(lease => new Preemption
                {
                    Victim = lease.Request.Attempt,
                    Trigger = PreemptionTrigger.Admin,
                    For = by,
                    StopBy = now + settings.CheckpointWait,
                    Action = PreemptionAction.Migrate,
                    Reason = order.Reason.Length == 0 ? "to other nodes" : order.Reason,
                }),
            ],
            null
        );
    }

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
