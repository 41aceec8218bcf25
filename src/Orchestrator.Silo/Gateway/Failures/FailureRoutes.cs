using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Definitions;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Failures;

/// <summary>What failed, what was done about it, and how that went: from the event log, where each failure's newest record counts; of one simulation all that ever were, from its history.</summary>
internal static class FailureRoutes
{
    private const int PageSize = 1000;

    private static readonly string[] CheckpointKinds = [EventKinds.CheckpointCommitted, EventKinds.StageStarted];

    public static void Map(Routes routes)
    {
        var (events, history, grains, access, clock) = (routes.Get<IEventLog>(), routes.Get<IHistory>(), routes.Get<IGrainFactory>(), routes.Get<SimulationAccess>(), routes.Get<TimeProvider>());
        routes.Map(
            "GET", "/v1/failures",
            new()
            {
                Summary = "Failures, the newest first, with times to detect and to repair, lost work and the rate of success.",
                Returns = typeof(FailureList),
                Query =
                [
                    new("simulation", "Of this simulation."), new("node", "On this node."), new("open", "true: only those that are not resolved."),
                    new("since", "Noticed then or later."), new("limit", "1 to 1000; 100 by default."),
                ],
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

                var now = clock.GetUtcNow();
                DateTimeOffset? since = null;
                if (call.Query.Text("since") is { } text)
                {
                    if (MomentText.TryParse(text, now, out var moment, out _))
                    {
                        since = moment;
                    }
                    else
                    {
                        call.Query.Refuse("since", text, MomentText.Allowed);
                    }
                }

                call.Query.Check();
                var book = await ReadAsync(call, simulation, since);
                FailureIncident[] incidents = [.. book.Incidents().Where(incident => incident.Records.Any(IsMeant))];
                FailureRecord[] found = [.. incidents.SelectMany(static incident => incident.Records).Where(IsMeant)];
                var unresolved = found.Where(IsOpen).ToArray();
                var listed = open ? FailureTriage.Order(unresolved) : found.OrderByDescending(static failure => failure.DetectedAt).ThenByDescending(static failure => failure.Number);
                return Reply.Json(new FailureList
                {
                    Failures = [.. listed.Take(limit)],
                    Tally = RecoveryTally.Of(incidents.Select(static incident => incident.AsOne)),
                    Downtime = incidents.Aggregate(TimeSpan.Zero, (sum, incident) => sum + incident.Downtime(now)),
                    LastDay = incidents.Count(incident => incident.AsOne.DetectedAt >= now - TimeSpan.FromDays(1)),
                    Checkpoints = since is null && simulation is null ? null : await CheckpointsAsync(call, simulation, since),
                    Open = unresolved.Length,
                    First = FailureTriage.Pass(unresolved),
                });

                bool IsMeant(FailureRecord failure) => (node is null || failure.Node?.Value == node) && (since is null || failure.DetectedAt >= since);
            });
        routes.Map(
            "POST", "/v1/simulations/{id}/failures",
            new() { Summary = "Put a failure on record that a person saw. Nothing is done about it.", Role = Role.Submitter, Action = "failure.report", Takes = typeof(FailureOrder), Returns = typeof(ControlReply) },
            async call =>
            {
                var request = call.Read<FailureOrder>();
                var view = await access.ControlAsync(call);
                var stage = StageOf(view, request.Stage);
                var problems = ProblemsOf(request);
                if (request.Node is { } on && !NodeId.TryParse(on.Value, out _))
                {
                    problems.Add(new() { Path = "node", Message = $"\"{on.Value}\" is not allowed", Allowed = "\"n-\" and a name" });
                }

                return problems.Count > 0 ? throw ProblemException.Invalid("The failure cannot be put on record.", [.. problems]) : await OrderAsync(view, new()
                {
                    Verb = SimulationVerb.ReportFailure,
                    Stage = stage,
                    Failure = new() { Kind = request.Kind, Severity = request.Severity, Text = request.Text!, Node = request.Node, OccurredAt = request.OccurredAt },
                }, request.Text!);
            });
        routes.Map(
            "POST", "/v1/nodes/{id}/failures",
            new() { Summary = "Put a failure of a node on record that a person saw. Nothing is done about it; it is over when the node is told to take work again.", Role = Role.Submitter, Action = "node.failure", Takes = typeof(FailureOrder), Returns = typeof(NodeControlReply) },
            async call =>
            {
                var request = call.Read<FailureOrder>();
                if (ProblemsOf(request) is { Count: > 0 } problems)
                {
                    throw ProblemException.Invalid("The failure cannot be put on record.", [.. problems]);
                }

                var id = call.Id<NodeId>();
                var reply = await grains.GetGrain<INodeGrain>(id.Value).ControlAsync(
                    new() { Failure = new() { Kind = request.Kind, Severity = request.Severity, Text = request.Text!, Node = id, OccurredAt = request.OccurredAt } }, CancellationToken.None);
                return reply.Found ? Reply.Json(reply) with { Outcome = "accepted", Details = request.Text } : throw ProblemException.NotFound($"The node {id}");
            });
        foreach (var (word, summary) in new[] { ("complete", "Say how the recovery from a failure went."), ("cancel", "Give up the recovery from a failure: the failure stays as it is, and nobody waits for it.") })
        {
            routes.Map(
                "POST", $"/v1/simulations/{{id}}/failures/{word}",
                new() { Summary = summary, Role = Role.Submitter, Action = "failure." + word, Takes = typeof(RecoveryOrder), Returns = typeof(ControlReply) },
                async call =>
                {
                    var request = call.Read<RecoveryOrder>();
                    var view = await access.ControlAsync(call);
                    var stage = StageOf(view, request.Stage);
                    if (request.Details is { Length: > Reasoned.ReasonLengthMax } details)
                    {
                        throw ProblemException.Invalid(new InputProblem { Path = "details", Message = $"it has {details.Length} characters", Allowed = $"at most {Reasoned.ReasonLengthMax}" });
                    }

                    var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(new()
                    {
                        Verb = SimulationVerb.EndRecovery,
                        Stage = stage,
                        Number = request.Number,
                        Ending = word == "cancel" ? RecoveryEnding.Cancelled : request.Succeeded ? RecoveryEnding.Succeeded : RecoveryEnding.Failed,
                        Reason = request.Details,
                    });
                    if (reply.Outcome != ControlOutcome.Refused)
                    {
                        return Answer(view, reply, request.Details);
                    }

                    // The simulation keeps what is open; what is over, or never was, the log knows.
                    var found = await ReadAsync(call, view.Id.Value, null);
                    throw found.Records.FirstOrDefault(failure => failure.Stage == stage && failure.Number == request.Number) is { } over
                        ? ProblemException.Conflict($"No recovery in progress: the failure {request.Number} of {stage} is over: {over.Resolution}")
                        : ProblemException.NotFound($"The failure {request.Number} of {stage} in {view.Id}");
                });
        }

        async Task<Reply> OrderAsync(SimulationView view, SimulationOrder order, string? details) =>
            Answer(view, await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(order), details);

        async Task<FailureBook> ReadAsync(Call call, string? simulation, DateTimeOffset? since)
        {
            var book = new FailureBook();
            if (simulation is not null)
            {
                await EachClosedAsync(call, new SimulationId(simulation), since, book.AddClosed);
            }

            await EachAsync(call, new() { Simulation = simulation, Kinds = FailureBook.Kinds, Since = since }, book.Add);
            return book;
        }

        async Task EachClosedAsync(Call call, SimulationId simulation, DateTimeOffset? since, Action<FailureRecord> take)
        {
            if (await grains.GetGrain<ISimulationGrain>(simulation.Value).GetAsync(call.Cancellation) is not { } view || !call.Caller.Sees(view.Owner))
            {
                return;
            }

            for (IReadOnlyList<HistoryRow>? page = null; page is null || page.Count == PageSize;)
            {
                page = await history.QueryAsync(new() { Kind = HistoryKinds.Failure, Key = simulation.Value, After = page?[^1].Sequence, From = since, Limit = PageSize }, call.Cancellation);
                foreach (var row in page)
                {
                    take(JsonSerializer.Deserialize<FailureRecord>(row.Payload.Span, WireJson.Options)!);
                }
            }
        }

        async Task<CheckpointTally> CheckpointsAsync(Call call, string? simulation, DateTimeOffset? since)
        {
            var (made, measured, restores, cost) = (0, 0, 0, TimeSpan.Zero);
            await EachAsync(call, new() { Simulation = simulation, Kinds = CheckpointKinds, Since = since }, occurrence =>
            {
                var isMade = occurrence.Kind == EventKinds.CheckpointCommitted;
                made += isMade ? 1 : 0;
                restores += !isMade && occurrence.Checkpoint is not null ? 1 : 0;
                measured += isMade && occurrence.Cost is not null ? 1 : 0;
                cost += isMade ? occurrence.Cost ?? TimeSpan.Zero : TimeSpan.Zero;
            });
            return new() { Made = made, MeanCost = measured == 0 ? TimeSpan.Zero : cost / measured, Restores = restores };
        }

        async Task EachAsync(Call call, EventFilter filter, Action<OrchestratorEvent> take)
        {
            var position = 0L;
            while (true)
            {
                var page = await events.ReadAsync(position, filter, PageSize, call.Cancellation);
                foreach (var record in page)
                {
                    position = record.Position;
                    if (call.Caller.Sees(record.Project) && JsonSerializer.Deserialize<OrchestratorEvent>(record.Payload.Span, WireJson.Options) is { } occurrence)
                    {
                        take(occurrence);
                    }
                }

                if (page.Count < PageSize)
                {
                    return;
                }
            }
        }
    }

    private static List<InputProblem> ProblemsOf(FailureOrder request)
    {
        var problems = new List<InputProblem>();
        if (!Enum.IsDefined(request.Kind) || request.Kind == FailureKind.Absent)
        {
            problems.Add(new() { Path = "kind", Message = "it is missing, or none that there is", Allowed = string.Join(", ", Enum.GetValues<FailureKind>().Where(static kind => kind != FailureKind.Absent).Select(FailureKinds.NameOf)) });
        }

        if (request.Text is not { Length: > 0 and <= Reasoned.ReasonLengthMax })
        {
            problems.Add(new() { Path = "text", Message = $"it has {request.Text?.Length ?? 0} characters", Allowed = $"1 to {Reasoned.ReasonLengthMax}: what was seen" });
        }

        return problems;
    }

    private static Reply Answer(SimulationView view, ControlReply reply, string? details) => reply.Outcome switch
    {
        ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
        ControlOutcome.Refused => throw ProblemException.Conflict(reply.Reason ?? $"{view.Id} is {reply.Status.ToString().ToLowerInvariant()}: this is not possible."),
        _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = details },
    };

    /// <summary>The stage that is meant; the only one, when none is named.</summary>
    private static string StageOf(SimulationView view, string? stage) =>
        view.Stages.Any(other => other.Name == stage) ? stage!
        : stage is null && view.Stages.Length == 1 ? view.Stages[0].Name
        : throw ProblemException.Invalid(new InputProblem
        {
            Path = "stage", Message = stage is null ? "it is missing" : $"there is no stage \"{stage}\"", Allowed = string.Join(", ", view.Stages.Select(static other => other.Name)),
        });

    /// <summary>What befell a node is recovered from by the simulations on it, each for itself; what a person saw of it is open until a person lets it take work again.</summary>
    private static bool IsOpen(FailureRecord failure) => !failure.IsResolved && (failure.Simulation is not null || failure.Detection == FailureDetection.Manual);
}
