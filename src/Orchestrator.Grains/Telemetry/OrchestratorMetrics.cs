using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Grains.Telemetry;

/// <summary>
/// What this process measures of itself, as instruments of the meter <see cref="MeterName"/>: any listener of System.Diagnostics.Metrics may read them. Counts begin with the process, and
/// what is published again after a crash is counted again.
/// </summary>
public sealed class OrchestratorMetrics : IDisposable
{
    public const string MeterName = "Orchestrator";

    /// <summary>What the names of instruments begin with that tell of accounts by name: not everybody's business.</summary>
    public const string OfAccounts = "orchestrator.account.";

    private readonly ConcurrentDictionary<string, ClusterState> clusters = new(StringComparer.Ordinal);
    private readonly Histogram<double> plans;
    private readonly Histogram<double> turnarounds;
    private readonly Histogram<double> checkpoints;
    private readonly Counter<long> attempts;
    private readonly Counter<long> failures;
    private readonly Counter<long> preemptions;

    public OrchestratorMetrics()
    {
        Meter = new(MeterName);
        plans = Meter.CreateHistogram<double>("orchestrator.plan.duration", "s", "Time from the beginning of a plan to its end.");
        turnarounds = Meter.CreateHistogram<double>("orchestrator.simulation.turnaround", "s", "Time from the submission of a simulation to its end.");
        checkpoints = Meter.CreateHistogram<double>("orchestrator.checkpoint.cost", "s", "Time for which a checkpoint that was committed held its program up.");
        attempts = Meter.CreateCounter<long>("orchestrator.attempts.ended", null, "Attempts that ended, by how.");
        failures = Meter.CreateCounter<long>("orchestrator.failures", null, "Failures that were noticed, by kind.");
        preemptions = Meter.CreateCounter<long>("orchestrator.preemptions", null, "Attempts that were chosen to make way, or to be moved.");
        Meter.CreateObservableGauge("orchestrator.queue.length", () => Each(static state => state.Queue.Count), null, "Attempts that wait for nodes.");
        Meter.CreateObservableGauge("orchestrator.leases", () => Each(static state => state.Leases.Values.Count(static lease => lease.State == LeaseState.Granted)), null, "Attempts that hold nodes.");
        Meter.CreateObservableGauge("orchestrator.cores", () => Each(static state => Alive(state).Sum(static node => node.Inventory.Capabilities.Cores)), null, "Cores of the nodes that are alive.");
        Meter.CreateObservableGauge("orchestrator.cores.used", () => Each(CoresUsed), null, "Cores of leases on the nodes that are alive.");
        Meter.CreateObservableGauge($"{OfAccounts}queue.length", () => ByAccount(state => state.Queue.Values.Select(static queued => (queued.Request.Owner.Account, 1))), null, "Attempts of an account that wait for nodes.");
        Meter.CreateObservableGauge($"{OfAccounts}cores.used", () => ByAccount(CoresOfAccounts), null, "Cores of an account's leases on the nodes that are alive.");
        Meter.CreateObservableGauge("orchestrator.nodes", Nodes, null, "Nodes, by status.");
    }

    /// <summary>The one of this instance: several silos in one process have one each.</summary>
    public Meter Meter { get; }

    public void Dispose() => Meter.Dispose();

    internal void Planned(TimeSpan took) => plans.Record(took.TotalSeconds);

    internal void Ended(SimulationStatus status, TimeSpan turnaround) => turnarounds.Record(turnaround.TotalSeconds, new KeyValuePair<string, object?>("status", Name(status)));

    /// <summary>It was put into the log.</summary>
    internal void Happened(OrchestratorEvent told)
    {
        switch (told.Kind)
        {
            case EventKinds.AttemptEnded:
                attempts.Add(1, new KeyValuePair<string, object?>("end", told.End ?? "unknown"));
                break;
            case EventKinds.FailureDetected or EventKinds.NodeLost or EventKinds.NodeDegraded when told.Failure is { } failure:
                failures.Add(1, new KeyValuePair<string, object?>("kind", FailureKinds.NameOf(failure.Kind)));
                break;
            case EventKinds.CheckpointCommitted when told.Cost is { } cost:
                checkpoints.Record(cost.TotalSeconds);
                break;
            case EventKinds.AttemptPreempted or EventKinds.AttemptRelocated:
                preemptions.Add(1, new KeyValuePair<string, object?>("kind", told.Kind));
                break;
        }
    }

    /// <summary>The newest state of a cluster whose grain is here; it is looked at when somebody asks.</summary>
    internal void Note(string cluster, ClusterState state) => clusters[cluster] = state;

    /// <summary>Its grain is here no longer.</summary>
    internal void Forget(string cluster) => clusters.TryRemove(cluster, out _);

    private static IEnumerable<ClusterNode> Alive(ClusterState state) => state.Nodes.Values.Where(static node => node.Inventory.Status == NodeStatus.Alive);

    private static int CoresUsed(ClusterState state) => CoresOfAccounts(state).Sum(static used => used.Number);

    private static IEnumerable<(AccountId Account, int Number)> CoresOfAccounts(ClusterState state)
    {
        var alive = Alive(state).Select(static node => node.Inventory.Id).ToHashSet();
        return state.Leases.Values.Select(lease => (
            lease.Request.Owner.Account, lease.Shares.Where(share => alive.Contains(share.Node) && !lease.Vacated.Contains(share.Node)).Sum(static share => share.Cores.Length)));
    }

    private static string Name<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];

    private IEnumerable<Measurement<int>> Each(Func<ClusterState, int> count) =>
        clusters.Select(pair => new Measurement<int>(count(pair.Value), new KeyValuePair<string, object?>("cluster", pair.Key)));

    private IEnumerable<Measurement<int>> ByAccount(Func<ClusterState, IEnumerable<(AccountId Account, int Number)>> numbers) =>
        from pair in clusters
        from account in numbers(pair.Value).GroupBy(static one => one.Account, static one => one.Number)
        select new Measurement<int>(account.Sum(), new("cluster", pair.Key), new("account", account.Key.Value ?? ""));

    private IEnumerable<Measurement<int>> Nodes() =>
        from pair in clusters
        from status in pair.Value.Nodes.Values.CountBy(static node => node.Inventory.Status)
        select new Measurement<int>(status.Value, new("cluster", pair.Key), new("status", Name(status.Key)));
}
