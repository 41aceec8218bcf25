using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Silo.Gateway.Clusters;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Scenarios;

/// <summary>Scenarios that are compared: what is known of them, what is advised or done, and what people say to it.</summary>
internal static class ScenarioRoutes
{
    public static void Map(Routes routes)
    {
        var (grains, access, clock) = (routes.Get<IGrainFactory>(), routes.Get<ClusterAccess>(), routes.Get<TimeProvider>());
        routes.Map("GET", "/v1/scenarios", new() { Summary = "The scenario sets of campaigns, by id.", Returns = typeof(Page<ScenarioSummary>) }, async call =>
        {
            call.Query.Check();
            var rows = await access.RowsAsync(SimulationScope.Of(call.Caller), call.Cancellation);
            return Reply.Json(new Page<ScenarioSummary>
            {
                Items =
                [
                    .. from row in rows
                       where row.Variant.Length > 0 && row.Campaign.Length > 0
                       group row by row.Campaign into some
                       let id = ScenarioId.TryParse($"o-{some.Key}", out var known) ? known : default
                       where id.Value is not null
                       orderby id
                       select new ScenarioSummary
                       {
                           Id = id,
                           Campaign = some.Key,
                           Variants = some.Select(static row => row.Variant).Distinct().Count(),
                           Members = some.Count(),
                           Live = some.Count(static row => !row.Status.IsFinal()),
                       },
                ],
            });
        });
        routes.Map("GET", "/v1/scenarios/{id}", new() { Summary = "A comparison of scenarios as it stands.", Returns = typeof(ScenarioView) }, async call => Reply.Json(await WithReceivedAsync(await FindAsync(call), call.Cancellation)));
        routes.Map(
            "GET", "/v1/scenarios/{id}/comparison",
            new()
            {
                Summary = "Two scenarios of a set against each other, by what is known now.",
                Returns = typeof(ScenarioComparison),
                Query = [new("one", "A scenario by its name."), new("other", "The scenario that it is compared with."), new("method", "direct, weighted (by default), relative, rankBased, pareto, multiCriteria or ensemble.")],
            },
            async call =>
            {
                var method = call.Query.Choice<ComparisonMethod>("method", call.Query.Text("method")) ?? ComparisonMethod.Weighted;
                var (one, other) = (call.Query.Text("one") ?? "", call.Query.Text("other") ?? "");
                call.Query.Check();
                var view = await FindAsync(call);
                var (first, second) = (view.Assessments.FirstOrDefault(assessment => assessment.Scenario == one), view.Assessments.FirstOrDefault(assessment => assessment.Scenario == other));
                if (first is null || second is null)
                {
                    var check = new BodyCheck(clock.GetUtcNow());
                    var allowed = string.Join(", ", view.Definition.Variants.Keys);
                    check.Require(first is not null, "one", $"\"{one}\" is no scenario of {view.Definition.Id}", allowed);
                    check.Require(second is not null, "other", $"\"{other}\" is no scenario of {view.Definition.Id}", allowed);
                    check.Throw();
                }

                var comparison = ScenarioComparer.Compare(first!, second!, method, clock.GetUtcNow(), amongAll: view.Assessments);
                return comparison.Refusal is { } refusal ? throw BodyCheck.Refused(refusal) : Reply.Json(comparison);
            });
        routes.Map(
            "PUT", "/v1/scenarios/{id}/priority",
            new() { Summary = "Set the priority of a scenario by hand, or take that back (null). It stays whatever the evaluations say.", Role = Role.Submitter, Action = "scenario.priority", Takes = typeof(PriorityOverride), Returns = typeof(ScenarioView) },
            async call =>
            {
                var request = call.Read<PriorityOverride>();
                var before = await FindAsync(call, changes: true);
                var check = new BodyCheck(clock.GetUtcNow());
                check.Require(before.Definition.Variants.ContainsKey(request.Variant ?? ""), "variant", $"\"{request.Variant}\" is no scenario of {before.Definition.Id}", string.Join(", ", before.Definition.Variants.Keys));
                check.Require(request.Priority is not { } value || double.IsFinite(value), "priority", "it is no finite number", "0 to 1, or null");
                check.Throw();
                var view = await grains.GetGrain<IScenarioGrain>(before.Definition.Id.Value).OverrideAsync(request with { By = call.Caller.Principal.User, Note = request.Note ?? "" }, CancellationToken.None);
                return Reply.Json(view!) with
                {
                    Outcome = view!.Priorities.Changes.Length == before.Priorities.Changes.Length ? "unchanged" : "accepted",
                    Details = FormattableString.Invariant($"{request.Variant}: {(request.Priority is { } priority ? priority : "evaluated")}"),
                };
            });
        routes.Map(
            "POST", "/v1/scenarios/{id}/reprioritize",
            new() { Summary = "Think over priorities and shares now, whatever the interval.", Role = Role.Submitter, Action = "scenario.reprioritize", Takes = typeof(Reasoned), Returns = typeof(ScenarioView) },
            async call =>
            {
                var before = await FindAsync(call, changes: true);
                var view = await grains.GetGrain<IScenarioGrain>(before.Definition.Id.Value).ReprioritizeAsync(CancellationToken.None);
                return Reply.Json(await WithReceivedAsync(view!, call.Cancellation));
            });

        async Task<ScenarioView> WithReceivedAsync(ScenarioView view, CancellationToken cancellationToken) => view.Definition.Steering == ScenarioSteering.Steer && !view.Shares.IsEmpty
            ? view with { Received = [.. (await access.Cluster.GetArrangementsAsync(cancellationToken)).Scenarios.Where(one => one.Set == view.Definition.Id)] }
            : view;

        async Task<ScenarioView> FindAsync(Call call, bool changes = false)
        {
            var id = call.Id<ScenarioId>();
            var view = await grains.GetGrain<IScenarioGrain>(id.Value).GetAsync(call.Cancellation);
            return view is null || !call.Caller.Sees(view.Definition.Owner) ? throw ProblemException.NotFound($"The scenario set {id}")
                : changes && !call.Caller.Controls(view.Definition.Owner) ? throw ProblemException.Forbidden($"{id} is {view.Definition.Owner.User}'s; an operator may change it.")
                : view;
        }
    }
}
