using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Gateway.Accounts;

/// <summary>Accounts and comparisons of scenarios: both are read.</summary>
internal static class AccountRoutes
{
    public static void Map(Routes routes)
    {
        var grains = routes.Get<IGrainFactory>();
        routes.Map("GET", "/v1/accounts/{id}", new() { Summary = "What an account used.", Returns = typeof(AccountView) }, async call =>
        {
            var id = call.Id<AccountId>();

            // The id of an account is p-INSTITUTION.PROJECT, neither of which has a dot.
            var (institution, project) = id.Value[2..].Split('.') is [var first, var second] ? (first, second) : ("", "");
            var view = call.Caller.SeesEverything || (institution.Length > 0 && call.Caller.Sees(institution, project))
                ? await grains.GetGrain<IAccountGrain>(id.Value).GetAsync(call.Cancellation)
                : null;
            return view is null ? throw ProblemException.NotFound($"The account {id}") : Reply.Json(view);
        });
        routes.Map("GET", "/v1/scenarios/{id}", new() { Summary = "A comparison of scenarios as it stands.", Returns = typeof(ScenarioView) }, async call =>
        {
            var id = call.Id<ScenarioId>();
            var view = await grains.GetGrain<IScenarioGrain>(id.Value).GetAsync(call.Cancellation);
            return view is null || !call.Caller.Sees(view.Definition.Owner) ? throw ProblemException.NotFound($"The scenario set {id}") : Reply.Json(view);
        });
    }
}
