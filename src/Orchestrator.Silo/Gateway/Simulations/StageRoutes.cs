using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Stages of a simulation that runs: added, held, released, skipped, set, run again, changed, approved.</summary>
internal static class StageRoutes
{
    public static ImmutableArray<(string Word, StageVerb Verb, string Summary)> Verbs { get; } =
    [
        ("hold", StageVerb.Hold, "Start it not, or let it leave with a checkpoint, until it is released."),
        ("release", StageVerb.Release, "Hold it back no more."),
        ("skip", StageVerb.Skip, "Never run it; what needs its success is skipped, too."),
        ("set", StageVerb.Set, "It counts as completed, failed or soft-failed, whatever became of it."),
        ("rerun", StageVerb.Rerun, "It and all that comes after it run again: from their beginning, or it from one of its checkpoints; a simulation that has ended goes on."),
        ("change", StageVerb.Change, "Other resources, walltime, duration or retries, from its next attempt on; another priority, of a stage that has not started."),
        ("approve", StageVerb.Approve, "Approve what waits for an approval."),
        ("bypass", StageVerb.Bypass, "It need not wait for one of its dependencies any more."),
    ];

    public static void Map(Routes routes)
    {
        var (grains, access, additions) = (routes.Get<IGrainFactory>(), routes.Get<SimulationAccess>(), routes.Get<StageAdditions>());
        routes.Map(
            "POST", "/v1/simulations/{id}/stages",
            new() { Summary = "Add stages and edges, in the words of the campaign file, YAML or JSON; all or none. The same text, or another one under the same key, is taken once.", Role = Role.Submitter, Action = "simulation.stages.add", Takes = typeof(string), TakesMedia = "application/yaml", Returns = typeof(StageReply) },
            async call =>
            {
                var text = call.ReadText();
                var view = await access.ControlAsync(call);
                var (key, addition, problems) = await additions.ReadAsync(text, view, KeyOf(text));
                if (view.AdditionKeys.Contains(key))
                {
                    return Reply.Json(new StageReply { Outcome = ControlOutcome.Unchanged, Status = view.Status }) with { Outcome = "unchanged" };
                }

                if (addition is null)
                {
                    throw ProblemException.Unprocessable(problems.Length == 1 ? $"{problems[0].Path}: {problems[0].Message}; nothing was added." : $"There are {problems.Length} mistakes; nothing was added.", problems);
                }

                return await SteerAsync(call, view, new() { Verb = StageVerb.Add, Addition = addition }, string.Join(", ", addition.Stages.Select(static stage => stage.Name)));
            });
        foreach (var (word, verb, summary) in Verbs)
        {
            routes.Map(
                "POST", $"/v1/simulations/{{id}}/stages/{{stage}}/{word}",
                new() { Summary = summary, Role = Role.Submitter, Action = "simulation.stages." + word, Takes = typeof(StageRequest), Returns = typeof(StageReply) },
                call => OrderAsync(call, verb));
        }

        async Task<Reply> OrderAsync(Call call, StageVerb verb)
        {
            var request = call.TryReadOrder<StageRequest>() ?? new();
            if (request.Reason is { Length: > Reasoned.ReasonLengthMax } reason)
            {
                throw ProblemException.Invalid(new InputProblem { Path = "reason", Message = $"it has {reason.Length} characters", Allowed = $"at most {Reasoned.ReasonLengthMax}" });
            }

            // Whoever is asked for by name need not be the owner.
            var view = verb == StageVerb.Approve ? await access.SeeAsync(call) : await access.ControlAsync(call);
            if (verb == StageVerb.Change && request.Resources is { } resources && ResourceRules.Problem(resources) is null
                && await additions.MisfitsAsync([(call.Route("stage"), resources)], view) is { IsEmpty: false } misfits)
            {
                throw ProblemException.Unprocessable($"{misfits[0].Path}: {misfits[0].Message}; nothing was changed.", misfits);
            }

            return await SteerAsync(
                call, view,
                new()
                {
                    Verb = verb,
                    Stage = call.Route("stage"),
                    Reason = request.Reason,
                    Status = request.Status,
                    From = request.From ?? "",
                    Resources = request.Resources,
                    Priority = request.Priority,
                    FromCheckpoint = request.FromCheckpoint,
                    Checkpoint = request.Checkpoint,
                    Walltime = request.Walltime,
                    Duration = request.Duration,
                    Retries = request.Retries,
                },
                DetailsOf(request));
        }

        async Task<Reply> SteerAsync(Call call, SimulationView view, StageOrder order, string? details)
        {
            var caller = call.Caller.Principal;
            if (order.Verb == StageVerb.Approve && !call.Caller.Controls(view.Owner) && view.Stages.FirstOrDefault(stage => stage.Name == order.Stage) is { } stage && !Asks(stage, caller))
            {
                throw ProblemException.Forbidden($"{view.Id} is {view.Owner.User}'s, and {order.Stage} does not ask for {caller.User}.");
            }

            var reply = await grains.GetGrain<ISimulationGrain>(view.Id.Value).SteerAsync(order with { By = caller.User, Role = caller.Role.ToString(), Controls = call.Caller.Controls(view.Owner) });
            return reply.Outcome switch
            {
                ControlOutcome.NotFound => throw ProblemException.NotFound($"The simulation {view.Id}"),
                ControlOutcome.Refused => throw new ProblemException(new()
                {
                    Status = 409,
                    Title = reply.Problems.Length == 1 ? reply.Problems[0] : $"There are {reply.Problems.Length} problems; nothing was changed.",
                    Problems = [.. reply.Problems.Select(static problem => new InputProblem { Path = "", Message = problem })],
                }),
                _ => Reply.Json(reply) with { Outcome = reply.Outcome == ControlOutcome.Accepted ? "accepted" : "unchanged", Details = details },
            };
        }
    }

    /// <summary>What the audit keeps of it beside the stage, the verb and who asked.</summary>
    private static string? DetailsOf(StageRequest request) =>
        request is { FromCheckpoint: false, Checkpoint: null } ? request.Reason
        : $"from {(request.Checkpoint is { } name ? $"checkpoint {name}" : "the newest checkpoint")}{(string.IsNullOrWhiteSpace(request.Reason) ? "" : $": {request.Reason}")}";

    private static string KeyOf(string text) => "text/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    private static bool Asks(StageView stage, Principal caller) =>
        stage.After.Select(static edge => edge.Approval).Append(stage.Trigger is { Kind: TriggerKind.Manual } trigger ? trigger.Approval : null)
            .Any(who => who is not (null or Dependency.Anyone) && EdgeRules.MayApprove(who, caller.User, caller.Role.ToString()));
}
