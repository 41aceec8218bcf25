using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Silo.Gateway.Clusters;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>What is still to be used by what was submitted: it is part of forecasts.</summary>
internal static class PlannedRoutes
{
    private const int Parallel = 32;

    public static void Map(Routes routes)
    {
        var (grains, access, timelines) = (routes.Get<IGrainFactory>(), routes.Get<ClusterAccess>(), routes.Get<TimelineWriter>());
        routes.Map(
            "GET", "/v1/planned",
            new()
            {
                Summary = "What runs, waits or is still to start, stage by stage: when it is expected to run, and what it is expected to use.",
                Returns = typeof(Page<PlannedDemand>),
                Query = [new("campaign", "Of this campaign.")],
            },
            async call =>
            {
                var campaign = call.Query.Text("campaign");
                call.Query.Check();
                var rows = await access.RowsAsync(SimulationScope.Of(call.Caller) with { IsLive = true, Campaign = campaign }, call.Cancellation);
                var demand = ImmutableArray.CreateBuilder<PlannedDemand>();
                var queues = new Dictionary<ClusterId, QueueOutlook>();
                foreach (var some in rows.Chunk(Parallel))
                {
                    var views = await Task.WhenAll(some.Select(row => grains.GetGrain<ISimulationGrain>(row.Id.Value).GetAsync(call.Cancellation)));
                    SimulationView[] live = [.. views.OfType<SimulationView>().Where(static view => view.EndedAt is null)];
                    var learned = await timelines.ExpectAsync(live, call.Cancellation);
                    foreach (var view in live)
                    {
                        // The queue is played forward once for all, and only when something waits in it.
                        if (!queues.ContainsKey(view.Cluster) && TimelineWriter.Queued(view).Any())
                        {
                            queues.Add(view.Cluster, await timelines.LookAheadAsync(view.Cluster, call.Cancellation));
                        }

                        var queue = queues.GetValueOrDefault(view.Cluster, QueueOutlook.None);
                        demand.AddRange(Of(view, timelines.Write(view, learned, queue, runs: 0), queue));
                    }
                }

                return Reply.Json(new Page<PlannedDemand> { Items = demand.ToImmutable() });
            });
    }

    private static IEnumerable<PlannedDemand> Of(SimulationView view, SimulationTimeline timeline, QueueOutlook queue)
    {
        var stages = view.Stages.ToDictionary(static stage => stage.Name, StringComparer.Ordinal);
        foreach (var expected in timeline.Stages.Where(stage => stage.Status < StageStatus.Completed && stages[stage.Stage].Kind != StageKind.Barrier))
        {
            var stage = stages[expected.Stage];
            var runs = stage.Status is StageStatus.Starting or StageStatus.Running or StageStatus.Publishing;

            // What it used before this attempt is counted already.
            var begun = runs && !stage.RecentAttempts.IsDefaultOrEmpty ? stage.RecentAttempts[^1].StartedAt ?? stage.RecentAttempts[^1].GrantedAt : null;
            var from = begun ?? (expected.Start.Expected > timeline.At ? expected.Start.Expected : timeline.At);
            var until = expected.End.Expected > from ? expected.End.Expected : from;
            var hours = (until - from).TotalHours * stage.Resources.Nodes;
            yield return new()
            {
                Campaign = view.Campaign,
                Simulation = view.Id.Value,
                Stage = stage.Name,
                User = view.Owner.User,
                Project = $"{view.Owner.Institution}/{view.Owner.Project}",
                From = from,
                Until = until,
                CoreHours = hours * stage.Resources.CoresPerNode,
                GpuHours = hours * stage.Resources.GpusPerNode * stage.Resources.GpuThousandths / 1000,
                Runs = runs,
                Note = stage.Status == StageStatus.Queued ? queue.NoteOn(new(view.Id, stage.Name, stage.Epoch)) : null,
            };
        }
    }
}
