using System.Net;
using System.Text.Json;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Runtimes;

namespace Orchestrator.Silo.Tests;

/// <summary>What is to come, over HTTP: timelines, what is planned, and what if more were.</summary>
public sealed class ForesightRouteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timeline_tells_the_plan_what_is_expected_and_where_that_comes_from()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));

        var timeline = await silo.GetAsync<SimulationTimeline>("/v1/simulations/s-demo-1/timeline");
        var without = await silo.GetAsync<SimulationTimeline>("/v1/simulations/s-demo-1/timeline?queue=false");

        timeline.Stages.Select(static stage => stage.Stage).ShouldBe(["warm", "report"]);
        (timeline.PlannedEnd - timeline.SubmittedAt).ShouldBe(TimeSpan.FromMinutes(2));
        timeline.End.Expected.ShouldBeGreaterThan(timeline.SubmittedAt.AddSeconds(90));
        timeline.End.Latest.ShouldBeGreaterThan(timeline.End.Earliest);
        timeline.Stages[0].Duration.ShouldNotBeNull().Source.ShouldBe(DurationSource.Estimate);
        timeline.CriticalPath.ShouldBe(["warm", "report"]);
        without.Stages.Length.ShouldBe(2);
        await SiloUnderTest.ProblemAsync(await silo.Owner.GetAsync("/v1/simulations/s-demo-1/timeline?queue=perhaps", Token), 400);
        await SiloUnderTest.ProblemAsync(await silo.Owner.GetAsync("/v1/simulations/s-nothing/timeline", Token), 404);
    }

    [Fact]
    public async Task What_was_submitted_is_planned_and_what_is_over_is_not()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        (await silo.GetAsync<Page<PlannedDemand>>("/v1/planned")).Items.ShouldBeEmpty();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo"));
        using var other = await silo.SubmitAsync(Campaigns.Small("other"));

        var planned = (await silo.GetAsync<Page<PlannedDemand>>("/v1/planned?campaign=demo")).Items;

        planned.Select(static each => (each.Simulation, each.Stage)).ShouldBe([("s-demo-1", "warm"), ("s-demo-1", "report"), ("s-demo-2", "warm"), ("s-demo-2", "report")], ignoreOrder: true);
        planned.ShouldAllBe(static each => Math.Abs(each.CoreHours - (1.0 / 60)) < 1e-6 && each.Project == "lab/heat" && !each.Runs && each.Until > each.From);
        (await silo.GetAsync<Page<PlannedDemand>>("/v1/planned")).Items.Length.ShouldBe(8);
    }

    [Fact]
    public async Task A_campaign_that_might_be_submitted_is_played_through_the_queue_and_nothing_of_it_is_submitted()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        (await new AgentByHand(silo.Owner, "one").RegisterAsync()).Accepted.ShouldBeTrue();
        while ((await silo.GetAsync<ClusterView>("/v1/clusters/k-main")).Nodes.IsEmpty)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        using var reply = await AskAsync(silo, Campaigns.Small("next"));
        var answer = await SiloUnderTest.ReadAsync<PlanAnswer>(reply);

        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.AddedCampaign.ShouldBe("next");
        answer.Added.Length.ShouldBe(4);
        answer.AddedOutcome.ShouldNotBeNull().NeverStart.ShouldBe(0);
        foreach (var simulation in answer.Added.GroupBy(static each => each.Simulation))
        {
            var (warm, report) = (simulation.Single(static each => each.Stage == "warm"), simulation.Single(static each => each.Stage == "report"));
            report.From.ShouldBeGreaterThanOrEqualTo(warm.Until);
        }

        (await silo.GetAsync<Page<SimulationSummary>>("/v1/simulations")).Items.ShouldBeEmpty();
        using var wrong = await AskAsync(silo, "name: next\n");
        (await SiloUnderTest.ProblemAsync(wrong, 422)).Problems.ShouldNotBeEmpty();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("next"));
        using var again = await AskAsync(silo, Campaigns.Small("next"));
        (await SiloUnderTest.ProblemAsync(again, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("campaign");
        using var more = await AskAsync(silo, Campaigns.Small("next", members: 3));
        (await SiloUnderTest.ReadAsync<PlanAnswer>(more)).Added.Select(static each => each.Simulation).Distinct().ShouldBe(["s-next-3"]);
    }

    private static Task<HttpResponseMessage> AskAsync(SiloUnderTest silo, string campaign) => SiloUnderTest.SendAsync(silo.Owner, "/v1/plan", JsonSerializer.Serialize(new { campaign }));
}
