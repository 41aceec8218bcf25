using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Silo.Gateway.Campaigns;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Simulations: lists from the index, everything else from the grain.</summary>
internal static class SimulationRoutes
{
    public static ImmutableArray<(string Word, SimulationVerb Verb, string Summary)> Verbs { get; } =
    [
        ("cancel", SimulationVerb.Cancel, "Ask what runs to leave, and start nothing more."),
        ("pause", SimulationVerb.Pause, "Ask what runs to leave with a checkpoint, until resumed."),
        ("resume", SimulationVerb.Resume, "Go on after a pause."),
        ("checkpoint", SimulationVerb.Checkpoint, "Make a checkpoint, now or at a given time, and go on."),
        ("unschedule-checkpoints", SimulationVerb.UnscheduleCheckpoints, "Checkpoints that were wanted for later are not wanted any more."),
        ("declare-dead", SimulationVerb.DeclareDead, "Lost attempts that write shared paths run nowhere any more: start their stages again."),
    ];

    public static ImmutableArray<(string Word, SimulationVerb Verb, string Summary)> CheckpointVerbs { get; } =
    [
        ("pin", SimulationVerb.PinCheckpoint, "Keep a checkpoint whatever retention says."),
        ("unpin", SimulationVerb.UnpinCheckpoint, "Leave a checkpoint to retention again."),
        ("prune", SimulationVerb.PruneCheckpoints, "Keep the newest so many, and what always stays: pinned ones, the newest proven one, what may be restored."),
        ("distrust", SimulationVerb.DistrustCheckpoint, "The bytes of a checkpoint are not what they were: never restore it."),
        ("policy", SimulationVerb.ChangeCheckpointPolicy, "Another checkpoint policy."),
    ];

    public static void Map(Routes routes)
    {
        var (grains, index, history) = (routes.Get<IGrainFactory>(), routes.Get<ISimulationIndex>(), routes.Get<IHistory>());
        var (access, submission, explanations, timelines) = (routes.Get<SimulationAccess>(), routes.Get<CampaignSubmission>(), routes.Get<ExplanationWriter>(), routes.Get<TimelineWriter>());
        routes.Map(
            "GET", "/v1/simulations",
            new()
            {
                Summary = "Simulations, the newest first; the list may lag a moment behind.",
                Returns = typeof(Page<SimulationSummary>),
                Query =
                [
                    new("campaign", "Of this campaign."), new("status", "With one of these statuses."), new("live", "true: not ended; false: ended."),
                    new("cursor", "Where the page before ended."), new("limit", "1 to 1000; 100 by default."),
                ],
            },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                var statuses = call.Query.Texts("status").Select(text => call.Query.Choice<SimulationStatus>("status", text)).OfType<SimulationStatus>().ToArray();
                var live = call.Query.Flag("live");
                call.Query.Check();
                SimulationIndexPage page;
                try
                {
                    page = await index.QueryAsync(
                        SimulationScope.Of(call.Caller) with
                        {
                            Campaign = call.Query.Text("campaign"),
                            Statuses = [.. statuses.Select(static status => Names.Camel(status.ToString()))],
                            IsLive = live,
                        },
                        call.Query.Text("cursor"), limit, call.Cancellation);
                }
                catch (ArgumentException)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "cursor", Message = $"\"{call.Query.Text("cursor")}\" is not allowed", Allowed = "what a page ended with" });
                }

                return Reply.Json(new Page<SimulationSummary> { Items = [.. page.Entries.Select(SimulationRow.Read)], Next = page.Next });
            });
        routes.Map(
            "POST", "/v1/simulations",
            new() { Summary = "Submit one simulation that is compiled already. Its user and cluster are set here.", Role = Role.Submitter, Action = "simulation.submit", Takes = typeof(SimulationDefinition), Returns = typeof(SubmitReply), Status = 201 },
            async call =>
            {
                var definition = call.Read<SimulationDefinition>();
                call.Subject = definition.Id.Value;
                var reply = await submission.SubmitAsync(definition, call.Caller);
                return reply.Outcome switch
                {
                    SubmitOutcome.Accepted => Reply.Json(reply, 201) with { Location = $"/v1/simulations/{definition.Id}", Details = definition.Id.Value },
                    SubmitOutcome.Repeated => Reply.Json(reply) with { Outcome = "unchanged", Details = definition.Id.Value },
                    SubmitOutcome.IdTaken => throw ProblemException.Conflict($"{definition.Id} is another simulation. {reply.Reason}".TrimEnd()),
                    _ => throw ProblemException.Unprocessable(reply.Reason ?? "The simulation was refused.", []),
                };
            });
        routes.Map("GET", "/v1/simulations/{id}", new() { Summary = "Everything about a simulation.", Returns = typeof(SimulationView) }, async call => Reply.Json(await access.SeeAsync(call)));
        routes.Map("GET", "/v1/simulations/{id}/why", new() { Summary = "Why it is where it is.", Returns = typeof(Explanation) }, async call =>
            Reply.Json(await explanations.WriteAsync(await access.SeeAsync(call), call.Caller, call.Cancellation)));
        routes.Map(
            "GET", "/v1/simulations/{id}/timeline",
            new() { Summary = "When each stage was to run, is expected to, and did; and what makes the end later.", Returns = typeof(SimulationTimeline), Query = [new("queue", "false: without playing the queue of the cluster forward, which takes a while with thousands in it.")] },
            async call =>
            {
                var withQueue = call.Query.Flag("queue") ?? true;
                call.Query.Check();
                return Reply.Json(await timelines.WriteAsync(await access.SeeAsync(call), withQueue, call.Cancellation));
            });
        routes.Map(
            "GET", "/v1/simulations/{id}/attempts",
            new() { Summary = "Attempts that ended, oldest first.", Returns = typeof(Page<AttemptView>), Query = [new("cursor", "Where the page before ended."), new("limit", "1 to 1000; 100 by default.")] },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                var after = call.Query.Number("cursor", 0, long.MaxValue, -1);
                call.Query.Check();
                var view = await access.SeeAsync(call);
                var rows = await history.QueryAsync(new() { Kind = HistoryKinds.Attempt, Key = view.Id.Value, After = after < 0 ? null : after, Limit = limit }, call.Cancellation);
                return Reply.Json(new Page<AttemptView>
                {
                    Items = [.. rows.Select(static row => JsonSerializer.Deserialize<AttemptView>(row.Payload.Span, WireJson.Options)!)],
                    Next = rows.Count == limit ? rows[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null,
                });
            });
        foreach (var (word, verb, summary) in Verbs)
        {
            routes.Map(
                "POST", $"/v1/simulations/{{id}}/{word}",
                new() { Summary = summary, Role = Role.Submitter, Action = "simulation." + word, Takes = typeof(Reasoned), Returns = typeof(ControlReply) },
                call => ControlAsync(call, verb));
        }

        routes.Map(
            "POST", "/v1/simulations/{id}/preview",
            new() { Summary = "Ask what runs for a preview of its result; where it lies is in the stage once it is there.", Role = Role.Submitter, Action = "simulation.preview", Takes = typeof(PreviewRequest), Returns = typeof(ControlReply) },
            PreviewAsync);
        foreach (var (word, verb, summary) in CheckpointVerbs)
        {
            routes.Map(
                "POST", $"/v1/simulations/{{id}}/checkpoints/{word}",
                new() { Summary = summary, Role = Role.Submitter, Action = "simulation.checkpoints." + word, Takes = typeof(CheckpointRequest), Returns = typeof(ControlReply) },
                call => ControlCheckpointsAsync(call, verb));
        }

        routes.Map(
            "POST", "/v1/simulations/{id}/clean",
            new()
            {
                Summary = "Remove the run directories of attempts that are over and of which nothing is needed any more. Logs, checkpoints and published outputs stay.",
                Role = Role.Submitter, Action = "simulation.clean", Takes = typeof(CleanRequest), Returns = typeof(ControlReply),
            },
            async call =>
            {
                var request = call.TryReadOrder<CleanRequest>() ?? new();
                var view = await access.ControlAsync(call);
                if (request.Stage is { } stage && !view.Stages.Any(other => other.Name == stage))
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "stage", Message = $"there is no stage \"{stage}\"", Allowed = string.Join(", ", view.Stages.Select(static other => other.Name)) });
                }

                var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(new() { Verb = SimulationVerb.CleanRuns, Stage = request.Stage, All = request.All, Reason = request.Reason });
                return reply.Outcome switch
                {
                    ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
                    ControlOutcome.Refused => throw ProblemException.Conflict(reply.Reason ?? $"{view.Id} is {reply.Status.ToString().ToLowerInvariant()}: this is not possible."),
                    _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = request.Stage },
                };
            });

        async Task<Reply> ControlCheckpointsAsync(Call call, SimulationVerb verb)
        {
            var request = call.Read<CheckpointRequest>();
            var view = await access.ControlAsync(call);
            var problem = verb switch
            {
                SimulationVerb.PruneCheckpoints when request.Keep is < 2 or > 1000 => new InputProblem { Path = "keep", Message = $"{request.Keep} is not in range", Allowed = "2 to 1000" },
                SimulationVerb.ChangeCheckpointPolicy when request.Policy is null => new InputProblem { Path = "policy", Message = "it is missing", Allowed = "a checkpoint policy" },
                _ when request.Stage is { } stage && !view.Stages.Any(other => other.Name == stage) =>
                    new() { Path = "stage", Message = $"there is no stage \"{stage}\"", Allowed = string.Join(", ", view.Stages.Select(static other => other.Name)) },
                SimulationVerb.PinCheckpoint or SimulationVerb.UnpinCheckpoint or SimulationVerb.DistrustCheckpoint
                    when !view.Stages.Any(stage => stage.Name == request.Stage && stage.Checkpoints.Any(record => record.Name == request.Checkpoint)) =>
                    new() { Path = "checkpoint", Message = $"there is no checkpoint \"{request.Checkpoint}\"", Allowed = "a name of the stage's list" },
                _ => null,
            };
            if (problem is not null)
            {
                throw ProblemException.Invalid(problem);
            }

            var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(
                new() { Verb = verb, Reason = request.Reason, Stage = request.Stage, Checkpoint = request.Checkpoint, Keep = request.Keep, Policy = request.Policy });
            return reply.Outcome switch
            {
                ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
                ControlOutcome.Refused => throw ProblemException.Conflict(reply.Reason ?? $"{view.Id} is {reply.Status.ToString().ToLowerInvariant()}: this is not possible."),
                _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = request.Checkpoint ?? request.Reason },
            };
        }

        async Task<Reply> PreviewAsync(Call call)
        {
            var request = call.TryReadOrder<PreviewRequest>() ?? new();
            var view = await access.ControlAsync(call);
            List<InputProblem> problems = [];
            if (request.Level is < 1 or > 100)
            {
                problems.Add(new() { Path = "level", Message = $"{request.Level} is not in range", Allowed = "1 to 100 (percent), or nothing for the level of its progress" });
            }

            if (request.Stage is { } stage && !view.Stages.Any(other => other.Name == stage))
            {
                problems.Add(new() { Path = "stage", Message = $"there is no stage \"{stage}\"", Allowed = string.Join(", ", view.Stages.Select(static other => other.Name)) });
            }

            if (request.Reason is { Length: > Reasoned.ReasonLengthMax } reason)
            {
                problems.Add(new() { Path = "reason", Message = $"it has {reason.Length} characters", Allowed = $"at most {Reasoned.ReasonLengthMax}" });
            }

            if (problems.Count > 0)
            {
                throw ProblemException.Invalid(string.Join(' ', problems.Select(static problem => $"{problem.Path}: {problem.Message}.")), [.. problems]);
            }

            var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(new() { Verb = SimulationVerb.Preview, Stage = request.Stage, Level = request.Level ?? 0, Reason = request.Reason });
            return reply.Outcome switch
            {
                ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
                ControlOutcome.Refused => throw ProblemException.Conflict(reply.Reason ?? $"{view.Id} is {reply.Status.ToString().ToLowerInvariant()}: this is not possible."),
                _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = request.Reason ?? request.Stage },
            };
        }

        async Task<Reply> ControlAsync(Call call, SimulationVerb verb)
        {
            var body = Reasoned.From(call);
            var reason = body.Reason;
            var view = await access.ControlAsync(call);
            var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).ControlAsync(new() { Verb = verb, Reason = reason, At = body.At });
            return reply.Outcome switch
            {
                ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
                ControlOutcome.Refused => throw ProblemException.Conflict(reply.Reason ?? $"{view.Id} is {reply.Status.ToString().ToLowerInvariant()}: this is not possible."),
                _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = reason },
            };
        }
    }
}
