using System.Collections.Immutable;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Scenarios;

public sealed class ScenarioGrainTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>
{
    private static readonly Dictionary<string, string?> AtOnce = new() { ["Orchestrator:Scenarios:Gather"] = "00:00:00" };

    public static TheoryData<Over> Databases => GrainWorld.Databases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Databases))]
    public async Task A_comparison_follows_its_members_and_ends_with_them(Over over)
    {
        var world = await worlds.OverAsync(over, AtOnce);
        var (scenario, grain, one, two) = await DefineAsync(world);

        await one.TellAsync(EventKinds.SimulationSubmitted);
        await two.TellAsync(EventKinds.SimulationSubmitted);
        await one.TellAsync(EventKinds.StageProgressed, 0.5, tas: 287);
        await two.TellAsync(EventKinds.StageProgressed, 0.25, tas: 290);
        await one.TellAsync(EventKinds.SimulationCompleted);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 1, "the end of a member was evaluated");
        await two.TellAsync(EventKinds.SimulationFailed);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 2, "the end of the last was evaluated");

        var view = (await grain.GetAsync(Token)).ShouldNotBeNull();
        view.Variants.Select(static variant => (variant.Name, variant.Rank)).ShouldBe([("4xCO2", 1), ("control", 2)]);
        view.Variants[1].Members.ShouldHaveSingleItem().Status.ShouldBe(SimulationStatus.Completed);
        view.Variants[1].Members[0].Progress.ShouldBe(1);
        view.Variants[0].Metrics["tas"].Mean.ShouldBe(290);
        view.EvaluatedAt.ShouldNotBeNull();
        (await EvaluationsAsync(world, scenario))[^1].Metrics.ShouldBe(new Dictionary<string, double> { ["4xCO2"] = 290, ["control"] = 287 });
        (await world.EventsOfAsync(scenario)).Select(static record => record.Sequence).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_lost_nudge_is_made_up_for_by_the_next_and_by_the_reminder()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);
        var (scenario, grain, one, two) = await DefineAsync(world);

        await one.LogAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await one.TellAsync(EventKinds.StageProgressed, 0.6, tas: 2);
        await one.LogAsync(EventKinds.SimulationCompleted);
        await two.LogAsync(EventKinds.StageProgressed, 0.5, tas: 3);
        await two.LogAsync(EventKinds.SimulationCompleted);
        await world.PassUntilAsync(
            TimeSpan.FromSeconds(30),
            async () => (await grain.GetAsync(Token))!.Variants.SelectMany(static variant => variant.Members).All(static member => member.Status == SimulationStatus.Completed),
            "the reminder read the log to its end");

        await world.PassUntilAsync(TimeSpan.FromSeconds(30), async () => (await EvaluationsAsync(world, scenario)).Any(static evaluation => evaluation.Metrics!.Count == 2), "both were evaluated");
    }

    [Fact]
    public async Task Repeated_and_late_nudges_change_nothing()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);
        var (scenario, grain, one, two) = await DefineAsync(world);
        var first = await one.LogAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await one.TellAsync(EventKinds.SimulationCompleted);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 1, "the end was evaluated");

        await one.NudgeAsync(first);
        await one.NudgeAsync(first);
        await two.TellAsync(EventKinds.SimulationCancelled);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 2, "the end of the last was evaluated");

        (await grain.GetAsync(Token)).ShouldNotBeNull().Variants.Single(static variant => variant.Name == "control").Members[0].Progress.ShouldBe(1);
        (await grain.DefineAsync(Definition(scenario, one, two), Token)).Variants.Length.ShouldBe(2);
        (await EvaluationsAsync(world, scenario)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_compares_after_a_while_without_an_end()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);
        var (scenario, _, one, _) = await DefineAsync(world);

        await one.TellAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await world.PassUntilAsync(TimeSpan.FromMinutes(1), async () => (await EvaluationsAsync(world, scenario)).Count > 0, "it was evaluated");
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_killed_silo_loses_nothing(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over, settings: AtOnce);
        var (scenario, grain, one, two) = await DefineAsync(world);
        await one.TellAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await one.TellAsync(EventKinds.SimulationCompleted);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 1, "the end was evaluated");

        await world.KillSiloOfAsync(grain);
        await two.LogAsync(EventKinds.StageProgressed, 0.5, tas: 2);
        await two.LogAsync(EventKinds.SimulationCompleted);
        (await grain.GetAsync(Token)).ShouldNotBeNull().Variants.Length.ShouldBe(2);
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await EvaluationsAsync(world, scenario)).Count == 2, "the new activation read the log");

        (await world.EventsOfAsync(scenario)).Select(static record => record.Sequence).ShouldBe([1, 2, 3]);
    }

    /// <summary>Nobody calls it and nothing nudges it: the stored reminder alone wakes it.</summary>
    [Theory, MemberData(nameof(Databases))]
    public async Task Its_reminder_wakes_it_after_every_silo_was_killed(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over, settings: AtOnce);
        var (scenario, _, one, two) = await DefineAsync(world);
        await world.UntilAsync(async () => (await world.EventsOfAsync(scenario)).Count == 1, "it was defined");
        await one.LogAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await one.LogAsync(EventKinds.SimulationCompleted);
        await two.LogAsync(EventKinds.SimulationFailed);

        await world.KillAllAndStartAgainAsync();
        await world.PassUntilAsync(TimeSpan.FromSeconds(30), async () => (await EvaluationsAsync(world, scenario)).Count == 2, "its reminder woke it");

        (await world.EventsOfAsync(scenario)).Select(static record => record.Sequence).ShouldBe([1, 2, 3]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_failed_is_made_up_for_whether_or_not_it_was_stored(bool stored)
    {
        await using var world = await GrainWorld.StartAsync(settings: AtOnce);
        var scenario = world.NewKey('o');
        EventStory one = new(world, world.NewKey('s'), scenario), two = new(world, world.NewKey('s'), scenario);
        var grain = world.Grains.GetGrain<IScenarioGrain>(scenario);
        world.Faults.FailNext(StorageFaults.GrainState, stored: stored);

        await Should.ThrowAsync<StorageUnavailableException>(() => grain.DefineAsync(Definition(scenario, one, two), Token));
        await grain.DefineAsync(Definition(scenario, one, two), Token);
        await one.TellAsync(EventKinds.SimulationCompleted);
        await two.TellAsync(EventKinds.SimulationCompleted);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 2, "both ends were evaluated");

        (await world.EventsOfAsync(scenario)).Select(static record => record.Kind).ShouldBe([EventKinds.ScenarioDefined, EventKinds.ScenarioEvaluated, EventKinds.ScenarioEvaluated]);
    }

    [Fact]
    public async Task A_member_that_ran_and_ended_again_while_nobody_was_up_is_read_when_somebody_is()
    {
        await using var world = await GrainWorld.StartAsync(settings: AtOnce);
        var (scenario, _, one, two) = await DefineAsync(world);
        await one.TellAsync(EventKinds.StageProgressed, 0.5, tas: 1);
        await one.TellAsync(EventKinds.SimulationCompleted);
        await two.TellAsync(EventKinds.SimulationCompleted);
        await world.UntilAsync(async () => (await EvaluationsAsync(world, scenario)).Count == 2, "both ends were evaluated");

        // All of it is in the log, and every nudge was lost.
        await one.LogAsync(EventKinds.SimulationReopened);
        await one.LogAsync(EventKinds.StageProgressed, 0.9, tas: 9);
        await one.LogAsync(EventKinds.SimulationCompleted);
        await world.KillAllAndStartAgainAsync();

        var grain = world.Grains.GetGrain<IScenarioGrain>(scenario);
        await world.PassUntilAsync(
            TimeSpan.FromSeconds(10),
            async () => (await grain.GetAsync(Token))!.Variants.Single(static variant => variant.Name == "control").Metrics.TryGetValue("tas", out var tas) && tas.Mean == 9,
            "it ranks by what the second run gave");
    }

    [Fact]
    public async Task Nobody_knows_a_comparison_that_was_never_defined()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);

        (await world.Grains.GetGrain<IScenarioGrain>(world.NewKey('o')).GetAsync(Token)).ShouldBeNull();
    }

    private static async Task<(string Scenario, IScenarioGrain Grain, EventStory One, EventStory Two)> DefineAsync(GrainWorld world)
    {
        var scenario = world.NewKey('o');
        EventStory one = new(world, world.NewKey('s'), scenario), two = new(world, world.NewKey('s'), scenario);
        var grain = world.Grains.GetGrain<IScenarioGrain>(scenario);
        await grain.DefineAsync(Definition(scenario, one, two), Token);
        return (scenario, grain, one, two);
    }

    private static ScenarioDefinition Definition(string scenario, EventStory one, EventStory two) => new()
    {
        Id = new ScenarioId(scenario),
        Campaign = "co2",
        Metric = "tas",
        Variants = ImmutableSortedDictionary<string, ImmutableArray<SimulationId>>.Empty.Add("control", [one.Id]).Add("4xCO2", [two.Id]),
    };

    private static async Task<List<OrchestratorEvent>> EvaluationsAsync(GrainWorld world, string scenario) =>
        [.. (await world.EventsOfAsync(scenario)).Where(static record => record.Kind == EventKinds.ScenarioEvaluated).Select(EventPublisher.Read)];
}
