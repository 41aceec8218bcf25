using System.Diagnostics;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Load;

/// <summary>Thousands of live simulations over thousands of nodes: accepted, scheduled, reported on; and the silo restarted under them.</summary>
internal static class LiveRun
{
    public static async Task GoAsync(string directory, LoadOptions options, Report report)
    {
        var cluster = new ClusterId("k-main");
        using var fleet = new Fleet(options, cluster);
        var submissions = new Submissions(cluster, options);
        var count = options.Nodes * options.PerNode;
        report.Say($"live: {count} simulations over {fleet.Count} simulated nodes, heartbeats each {options.Heartbeat.TotalSeconds} s, progress each {options.ProgressEvery.TotalSeconds} s, checkpoints each {options.CheckpointEvery.TotalSeconds} s of each");
        var silo = await LoadSilo.StartAsync(directory, options);
        try
        {
            fleet.Live(silo);
            await Waiting.UntilAsync(() => fleet.RegisteredCount >= fleet.Count, () => $"{fleet.RegisteredCount} nodes were registered", fleet, options);
            report.Say($"all nodes are registered; troubles of agents: {fleet.Troubles}");
            var heap = Report.Heap();
            await RunAllAsync(silo, fleet, submissions, count, options, report);
            await WatchAsync(silo, fleet, options, report);
            await fleet.FallSilentAsync();
            var before = await StatesAsync(silo, submissions.Accepted, options);
            var full = Report.Heap();
            report.Say($"memory: {(full - heap) / 1024.0 / count:N1} KB per live simulation with an idle activation, its part of the cluster and its simulated program included; heap {full >> 20} MB, process {Environment.WorkingSet >> 20} MB");
            silo = await RestartAsync(silo, directory, before, options, report);
            var registered = fleet.RegisteredCount;
            fleet.CountAnew();
            fleet.Live(silo);
            await Task.Delay(options.Heartbeat * 1.5, TimeProvider.System);
            fleet.Check();
            var view = await silo.Grains.GetGrain<IClusterGrain>(cluster.Value).GetAsync();
            report.Goal(fleet.RunningCount == count && view.Leases.Length == count, $"after the restart {view.Leases.Length} leases stand, {fleet.RunningCount} simulated programs run, {fleet.RegisteredCount - registered} agents had to register anew; heartbeats {fleet.Beats}; troubles of agents: {fleet.Troubles}");
            await fleet.FallSilentAsync();
        }
        finally
        {
            await silo.StopAsync();
            await silo.DisposeAsync();
        }
    }

    private static async Task RunAllAsync(LoadSilo silo, Fleet fleet, Submissions submissions, int count, LoadOptions options, Report report)
    {
        var (watch, cpu) = (Stopwatch.StartNew(), Report.CpuTime);
        var refused = await submissions.SubmitAsync(silo, count, static _ => PriorityClass.Medium);
        report.Goal(refused == 0, $"{count - refused} of {count} accepted in {watch.Elapsed.TotalSeconds:N1} s ({count / watch.Elapsed.TotalSeconds:N0} per s), answered {submissions.Acknowledged}, {submissions.AgainCount} sent again; CPU {(Report.CpuTime - cpu).TotalSeconds:N1} s; {fleet.RunningCount} run");
        await Waiting.UntilAsync(() => fleet.RunningCount == count, () => $"{fleet.RunningCount} of {count} run", fleet, options);
        report.Say($"all {count} run {watch.Elapsed.TotalSeconds:N1} s after the first submission; CPU {(Report.CpuTime - cpu).TotalSeconds:N1} s; plans {silo.Plans}; reports {fleet.Reports}; troubles of agents: {fleet.Troubles}");
    }

    private static async Task WatchAsync(LoadSilo silo, Fleet fleet, LoadOptions options, Report report)
    {
        fleet.CountAnew();
        var cpu = Report.CpuTime;
        await Task.Delay(options.Steady, TimeProvider.System);
        fleet.Check();
        report.Say($"{options.Steady.TotalSeconds} s with all running: CPU {(Report.CpuTime - cpu).TotalSeconds:N1} s; reports {fleet.Reports}, {fleet.RefusedCount} not accepted; heartbeats {fleet.Beats}; plans so far {silo.Plans}");
    }

    private static async Task<LoadSilo> RestartAsync(LoadSilo silo, string directory, Dictionary<SimulationId, (SimulationStatus, int, int)> before, LoadOptions options, Report report)
    {
        var watch = Stopwatch.StartNew();
        await silo.StopAsync();
        await silo.DisposeAsync();
        report.Say($"the silo stopped in {watch.Elapsed.TotalSeconds:N1} s");
        watch.Restart();
        var next = await LoadSilo.StartAsync(directory, options);
        var ready = watch.Elapsed;
        var first = before.Keys.First();
        await next.Grains.GetGrain<ISimulationGrain>(first.Value).GetAsync();
        var simulation = watch.Elapsed;
        await next.Grains.GetGrain<IClusterGrain>("k-main").GetAsync();
        report.Goal(watch.Elapsed < TimeSpan.FromSeconds(5), $"the silo was ready after {ready.TotalSeconds:N1} s, had answered for a simulation after {simulation.TotalSeconds:N1} s, and for the cluster after {watch.Elapsed.TotalSeconds:N1} s");
        var after = await StatesAsync(next, [.. before.Keys], options);
        var same = before.Count(pair => after.TryGetValue(pair.Key, out var state) && state == pair.Value);
        report.Goal(same == before.Count, $"{same} of {before.Count} simulations were back as they had been, {watch.Elapsed.TotalSeconds:N1} s after the start");
        return next;
    }

    /// <summary>Status, epochs and checkpoints.</summary>
    private static async Task<Dictionary<SimulationId, (SimulationStatus, int, int)>> StatesAsync(LoadSilo silo, IReadOnlyList<SimulationId> simulations, LoadOptions options)
    {
        var states = new Dictionary<SimulationId, (SimulationStatus, int, int)>();
        foreach (var some in simulations.Chunk(options.Width))
        {
            foreach (var view in await Task.WhenAll(some.Select(id => silo.Grains.GetGrain<ISimulationGrain>(id.Value).GetAsync())))
            {
                states.Add(view!.Id, (view.Status, view.Stages.Sum(static stage => stage.Epoch), view.Stages.Sum(static stage => stage.CheckpointsMade)));
            }
        }

        return states;
    }
}
