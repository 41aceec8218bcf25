using System.Net;
using System.Text;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Scenarios.Comparing;

namespace Orchestrator.Silo.Tests;

/// <summary>Scenario sets over HTTP: what is known of them, who may say what to them, and what is refused.</summary>
public sealed class ScenarioRouteTests
{
    private const string Two = """
        name: warm
        project: lab/heat
        compare:
          objective: { metric: loss, direction: lower }
          objectives: [{ name: extremes, metrics: extreme }]
          minimum_change: 0.1
        scenarios:
          control: { co2: 1 }
          doubled: { co2: 2, tags: [extreme] }
        stages:
          run: { run: "true {co2}", duration: 1m }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whose_scenarios_they_are_and_operators_change_priorities_and_who_may_see_them_reads()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var cora = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var vera = await silo.ClientAsync("vera", "viewer", "lab");
        using var stan = await silo.ClientAsync("stan", "administrator", "other");
        using var accepted = await silo.SubmitAsync(Two, by: sam);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);

        const string Wanted = """{ "variant": "doubled", "priority": 0.9, "note": "for the review", "by": "somebody else" }""";
        (await SendAsync(vera, "PUT", "o-warm/priority", Wanted)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(cora, "PUT", "o-warm/priority", Wanted)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(stan, "PUT", "o-warm/priority", Wanted)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(cora, "POST", "o-warm/reprioritize", "{}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(stan, "GET", "o-warm")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SiloUnderTest.ReadAsync<ScenarioView>(await SendAsync(vera, "GET", "o-warm"))).Priorities.Changes.ShouldBeEmpty();
        (await SiloUnderTest.ReadAsync<Page<ScenarioSummary>>(await stan.GetAsync(new Uri("/v1/scenarios", UriKind.Relative), Token))).Items.ShouldBeEmpty();

        var change = (await SiloUnderTest.ReadAsync<ScenarioView>(await SendAsync(sam, "PUT", "o-warm/priority", Wanted))).Priorities.Changes.ShouldHaveSingleItem();
        (change.Scenario, change.After, change.By, change.Note).ShouldBe(("doubled", 0.9, "sam", "for the review"));
        var back = await SiloUnderTest.ReadAsync<ScenarioView>(await SendAsync(silo.Owner, "PUT", "o-warm/priority", """{ "variant": "doubled", "priority": null }"""));
        back.Priorities.Priorities["doubled"].IsOverridden.ShouldBeFalse();
        (await SiloUnderTest.ReadAsync<ScenarioView>(await SendAsync(sam, "POST", "o-warm/reprioritize", "{}"))).Advice.ShouldContain(static line => line.Contains("no data yet"));
    }

    [Fact]
    public async Task Scenario_sets_are_listed_and_two_of_one_are_compared()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var accepted = await silo.SubmitAsync(Two);
        using var other = await silo.SubmitAsync(Campaigns.Small("plain"));

        var summary = (await silo.GetAsync<Page<ScenarioSummary>>("/v1/scenarios")).Items.ShouldHaveSingleItem();
        (summary.Id.Value, summary.Campaign, summary.Variants, summary.Members, summary.Live).ShouldBe(("o-warm", "warm", 2, 2, 2));
        var definition = (await silo.GetAsync<ScenarioView>("/v1/scenarios/o-warm")).Definition;
        definition.Parameters["doubled"]["co2"].ShouldBe(2);
        definition.Tags["doubled"].ShouldBe(["extreme"]);
        definition.Objectives.ShouldHaveSingleItem().TargetMetrics.ShouldBe(["extreme"]);
        definition.Reallocation.MinimumChange.ShouldBe(0.1);
        var comparison = await silo.GetAsync<ScenarioComparison>("/v1/scenarios/o-warm/comparison?one=doubled&other=control&method=pareto");
        comparison.Method.ShouldBe(ComparisonMethod.Pareto);
    }

    [Fact]
    public async Task Unknown_sets_and_every_mistake_are_told_with_what_is_allowed()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var accepted = await silo.SubmitAsync(Two);

        (await SendAsync(silo.Owner, "GET", "o-nothing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(silo.Owner, "PUT", "o-nothing/priority", """{ "variant": "doubled", "priority": 1 }""")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(silo.Owner, "POST", "o-nothing/reprioritize", "{}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var names = await SiloUnderTest.ProblemAsync(await SendAsync(silo.Owner, "GET", "o-warm/comparison?one=x"), 422);
        names.Problems.Select(static mistake => (mistake.Path, mistake.Allowed)).ShouldBe([("one", "control, doubled"), ("other", "control, doubled")]);
        var method = await SiloUnderTest.ProblemAsync(await SendAsync(silo.Owner, "GET", "o-warm/comparison?one=control&other=doubled&method=guess"), 400);
        method.Problems.ShouldHaveSingleItem().Allowed!.ShouldContain("multiCriteria");
        var variant = await SiloUnderTest.ProblemAsync(await SendAsync(silo.Owner, "PUT", "o-warm/priority", """{ "variant": "x", "priority": 1 }"""), 422);
        variant.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(static mistake => mistake.Path.ShouldBe("variant"), static mistake => mistake.Allowed.ShouldBe("control, doubled"));
        (await SiloUnderTest.ProblemAsync(await SendAsync(silo.Owner, "PUT", "o-warm/priority", """{ "variant": "doubled", "priority": "much" }"""), 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("priority");
        (await SiloUnderTest.ProblemAsync(await SendAsync(silo.Owner, "GET", "warm"), 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("id");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), new Uri($"/v1/scenarios/{path}", UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, Token);
    }
}
