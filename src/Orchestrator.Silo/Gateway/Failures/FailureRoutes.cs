using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Failures;

/// <summary>What failed, what was done about it, and how that went: from the event log, where each failure's newest record counts.</summary>
internal static class FailureRoutes
{
    private const int PageSize = 1000;

    private static readonly string[] Kinds = [EventKinds.FailureDetected, EventKinds.FailureRecovered, EventKinds.FailureAbandoned, EventKinds.NodeLost, EventKinds.NodeDegraded];

    public static void Map(Routes routes)
    {
        var (events, grains, access) = (routes.Get<IEventLog>(), routes.Get<IGrainFactory>(), routes.Get<SimulationAccess>());
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
                var unresolved = found.Values.Where(IsOpen).ToArray();
                var listed = open ? FailureTriage.Order(unresolved) : found.Values.OrderByDescending(static failure => failure.DetectedAt).ThenByDescending(static failure => failure.Number);
                return Reply.Json(new FailureList
                {
                    Failures = [.. listed.Take(limit)],
                    Tally = RecoveryTally.Of(found.Values),
                    Open = unresolved.Length,
                    First = FailureTriage.Pass(unresolved),
                });
            });
        routes.Map(
            "POST", "/v1/simulations/{id}/failures",
            new() { Summary = "Put a failure on record that a person saw. Nothing is done about it.", Role = Role.Submitter, Action = "failure.report", Takes = typeof(FailureOrder), Returns = typeof(ControlReply) },
            async call =>
            {
                var request = call.Read<FailureOrder>();
                var view = await access.ControlAsync(call);
                var stage = StageOf(view, request.Stage);
                var problems = new List<InputProblem>();
                if (!Enum.IsDefined(request.Kind) || request.Kind == FailureKind.Absent)
                {
                    problems.Add(new() { Path = "kind", Message = "it is missing, or none that there is", Allowed = string.Join(", ", Enum.GetValues<FailureKind>().Where(static kind => kind != FailureKind.Absent).Select(FailureKinds.NameOf)) });
                }

                if (request.Text is not { Length: > 0 and <= Reasoned.ReasonLengthMax })
                {
                    problems.Add(new() { Path = "text", Message = $"it has {request.Text?.Length ?? 0} characters", Allowed = $"1 to {Reasoned.ReasonLengthMax}: what was seen" });
                }

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
                    throw found.Values.FirstOrDefault(failure => failure.Stage == stage && failure.Number == request.Number) is { } over
                        ? ProblemException.Conflict($"No recovery in progress: the failure {request.Number} of {stage} is over: {over.Resolution}")
                        : ProblemException.NotFound($"The failure {request.Number} of {stage} in {view.Id}");
                });
        }

        async Task<Reply> OrderAsync(SimulationView view, SimulationOrder order, string? details) =>
            Answer(view, await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(order), details);

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

    /// <summary>What befell a node is recovered from by the simulations on it, each for itself.</summary>
    private static bool IsOpen(FailureRecord failure) => !failure.IsResolved && failure.Simulation is not null;
}
