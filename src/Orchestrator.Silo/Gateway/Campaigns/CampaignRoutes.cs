using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Campaigns;

/// <summary>Campaigns: labels over simulations, found in the index.</summary>
internal static class CampaignRoutes
{
    private const int Parallel = 32;

    public static void Map(Routes routes)
    {
        var (submission, index, grains) = (routes.Get<CampaignSubmission>(), routes.Get<ISimulationIndex>(), routes.Get<IGrainFactory>());
        routes.Map(
            "POST", "/v1/campaigns",
            new() { Summary = "Submit a campaign file, YAML or JSON. 201: accepted; 200: all of it was accepted before.", Role = Role.Submitter, Action = "campaign.submit", Takes = typeof(string), TakesMedia = "application/yaml", Returns = typeof(CampaignSummary), Status = 201 },
            async call =>
            {
                var summary = await submission.SubmitAsync(call.ReadText(), call.Caller);
                call.Subject = summary.Name;
                return Reply.Json(summary, summary.Repeated ? 200 : 201) with
                {
                    Location = $"/v1/campaigns/{summary.Name}",
                    Outcome = summary.Repeated ? "unchanged" : "accepted",
                    Details = $"{summary.Name}: {summary.Simulations.Length} simulations",
                };
            });
        routes.Map(
            "GET", "/v1/campaigns",
            new() { Summary = "All campaigns, the newest first.", Returns = typeof(Page<CampaignSummary>), Query = [new("cursor", "Where the page before ended."), new("limit", "1 to 1000; 100 by default.")] },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                var skip = (int)call.Query.Number("cursor", 0, int.MaxValue, 0);
                call.Query.Check();
                var rows = await RowsAsync(SimulationScope.Of(call.Caller), call.Cancellation);
                var campaigns = rows.Where(static row => row.Campaign.Length > 0).GroupBy(static row => row.Campaign)
                    .Select(static group => Summarize(group.Key, [.. group]))
                    .OrderByDescending(static campaign => campaign.SubmittedAt).ThenBy(static campaign => campaign.Name, StringComparer.Ordinal).ToArray();
                return Reply.Json(new Page<CampaignSummary>
                {
                    Items = [.. campaigns.Skip(skip).Take(limit).Select(static campaign => campaign with { Simulations = [] })],
                    Next = campaigns.Length > skip + limit ? (skip + limit).ToString(System.Globalization.CultureInfo.InvariantCulture) : null,
                });
            });
        routes.Map("GET", "/v1/campaigns/{name}", new() { Summary = "A campaign as it stands.", Returns = typeof(CampaignSummary) }, async call =>
        {
            var name = call.Route("name");
            return Reply.Json(Summarize(name, await FindAsync(name, call)));
        });
        foreach (var (word, verb, summary) in SimulationRoutes.Verbs)
        {
            routes.Map(
                "POST", $"/v1/campaigns/{{name}}/{word}",
                new() { Summary = summary + " Every simulation of the campaign that has not ended.", Role = Role.Submitter, Action = "campaign." + word, Takes = typeof(Reasoned), Returns = typeof(CampaignSummary) },
                call => ControlAsync(call, verb));
        }

        async Task<Reply> ControlAsync(Call call, SimulationVerb verb)
        {
            var name = call.Route("name");
            var body = Reasoned.From(call);
            var order = new SimulationOrder { Verb = verb, Reason = body.Reason, At = body.At };
            var rows = await FindAsync(name, call);
            if (rows.FirstOrDefault(row => !call.Caller.Controls(row.Owner())) is { } foreign)
            {
                throw ProblemException.Forbidden($"{foreign.Id} is {foreign.User}'s; an operator may change it.");
            }

            var outcomes = new List<ControlReply>();
            foreach (var some in rows.Where(static row => !row.Status.IsFinal()).Chunk(Parallel))
            {
                outcomes.AddRange(await Task.WhenAll(some.Select(row => grains.GetGrain<ISimulationGrain>(row.Id.Value).ControlAsync(order))));
            }

            var outcome = CampaignOutcome.Of(outcomes, rows.Count - outcomes.Count);
            return Reply.Json(Summarize(name, await FindAsync(name, call)) with { Outcome = outcome }) with
            {
                Outcome = outcome.Changed > 0 ? "accepted" : outcome.IsRefused() ? "refused" : "unchanged",
                Details = $"{outcome.Changed} of {rows.Count} simulations{(outcome.Refused > 0 ? $", {outcome.Refused} refused" : "")}. {order.Reason}",
            };
        }

        async Task<IReadOnlyList<SimulationSummary>> FindAsync(string name, Call call)
        {
            var rows = await RowsAsync(SimulationScope.Of(call.Caller) with { Campaign = name }, call.Cancellation);
            return rows.Count > 0 ? rows : throw ProblemException.NotFound($"The campaign {name}");
        }

        async Task<IReadOnlyList<SimulationSummary>> RowsAsync(SimulationIndexFilter filter, CancellationToken cancellationToken)
        {
            var rows = new List<SimulationSummary>();
            string? cursor = null;
            do
            {
                var page = await index.QueryAsync(filter, cursor, 1000, cancellationToken);
                rows.AddRange(page.Entries.Select(SimulationRow.Read));
                cursor = page.Next;
            }
            while (cursor is not null);
            return rows;
        }
    }

    private static CampaignSummary Summarize(string name, IReadOnlyList<SimulationSummary> rows) => new()
    {
        Name = name,
        Project = rows[0].Project,
        Scenario = rows.Any(static row => row.Variant.Length > 0) && ScenarioId.TryParse($"o-{name}", out var scenario) ? scenario : null,
        Simulations = [.. rows.OrderBy(static row => row.SubmittedAt).ThenBy(static row => row.Id).Select(static row => row.Id)],
        Statuses = rows.CountBy(static row => Names.Camel(row.Status.ToString())).ToImmutableSortedDictionary(static pair => pair.Key, static pair => (long)pair.Value),
        Progress = rows.Average(static row => row.Progress),
        SubmittedAt = rows.Min(static row => row.SubmittedAt),
        IsLive = rows.Any(static row => !row.Status.IsFinal()),
    };
}
