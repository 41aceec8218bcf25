using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Scenarios;

public sealed class SteeringTests
{
    private static readonly Dictionary<string, string?> Soon = new() { ["Orchestrator:Scenarios:EvaluateAfter"] = "00:00:01" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steered_scenarios_pause_at_checkpoints_take_turns_and_all_complete_undisturbed()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2, cores: 1, settings: Soon);
        lab.Runs("run", new FakeProgram { Steps = 600, StepsPerTurn = 10 });
        var (comparison, simulations) = await StartAsync(lab, 4, ScenarioSteering.Steer);

        await lab.UntilAsync(async () => (await comparison.GetAsync(Token))!.Held.Length > 0, "one is held");
        await lab.UntilAsync(async () => (await Task.WhenAll(simulations.Select(static simulation => simulation.GetAsync(Token)))).Any(static view => view!.Status == SimulationStatus.Paused), "one is paused");
        await lab.CheckEndAsync(simulations);

        var events = (await Task.WhenAll(simulations.Select(lab.EventsOfAsync))).SelectMany(static all => all).ToList();
        events.ShouldContain(static happened => happened.Kind == EventKinds.SimulationPausing && happened.Text.Contains("is not among the best third yet"));
        events.ShouldContain(static happened => happened.Kind == EventKinds.SimulationResumed && happened.Text.Contains("goes on"));
        (await comparison.GetAsync(Token))!.Held.ShouldBeEmpty();
    }

    [Fact]
    public async Task Advice_pauses_nothing_and_a_priority_that_a_person_sets_reaches_the_scheduler()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1, cores: 1, settings: Soon);
        lab.Runs("run", new FakeProgram { Steps = 200, StepsPerTurn = 10 });
        var (comparison, simulations) = await StartAsync(lab, 3, ScenarioSteering.Advise);
        await lab.UntilAsync(async () => (await comparison.GetAsync(Token))!.Variants.Any(static variant => variant.Metrics.Count > 0), "metrics were taken in");

        (await comparison.OverrideAsync(new() { Variant = "v2", Priority = 0.95, By = "ada", Note = "for the review" }, Token)).ShouldNotBeNull().Priorities.Of("v2").ShouldBe(0.95);
        (await comparison.OverrideAsync(new() { Variant = "nobody", Priority = 0.95 }, Token)).ShouldBeNull();
        var cluster = lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value);
        await lab.UntilAsync(async () => (await cluster.GetArrangementsAsync(Token)).Priorities.Any(setting => setting.Target == simulations[2].GetPrimaryKeyString() && setting.Promise == 0.95), "the cluster knows its promise");
        var advised = (await comparison.ReprioritizeAsync(Token)).ShouldNotBeNull();

        advised.Advice.ShouldContain(static line => line.StartsWith("Advised, nothing was changed"));
        advised.Held.ShouldBeEmpty();
        await lab.CheckEndAsync(simulations);
        (await lab.EventsOfAsync(simulations[0])).ShouldNotContain(static happened => happened.Kind == EventKinds.SimulationPausing);
        var ends = await Task.WhenAll(simulations.Select(async simulation => (await lab.EventsOfAsync(simulation))[^1].At));
        ends[2].ShouldBeLessThan(ends[1], "what promises more goes first");
    }

    [Fact]
    public async Task Shares_that_move_with_steering_reach_the_scheduler_which_counts_what_each_scenario_gets()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1, cores: 1, settings: Soon);
        lab.Runs("run", new FakeProgram { Steps = 200, StepsPerTurn = 10 });
        var (comparison, simulations) = await StartAsync(lab, 3, ScenarioSteering.Steer);
        await lab.UntilAsync(async () => (await comparison.GetAsync(Token))!.Variants.Any(static variant => variant.Metrics.Count > 0), "metrics were taken in");

        await comparison.ReprioritizeAsync(Token);
        var view = (await comparison.OverrideAsync(new() { Variant = "v2", Priority = 0.95, By = "ada", Note = "for the review" }, Token)).ShouldNotBeNull();
        view.Shares["v2"].ShouldBeGreaterThan(1 / 3.0);
        view.Moves.Length.ShouldBeGreaterThanOrEqualTo(2);
        var cluster = lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value);
        await lab.UntilAsync(
            async () =>
            {
                var shares = (await comparison.GetAsync(Token))!.Shares;
                return (await cluster.GetArrangementsAsync(Token)).Scenarios is { Length: 3 } scenarios
                    && scenarios.All(one => Math.Abs(one.Asked - shares[one.Scenario]) < 1e-3) && scenarios.Any(static one => one.CoreHours > 0);
            },
            "the cluster knows the shares, and counts what scenarios get");

        await lab.CheckEndAsync(simulations);
    }

    private static async Task<(IScenarioGrain Comparison, ISimulationGrain[] Simulations)> StartAsync(Lab lab, int count, ScenarioSteering steering)
    {
        var scenario = new ScenarioId(lab.World.NewKey('o'));
        List<ISimulationGrain> simulations = [];
        for (var i = 0; i < count; i++)
        {
            simulations.Add(await lab.SubmitAsync([Lab.Stage("run")], scenario: scenario, variant: $"v{i}", order: i));
        }

        var comparison = lab.World.Grains.GetGrain<IScenarioGrain>(scenario.Value);
        await comparison.DefineAsync(
            new()
            {
                Id = scenario,
                Campaign = "co2",
                Metric = "tas",
                Steering = steering,
                Variants = simulations.Select(static (simulation, i) => (Name: $"v{i}", Id: new SimulationId(simulation.GetPrimaryKeyString()))).ToImmutableSortedDictionary(static one => one.Name, static one => ImmutableArray.Create(one.Id)),
            },
            Token);
        return (comparison, [.. simulations]);
    }
}
