using System.Diagnostics;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Load;

/// <summary>Ten times as much is submitted as fits: all of it is answered at once, what runs goes on, and who waits knows why.</summary>
internal static class OverloadRun
{
    private const int Times = 10;

    public static async Task GoAsync(string directory, LoadOptions options, Report report)
    {
        // As many simulations as in the other run, on a tenth of the nodes.
        options = options with { Scale = options.Scale / Times };
        var cluster = new ClusterId("k-main");
        using var fleet = new Fleet(options, cluster);
        var (running, flood) = (new Submissions(cluster, options), new Submissions(cluster, options));
        var fits = options.Nodes * options.PerNode;
        report.Say($"overload: {fits} simulations run on {fleet.Count} simulated nodes, {Times * fits} more are submitted");
        await using var silo = await LoadSilo.StartAsync(directory, options);
        fleet.Live(silo);
        await Waiting.UntilAsync(() => fleet.RegisteredCount >= fleet.Count, () => $"{fleet.RegisteredCount} nodes were registered", fleet, options);
        await running.SubmitAsync(silo, fits, static _ => PriorityClass.Medium);
        await Waiting.UntilAsync(() => fleet.RunningCount == fits, () => $"{fleet.RunningCount} of {fits} run", fleet, options);
        var (watch, cpu) = (Stopwatch.StartNew(), Report.CpuTime);
        flood.StartAt(fits);
        fleet.CountAnew();
        var refused = await flood.SubmitAsync(silo, Times * fits, static number => number % 10 < 2 ? PriorityClass.Background : number % 10 < 4 ? PriorityClass.Low : PriorityClass.Medium);
        report.Say($"{(Times * fits) - refused} of {Times * fits} accepted in {watch.Elapsed.TotalSeconds:N1} s ({Times * fits / watch.Elapsed.TotalSeconds:N0} per s); CPU {(Report.CpuTime - cpu).TotalSeconds:N1} s; plans {silo.Plans}");
        report.Goal(flood.Acknowledged.At99 < 1000, $"submissions answered under 1 s at p99: {flood.Acknowledged}, {flood.AgainCount} sent again");
        report.Goal(fleet.RunningCount == fits && fleet.AskedToLeaveCount == 0 && fleet.RefusedCount == 0, $"running work untouched: {fleet.RunningCount} of {fits} run, {fleet.AskedToLeaveCount} were asked to leave; reports {fleet.Reports}, {fleet.RefusedCount} not accepted; heartbeats {fleet.Beats}");
        var view = await QueueAsync(silo, cluster, Times * fits, options);
        var reasons = view.Queue.Where(static lease => lease.Reason is not null).GroupBy(static lease => lease.Reason!.Constraint).OrderByDescending(static group => group.Count()).Select(static group => $"{group.Count()} {group.Key}");
        report.Goal(view.Queue.Length == Times * fits && view.Queue.All(static lease => lease.Reason is not null), $"{view.Queue.Length} wait, all with a reason: {string.Join(", ", reasons)}; plans {silo.Plans}; troubles of agents: {fleet.Troubles}");
        await fleet.FallSilentAsync();
        await silo.StopAsync();
    }

    /// <summary>Once all wait, and the next plan has looked at them.</summary>
    private static async Task<ClusterView> QueueAsync(LoadSilo silo, ClusterId cluster, int count, LoadOptions options)
    {
        var clock = TimeProvider.System;
        var since = clock.GetTimestamp();
        while (true)
        {
            var view = await silo.Grains.GetGrain<IClusterGrain>(cluster.Value).GetAsync();
            if ((view.Queue.Length == count && view.Queue.All(static lease => lease.Reason is not null)) || clock.GetElapsedTime(since) > options.Patience)
            {
                return view;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), clock);
        }
    }
}
