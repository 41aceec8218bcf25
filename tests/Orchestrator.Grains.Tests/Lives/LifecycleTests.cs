using System.Collections.Immutable;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Usage;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Lives;

/// <summary>The whole life of an ensemble, from its submission to the report of it.</summary>
public sealed class LifecycleTests
{
    private static readonly Dictionary<string, string?> Soon = new() { ["Orchestrator:Scenarios:EvaluateAfter"] = "00:00:01" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Six_simulations_run_are_judged_and_reprioritized_survive_a_node_and_are_counted_forecast_and_reported()
    {
        await using var lab = await Lab.OpenAsync(nodes: 3, cores: 2, settings: Soon);
        lab.Runs("spin-up", new FakeProgram { Steps = 20, StepsPerTurn = 10 });
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7, CheckpointEvery = 25 });
        var scenario = new ScenarioId(lab.World.NewKey('o'));
        var account = lab.World.NewKey('p');
        List<(string Variant, ISimulationGrain Grain)> simulations = [];
        for (var i = 0; i < 6; i++)
        {
            var variant = $"v{i / 2}";
            simulations.Add((variant, await lab.SubmitAsync([Lab.Stage("spin-up"), Lab.Stage("coupled", after: "spin-up")], scenario: scenario, variant: variant, account: new AccountId(account), order: i)));
        }

        var comparison = lab.World.Grains.GetGrain<IScenarioGrain>(scenario.Value);
        await comparison.DefineAsync(
            new()
            {
                Id = scenario,
                Campaign = "co2",
                Metric = "tas",
                Variants = simulations.GroupBy(static one => one.Variant).ToImmutableSortedDictionary(static group => group.Key, static group => group.Select(static one => new SimulationId(one.Grain.GetPrimaryKeyString())).ToImmutableArray()),
            },
            Token);

        // They run, one stage after the other, and make checkpoints.
        var victim = simulations[0].Grain;
        await lab.UntilAsync(victim, "coupled", static stage => stage.Step > 60, "has passed step 60");
        (await lab.EventsOfAsync(victim)).ShouldContain(static happened => happened.Kind == EventKinds.CheckpointCommitted);

        // They are judged, and a person raises one.
        await lab.UntilAsync(async () => (await comparison.GetAsync(Token))!.Variants.All(static variant => variant.Metrics.ContainsKey("tas")), "all reported");
        var judged = (await comparison.ReprioritizeAsync(Token)).ShouldNotBeNull();
        judged.History.Of("v1").ShouldNotBeEmpty();
        judged.Assessments.ShouldAllBe(static assessment => assessment.Confidence > 0);
        var wanted = Math.Min(1, judged.Priorities.Of("v1") + 0.2);
        var raised = (await comparison.OverrideAsync(new() { Variant = "v1", Priority = wanted, By = "ada", Note = "for the review" }, Token)).ShouldNotBeNull();
        raised.Priorities.Of("v1").ShouldBeGreaterThan(judged.Priorities.Of("v1"));
        raised.Priorities.Changes[^1].Reason.ShouldBe(PriorityReason.ManualOverride);

        // A node dies, what ran there goes on from its checkpoint, and all complete undisturbed.
        var before = (await victim.GetAsync(Token))!.Stages.Single(static stage => stage.Name == "coupled");
        lab.Nodes.Single(node => node.Id == before.Nodes[0]).Kill();
        await lab.CheckEndAsync([.. simulations.Select(static one => one.Grain)]);
        var events = await lab.EventsOfAsync(victim);
        events.ShouldContain(static happened => happened.Kind == EventKinds.AttemptEnded && happened.End == "nodeLost");
        (await victim.GetAsync(Token))!.Stages.Single(static stage => stage.Name == "coupled").StepsAgain.ShouldBeLessThan(60, "it went on from a checkpoint");

        // What they used is counted for the account, once.
        var records = new List<UsageRecord>();
        foreach (var (_, simulation) in simulations)
        {
            records.AddRange((await lab.EventsOfAsync(simulation)).Select(static happened => UsageRecord.Of(happened)).OfType<UsageRecord>());
        }

        var grain = lab.World.Grains.GetGrain<IAccountGrain>(account);
        await lab.UntilAsync(async () => (await grain.UsageAsync(new() { By = UsageDimension.Simulation }, Token)).Select(static row => row.Name).Distinct().Count() == 6, "the account has counted all");
        (await grain.UsageAsync(new() { By = UsageDimension.Total }, Token)).Sum(static row => row.Amounts.Cores).ShouldBe(records.Sum(static record => record.Amounts.Cores), 1e-6);

        // Thirty days ahead, and the reports of it.
        var request = new ReportRequest { Kind = ReportKind.Forecast, Horizon = 30, Records = [.. records], By = UsageDimension.Simulation, Cores = 6 };
        var forecast = Reporter.Make(request);
        forecast.Tables[0].Rows.Length.ShouldBe(30);
        forecast.Tables[0].Rows.ShouldAllBe(static row => (double)row[1]! > 0);
        var utilization = Reporter.Make(request with { Kind = ReportKind.Utilization });
        utilization.Tables.Single(static table => table.Name == "simulations").Rows.Length.ShouldBe(6);
        var grant = Reporter.Make(request with { Kind = ReportKind.Grant, Grants = [new() { Name = "g", Allocation = 1000, From = records.Min(static record => record.From).AddDays(-1), Until = records.Max(static record => record.Until).AddDays(30), Projects = ["climate/attribution"] }] });
        grant.Tables.Single(static table => table.Name == "grant_work").Rows.Select(static row => row[2]).Distinct().Count().ShouldBe(6);
    }
}
