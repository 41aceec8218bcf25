using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Failures;

/// <summary>What failed, what was done about it, and how that went: from the event log, where each failure's newest record counts.</summary>
internal static class FailureRoutes
{
    private const int PageSize = 1000;

    private static readonly string[] Kinds = [EventKinds.FailureDetected, EventKinds.FailureRecovered, EventKinds.FailureAbandoned, EventKinds.NodeLost, EventKinds.NodeDegraded];

    public static void Map(Routes routes)
    {
        var events = routes.Get<IEventLog>();
        routes.Map(
            "GET", "/v1/failures",
            new()
            {
                Summary = "Failures, the newest first, with times to detect and to repair, lost work and the rate of success.",
                Returns = typeof(FailureList),
                Query = [new("simulation", "Of this simulation."), new("node", "On this node."), new("open", "true: only those that are not resolved."), new("limit", "1 to 1000; 100 by default.")],
            },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                var open = call.Query.Flag("open") ?? false;
                var (simulation, node) = (call.Query.Text("simulation"), call.Query.Text("node"));
                if (simulation is not null && !SimulationId.TryParse(simulation, out _))
                {
                    call.Query.Refuse("simulation", simulation, "\"s-\" and a name");
                }

                if (node is not null && !NodeId.TryParse(node, out _))
                {
                    call.Query.Refuse("node", node, "\"n-\" and a name");
                }

                call.Query.Check();
                var found = await ReadAsync(call, simulation, node);
                var listed = found.Values.Where(failure => !open || IsOpen(failure)).OrderByDescending(static failure => failure.DetectedAt).ThenByDescending(static failure => failure.Number);
                return Reply.Json(new FailureList
                {
                    Failures = [.. listed.Take(limit)],
                    Tally = RecoveryTally.Of(found.Values),
                    Open = found.Values.Count(IsOpen),
                });
            });

        async Task<Dictionary<(string Source, string? Stage, long Number), FailureRecord>> ReadAsync(Call call, string? simulation, string? node)
        {
            var found = new Dictionary<(string Source, string? Stage, long Number), FailureRecord>();
            var filter = new EventFilter { Simulation = simulation, Kinds = Kinds };
            var position = 0L;
            while (true)
            {
                var page = await events.ReadAsync(position, filter, PageSize, call.Cancellation);
                foreach (var record in page)
                {
                    position = record.Position;
                    if (call.Caller.Sees(record.Project) && JsonSerializer.Deserialize<OrchestratorEvent>(record.Payload.Span, WireJson.Options)?.Failure is { } failure && (node is null || failure.Node?.Value == node))
                    {
                        found[(record.Source, failure.Stage, failure.Number)] = failure;
                    }
                }

                if (page.Count < PageSize)
                {
                    return found;
                }
            }
        }
    }

    /// <summary>What befell a node is recovered from by the simulations on it, each for itself.</summary>
    private static bool IsOpen(FailureRecord failure) => !failure.IsResolved && failure.Simulation is not null;
}
