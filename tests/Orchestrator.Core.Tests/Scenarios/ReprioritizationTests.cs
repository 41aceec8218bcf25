using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Scenarios.Reallocation;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class ReprioritizationTests
{
    private static readonly ScenarioInput.Reprioritize Now = new(Force: true);

    [Fact]
    public void Three_scenarios_are_judged_compared_and_their_shares_move_with_history()
    {
        var state = Step(Reported(0.95, 0.6, 0.1), Now);

        state.Assessments.Of("a").Length.ShouldBe(1);
        state.Comparisons.Of("a", "c").ShouldHaveSingleItem().Difference.ShouldBeGreaterThan(0);
        state.Priorities.Changes.ShouldNotBeEmpty();
        state.Shares["a"].ShouldBeGreaterThan(1 / 3.0);
        state.Shares["c"].ShouldBeLessThan(1 / 3.0);
        state.Shares.Values.Sum().ShouldBe(1, 1e-9);
        state.Moves.ShouldContain(static move => move.Scenario == "a" && move.After > move.Before);
        state.Outbox[^1].Kind.ShouldBe(EventKinds.ScenarioReprioritized);
        state.Outbox[^1].Text.ShouldContain("a: continue");
    }

    [Fact]
    public void A_metric_that_rises_gets_its_scenario_more()
    {
        var before = Step(Reported(0.6, 0.6, 0.1), Now);

        var after = Step(Report(before, "a", 2, 0.98), Now, Noon.AddHours(5));

        after.Priorities.ChangesOf("a", since: Noon.AddHours(5)).ShouldHaveSingleItem().Reason.ShouldBe(PriorityReason.EvaluationChanged);
        after.Shares["a"].ShouldBeGreaterThan(before.Shares.GetValueOrDefault("a", 1 / 3.0));
    }

    [Fact]
    public void When_the_last_becomes_the_first_priorities_and_shares_turn()
    {
        var before = Step(Reported(0.9, 0.6, 0.2), Now);

        var after = before;
        for (var i = 1; i <= 4; i++)
        {
            after = Step(Report(Report(after, "c", 1 + i, 0.99), "a", 1 + i, 0.05), Now, Noon.AddHours(4 * i));
        }

        after.Priorities.Of("c").ShouldBeGreaterThan(before.Priorities.Of("c"));
        after.Priorities.Of("a").ShouldBeLessThan(before.Priorities.Of("a"));
        after.Shares["c"].ShouldBeGreaterThan(before.Shares["c"]);
        after.Shares["a"].ShouldBeLessThan(before.Shares["a"]);
        after.Moves.Count(static move => move.Scenario == "c").ShouldBeGreaterThanOrEqualTo(2);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.0)]
    public void A_person_gets_a_scenario_more_and_it_stays(double priority)
    {
        var before = Step(Reported(0.6, 0.6, 0.3), Now);

        var after = Step(before, new ScenarioInput.Override("c", priority, "ada", "for the review"));

        after.Shares["c"].ShouldBeGreaterThan(before.Shares["c"]);
        after.Priorities.Changes[^1].ShouldSatisfyAllConditions(
            static change => change.Reason.ShouldBe(PriorityReason.ManualOverride),
            static change => change.Note.ShouldBe("for the review"));
        after.Outbox[^1].Text.ShouldContain("by ada: for the review");
        after.Orders[new("s-c1")].Promise.ShouldBe(priority);
        Step(after, Now, Noon.AddHours(4)).Priorities.Of("c").ShouldBe(priority);
        Step(after, new ScenarioInput.Override("c", priority, "ada", "again")).ShouldBeSameAs(after);
        Step(after, new ScenarioInput.Override("nobody", priority, "ada", "")).ShouldBeSameAs(after);
    }

    [Fact]
    public void Advice_changes_nothing_at_the_simulations_and_steering_tells_them_what_they_promise()
    {
        Step(Reported(0.95, 0.6, 0.1), Now).Orders.ShouldBeEmpty();

        var steered = Step(Reported(0.95, 0.6, 0.1, ScenarioSteering.Steer), Now);

        steered.Orders[new("s-a1")].Promise.ShouldBe(steered.Priorities.Of("a"));
        steered.Priorities.Of("a").ShouldBeGreaterThan(0.5);
        steered.Orders[new("s-c1")].Promise!.Value.ShouldBeLessThan(0.5);
    }

    [Fact]
    public void With_steering_the_scheduler_is_told_shares_that_move_in_opposite_directions_with_a_record_each()
    {
        var state = Step(Reported(0.95, 0.6, 0.1, ScenarioSteering.Steer), Now);

        foreach (var variant in state.Definition.Variants.Keys)
        {
            var share = state.Orders[new($"s-{variant}1")].Share.ShouldNotBeNull();
            (share.Set, share.Scenario, share.Share).ShouldBe((Id, variant, state.Shares[variant]));
            state.Member($"{variant}1").Share.ShouldBe(share);
        }

        var (told, moves) = (state.Shares, state.Moves.Length);
        state = Step(Report(Report(Told(state), "c", 2, 0.99), "a", 2, 0.05), Now, Noon.AddHours(4));
        state = Step(Report(Report(Told(state), "c", 3, 0.99), "a", 3, 0.05), Now, Noon.AddHours(8));

        state.Orders[new("s-a1")].Share!.Share.ShouldBeLessThan(told["a"]);
        state.Orders[new("s-c1")].Share!.Share.ShouldBeGreaterThan(told["c"]);
        state.Moves.Skip(moves).Select(static move => move.Scenario).ShouldContain("a");
        state.Moves.Skip(moves).Select(static move => move.Scenario).ShouldContain("c");
        state.Advice[0].ShouldBe("Steered:");
    }

    [Fact]
    public void Shares_are_told_with_steering_alone_and_taken_back_after_it()
    {
        var told = Told(Step(Reported(0.95, 0.6, 0.1, ScenarioSteering.Steer), Now));

        var advised = Step(told, new ScenarioInput.Define(told.Definition with { Steering = ScenarioSteering.Advise }), Noon.AddHours(1));

        advised.Orders[new("s-a1")].ShouldSatisfyAllConditions(static order => order.Share.ShouldBeNull(), static order => order.ForgetsShare.ShouldBeTrue());
        advised.Member("a1").Share.ShouldBeNull();
        var without = Step(told, new ScenarioInput.Define(told.Definition with { Variants = told.Definition.Variants.Remove("a") }), Noon.AddHours(1));
        without.Orders[new("s-a1")].ForgetsShare.ShouldBeTrue();
        var guarded = Step(told, new ScenarioInput.Define(told.Definition with { Protected = [new("s-a1")] }), Noon.AddHours(1));
        guarded.Orders[new("s-a1")].ForgetsShare.ShouldBeTrue();
        Step(Reported(0.95, 0.6, 0.1), Now).Members.Values.ShouldAllBe(static member => member.Share == null);
    }

    [Fact]
    public void What_goes_on_after_a_pause_is_told_its_share_and_promise_again_since_a_scheduler_forgets()
    {
        var told = Told(Step(Reported(0.95, 0.6, 0.1, ScenarioSteering.Steer), Now));
        told.Orders.ShouldBeEmpty();

        var paused = Step(told, Observed("a1", Event(40, EventKinds.SimulationPausing), Event(41, EventKinds.SimulationPaused)));
        paused.Orders.ShouldBeEmpty();
        var resumed = Step(paused, Observed("a1", Event(42, EventKinds.SimulationResumed)), Noon.AddDays(40));

        resumed.Orders.ShouldHaveSingleItem().Value.ShouldSatisfyAllConditions(
            order => order.Share.ShouldBe(told.Member("a1").Share),
            order => order.Promise.ShouldBe(told.Member("a1").Promise),
            static order => order.Hold.ShouldBeNull());
        resumed.Member("a1").ShouldSatisfyAllConditions(member => member.Share.ShouldNotBeNull(), member => member.Promise.ShouldNotBeNull());
    }

    [Fact]
    public void Significance_follows_the_objectives_and_tags_that_were_said()
    {
        var definition = Definition("a: a1; b: b1; c: c1") with
        {
            Objectives = [new() { Name = "extremes", Importance = 1, TargetMetrics = ["extreme"] }, new() { Name = "warming", Importance = 0.5, TargetMetrics = ["tas"] }],
            Tags = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("a", ["extreme"]),
        };
        var state = Report(Report(Step(new(), new ScenarioInput.Define(definition)), "a", 1, 0.5), "b", 1, 0.5);

        var assessments = ScenarioMachine.Assess(state, Noon);

        assessments.Single(static one => one.Scenario == "a").Of(Criterion.Significance)!.Score.ShouldBe(1);
        assessments.Single(static one => one.Scenario == "b").Of(Criterion.Significance)!.Score!.Value.ShouldBe(0.5 / 1.5, 1e-9);
        assessments.Single(static one => one.Scenario == "c").Of(Criterion.Significance)!.Score.ShouldBeNull("it has reported nothing");
        Step(state, new ScenarioInput.Define(definition with { Objectives = [.. definition.Objectives], Tags = definition.Tags.SetItem("a", ["extreme"]) })).ShouldBeSameAs(state);
        ScenarioDefinition.AreSame(definition, definition with { Objectives = [] }).ShouldBeFalse();
        ScenarioDefinition.AreSame(definition, definition with { Tags = definition.Tags.SetItem("b", ["extreme"]) }).ShouldBeFalse();
    }

    [Fact]
    public void Priorities_can_follow_the_ranking_with_the_minimum_change_and_shift_that_were_said()
    {
        var definition = Definition("a: a1; b: b1; c: c1") with { Reallocation = new() { Priorities = PriorityRule.Ranking, MinimumChange = 0.01, MaximumShift = 0.5 } };
        var state = Report(Report(Report(Step(new(), new ScenarioInput.Define(definition)), "a", 1, 0.95), "b", 1, 0.6), "c", 1, 0.1);

        state = Step(state, Now);

        state.Priorities.Changes.ShouldNotBeEmpty();
        state.Priorities.Changes.ShouldAllBe(static change => change.Reason == PriorityReason.RelativeComparison);
        state.Priorities.Of("a").ShouldBeGreaterThan(state.Priorities.Of("c"));
        state.Shares["c"].ShouldBe(1 / 6.0, 1e-6, "it may lose half of its own at once");
        Step(state, Now, Noon.AddHours(5)).Priorities.Changes.Length.ShouldBe(state.Priorities.Changes.Length);
    }

    [Fact]
    public void Pairs_that_complement_one_another_and_groups_that_are_alike_are_told_of_those_with_data()
    {
        var state = Reported(0.9, 0.9, 0.1);
        foreach (var (variant, tas, novelty) in new[] { ("a", 0.9, 0.1), ("b", 0.9, 0.1), ("c", 0.1, 0.9) })
        {
            state = Step(state, Observed($"{variant}1", Event(2, EventKinds.StageProgressed, 0.01, ("tas", tas), ("novelty", novelty))));
        }

        var (complementary, alike) = ScenarioMachine.Pair(state, ScenarioMachine.Assess(state, Noon));

        complementary.Select(static pair => (pair.One, pair.Other)).ShouldBe([("a", "c"), ("b", "c")], ignoreOrder: true);
        alike.ShouldHaveSingleItem().ShouldBe(["a", "b"]);
        var empty = After(Define("a: a1; b: b1"));
        ScenarioMachine.Pair(empty, ScenarioMachine.Assess(empty, Noon)).Complementary.ShouldBeEmpty();
    }

    [Fact]
    public void What_differs_by_little_of_its_value_and_much_of_what_lies_between_all_is_not_alike()
    {
        // Three climates in kelvin, and later a fourth that is as good as one of them.
        var state = Reported(287.1, 288.6, 290.2);

        ScenarioMachine.Pair(state, ScenarioMachine.Assess(state, Noon)).Alike.ShouldBeEmpty();
        state = Report(state, "b", 2, 290.17);
        ScenarioMachine.Pair(state, ScenarioMachine.Assess(state, Noon)).Alike.ShouldHaveSingleItem().ShouldBe(["b", "c"]);
    }

    [Fact]
    public void Nothing_moves_before_the_interval_has_passed_or_without_data()
    {
        var state = Reported(0.95, 0.6, 0.1);

        Step(state, new ScenarioInput.Reprioritize(Force: false), Noon.AddHours(3)).ShouldBeSameAs(state);
        Step(state, new ScenarioInput.Reprioritize(Force: false), Noon.AddHours(4)).Priorities.Changes.ShouldNotBeEmpty();

        var unknown = Step(After(Define("a: a1; b: b1")), Now);
        unknown.Priorities.Changes.ShouldBeEmpty();
        unknown.Shares.ShouldBeEmpty();
        unknown.Advice.ShouldContain(static line => line.Contains("no data yet"));
        Step(After(Define("a: a1; b: b1")) with { Definition = Definition("a: a1; b: b1") with { Steering = ScenarioSteering.Off } }, Now).Advice.ShouldBeEmpty();
    }

    [Fact]
    public void The_same_evidence_moves_nothing_again_until_something_is_new()
    {
        var once = Step(Reported(0.95, 0.6, 0.1, ScenarioSteering.Steer), Now);

        var again = Step(Step(once, Now, Noon.AddMinutes(1)), new ScenarioInput.Reprioritize(Force: false), Noon.AddHours(9));
        again.Priorities.Changes.Length.ShouldBe(once.Priorities.Changes.Length);
        again.Priorities.Of("a").ShouldBe(once.Priorities.Of("a"));
        again.Shares.ShouldBe(once.Shares);
        again.Advice.ShouldContain(static line => line.StartsWith("a: nothing new"));

        var moved = Step(Report(again, "c", 2, 0.99), Now, Noon.AddHours(10));
        moved.Priorities.Of("c").ShouldBeGreaterThan(once.Priorities.Of("c"));

        // Who takes a priority back wants what is known to be followed.
        var back = Step(Step(once, new ScenarioInput.Override("a", 0.1, "ada", "")), new ScenarioInput.Override("a", null, "ada", ""));
        Step(back, Now, Noon.AddMinutes(1)).Priorities.Of("a").ShouldBeGreaterThan(0.1);
    }

    [Fact]
    public void The_way_of_a_metric_is_kept_without_growing()
    {
        var state = After(Define("a: a1; b: b1"));
        for (var i = 1; i <= 300; i++)
        {
            state = Step(Report(state, "a", i, i), new ScenarioInput.Evaluate());
            state = Step(state, new ScenarioInput.Published(state.EventSequence));
        }

        state.Samples["a"].Length.ShouldBeLessThanOrEqualTo(33);
        state.Samples["a"][^1].Values["tas"].ShouldBe(300);
        state.Samples["a"][0].Values["tas"].ShouldBe(1);
    }

    private static ScenarioState Reported(double a, double b, double c, ScenarioSteering steering = ScenarioSteering.Advise)
    {
        var state = Step(new(), new ScenarioInput.Define(Definition("a: a1; b: b1; c: c1") with { Steering = steering }));
        return Report(Report(Report(state, "a", 1, a), "b", 1, b), "c", 1, c);
    }

    private static ScenarioState Told(ScenarioState state) =>
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>().Aggregate(state, static (now, tell) => Step(now, new ScenarioInput.Told(tell.Simulation, tell.Order)));

    private static ScenarioState Report(ScenarioState state, string variant, long sequence, double value) =>
        Step(state, Observed($"{variant}1", Event(sequence, EventKinds.StageProgressed, 0.01, ("tas", value))));
}
