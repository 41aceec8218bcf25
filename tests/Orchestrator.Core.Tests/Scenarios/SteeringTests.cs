using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scenarios;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class SteeringTests
{
    private const string Six = "a: a1; b: b1; c: c1; d: d1; e: e1; f: f1";

    [Fact]
    public void Who_comes_to_a_rung_pauses_until_it_is_among_the_best_third()
    {
        var state = Steered(Six);
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state.Width.ShouldBe(2);
        state = Report(state, ("a1", 0.05, 5), ("b1", 0.05, 3));
        Held(state).ShouldBe("a1 b1");
        state.Orders[new("s-a1")].Hold.ShouldBe(true);
        state.Orders[new("s-a1")].Reason.ShouldContain("scenario a");

        state = Report(Told(state), ("c1", 0.05, 9));
        Held(state).ShouldBe("a1 b1");

        // Of six the best two may go on: c did, a is let go.
        state = Report(Told(Report(Told(Report(state, ("d1", 0.05, 1))), ("e1", 0.05, 2))), ("f1", 0.05, 0));
        Held(state).ShouldBe("b1 d1 e1 f1");
        state.Orders[new("s-a1")].Hold.ShouldBe(false);
        state.Width.ShouldBe(2);
    }

    [Fact]
    public void Nothing_idles_and_nothing_is_ended()
    {
        var state = Steered(Six);
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        foreach (var report in new[] { ("a1", 0.05, 5.0), ("b1", 0.05, 3), ("c1", 0.05, 9), ("d1", 0.05, 1), ("e1", 0.05, 2), ("f1", 0.05, 0) })
        {
            state = Told(Report(state, report));
        }

        state = Report(state, ("c1", 1, 9), ("a1", 1, 5));

        // Two could run and none of the rest is among the best: the best of them go on.
        Held(state).ShouldBe("d1 f1");
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>().Select(static tell => (tell.Simulation.Value, tell.Order.Hold)).ShouldBe([("s-b1", false), ("s-e1", false)]);
    }

    [Theory]
    [InlineData(ScenarioSteering.Advise, 0.1, false)]
    [InlineData(ScenarioSteering.Off, 0.1, false)]
    [InlineData(ScenarioSteering.Steer, 1.0, false)]
    [InlineData(ScenarioSteering.Steer, 0.1, true)]
    public void Only_steering_holds_and_no_more_than_its_floor_allows(ScenarioSteering steering, double floor, bool holds)
    {
        var state = Steered(Six, definition => definition with { Steering = steering, Reallocation = new() { FloorShare = floor } });
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Report(state, ("a1", 0.05, 5), ("b1", 0.05, 3));

        state.Held.Any().ShouldBe(holds);
        state.Orders.Any(static order => order.Value.Hold == true).ShouldBe(holds);
    }

    [Fact]
    public void Protected_simulations_and_what_people_paused_or_let_go_are_not_touched()
    {
        var state = Steered(Six, static definition => definition with { Protected = [new("s-a1")] });
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Report(state, ("a1", 0.05, 5), ("b1", 0.05, 3));
        Held(state).ShouldBe("b1");

        state = Step(Told(state), Observed("b1", Event(30, EventKinds.SimulationPaused), Event(31, EventKinds.SimulationResumed)));
        Held(state).ShouldBe("");
        state = Step(state, new ScenarioInput.Evaluate());
        Held(state).ShouldBe("");

        state = Report(state, ("c1", 0.05, 3));
        Held(state).ShouldBe("c1");
        state = Step(state, Observed("d1", Event(20, EventKinds.SimulationPausing), Event(21, EventKinds.SimulationPaused)));
        state = Step(state, new ScenarioInput.Evaluate());
        state.Orders.ContainsKey(new("s-d1")).ShouldBeFalse();
    }

    [Fact]
    public void An_ensemble_is_ranked_by_its_mean_when_all_its_members_have_come()
    {
        var state = Steered("a: a1 a2; b: b1; c: c1; d: d1");
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Report(Told(Report(state, ("a1", 0.05, 9), ("b1", 0.05, 4))), ("c1", 0.05, 3));
        Held(state).ShouldBe("a1 b1 c1");
        state.Rungs["a"].Values.ShouldBeEmpty();

        // The third to come makes one of three the best; members are let go together.
        state = Report(Told(state), ("a2", 0.05, 1));

        state.Rungs["a"].Values.ShouldBe([-5]);
        Held(state).ShouldBe("b1 c1");
    }

    [Fact]
    public void Who_did_not_report_the_objective_is_not_judged_and_never_waits()
    {
        var state = Steered(Six);
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Step(Step(state, Observed("c1", Event(1, EventKinds.StageProgressed, 0.5))), new ScenarioInput.Evaluate());

        Held(state).ShouldBe("");
        state.Rungs.GetValueOrDefault("c", new()).Values.ShouldBeEmpty();
    }

    [Fact]
    public void When_it_stops_steering_all_are_let_go()
    {
        var state = Steered(Six);
        state = Report(state, ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Told(Report(state, ("a1", 0.05, 5), ("b1", 0.05, 3)));

        state = Step(state, new ScenarioInput.Define(state.Definition with { Steering = ScenarioSteering.Advise }));

        Held(state).ShouldBe("");
        state.Orders.Values.ShouldAllBe(static order => order.Hold == false);
        state.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public void What_steering_itself_let_go_and_paused_again_is_no_word_of_a_person()
    {
        var state = Holding();

        state = Step(state, Observed("b1", Steering(30, EventKinds.SimulationResumed), Steering(31, EventKinds.SimulationPausing), Steering(32, EventKinds.SimulationPaused)));
        state = Step(state, new ScenarioInput.Evaluate());

        Held(state).ShouldBe("a1 b1");
        state.Rungs["b"].Cleared.ShouldBe(0);
    }

    [Fact]
    public void A_person_who_lets_a_member_go_wins_though_an_order_to_pause_it_was_on_its_way()
    {
        var state = Holding();

        state = Step(state, Observed("b1", Event(30, EventKinds.SimulationResumed), Steering(31, EventKinds.SimulationPausing), Steering(32, EventKinds.SimulationPaused)));
        state.ChangedAt.ShouldNotBeNull();
        state = Step(state, new ScenarioInput.Evaluate());

        Held(state).ShouldBe("a1");
        state.Orders[new("s-b1")].Hold.ShouldBe(false);
    }

    [Fact]
    public void A_held_member_that_a_person_pauses_too_is_the_persons_and_never_let_go()
    {
        var state = Holding();

        state = Step(state, Observed("b1", Event(30, EventKinds.SimulationPaused)));
        Held(state).ShouldBe("a1");
        state = Step(Step(state, new ScenarioInput.Evaluate()), new ScenarioInput.Define(state.Definition with { Steering = ScenarioSteering.Advise }));

        state.Orders.Keys.Select(static id => id.Value).ShouldBe(["s-a1"]);
        state = Step(Step(state, Observed("b1", Event(31, EventKinds.SimulationResumed))), new ScenarioInput.Evaluate());
        state.Member("b1").IsPausedByOthers.ShouldBeFalse();
    }

    [Fact]
    public void A_member_that_a_person_paused_while_it_was_only_told_a_promise_stays_paused()
    {
        var state = Report(Steered(Six), ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Step(state, new ScenarioInput.Override("b", 0.9, "ada", ""));
        state.Orders[new("s-b1")].Hold.ShouldBeNull();

        state = Step(state, Observed("b1", Event(30, EventKinds.StageProgressed, 0.05, ("tas", 1)), Event(31, EventKinds.SimulationPausing), Event(32, EventKinds.SimulationPaused)));
        state = Report(Step(state, new ScenarioInput.Evaluate()), ("a1", 0.05, 5));

        Held(state).ShouldBe("a1");
        state.Orders[new("s-b1")].ShouldSatisfyAllConditions(static order => order.Hold.ShouldBeNull(), static order => order.Promise.ShouldBe(0.9));
    }

    [Fact]
    public void A_member_that_is_compared_no_more_is_let_go_whatever_else_happens()
    {
        var state = Holding();

        state = Step(state, new ScenarioInput.Define(state.Definition with { Variants = state.Definition.Variants.Remove("b") }));
        state = Report(state, ("a1", 1, 5), ("c1", 1, 5), ("d1", 1, 5), ("e1", 1, 5), ("f1", 1, 5));

        state.Status.ShouldBe(ScenarioStatus.Ended);
        var tell = ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>().ShouldHaveSingleItem();
        (tell.Simulation.Value, tell.Order.Hold).ShouldBe(("s-b1", false));
        Step(state, new ScenarioInput.Told(tell.Simulation, tell.Order)).Orders.ShouldBeEmpty();
    }

    [Fact]
    public void A_member_that_is_run_again_counts_as_running_and_the_comparison_lives_again()
    {
        var state = Report(Steered("a: a1; b: b1"), ("a1", 1, 5), ("b1", 1, 3));
        state = Step(Step(state, new ScenarioInput.ReminderSet(false)), new ScenarioInput.CursorsForgotten([]));
        state.Status.ShouldBe(ScenarioStatus.Ended);
        Step(state, Observed("a1", Event(9, EventKinds.CheckpointCommitted))).ShouldBeSameAs(state);

        state = Step(state, Observed("a1", Event(10, EventKinds.SimulationReopened)));
        state.Status.ShouldBe(ScenarioStatus.Live);
        state.ChangedAt.ShouldNotBeNull();
        state.Member("a1").ShouldSatisfyAllConditions(static member => member.HasEnded.ShouldBeFalse(), static member => member.Progress.ShouldBe(0));
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.SetReminder>().ShouldHaveSingleItem().Keep.ShouldBeTrue();
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.KeepCursors>().ShouldHaveSingleItem();

        state = Step(state, Observed("a1", Event(11, EventKinds.SimulationCompleted)));
        state.Status.ShouldBe(ScenarioStatus.Ended);
        Step(state, Observed("b1", Event(9, EventKinds.SimulationReopened), Event(10, EventKinds.SimulationFailed))).Status.ShouldBe(ScenarioStatus.Ended);
    }

    [Fact]
    public void What_a_member_promised_is_told_anew_when_it_is_run_again()
    {
        var state = Step(Steered("a: a1; b: b1"), new ScenarioInput.Override("a", 0.9, "ada", ""));
        state = Report(Told(state), ("a1", 1, 5));

        state = Step(Step(state, Observed("a1", Event(10, EventKinds.SimulationReopened))), new ScenarioInput.Evaluate());

        state.Orders[new("s-a1")].ShouldSatisfyAllConditions(static order => order.Promise.ShouldBe(0.9), static order => order.ForgetsPromise.ShouldBeFalse());
    }

    [Fact]
    public void Every_member_is_told_what_it_promises_also_who_came_later_and_has_its_own_again_when_that_is_over()
    {
        var state = Step(Steered("a: a1; b: b1", static definition => definition with { Steering = ScenarioSteering.Advise }), new ScenarioInput.Override("a", 0.5, "ada", "as it is, whatever was submitted"));
        state.Orders[new("s-a1")].Promise.ShouldBe(0.5);
        state = Told(state);

        state = Step(state, new ScenarioInput.Define(state.Definition with { Variants = state.Definition.Variants.SetItem("a", [new("s-a1"), new("s-a2")]) }));
        state.Orders.Keys.ShouldBe([new("s-a2")]);
        state = Told(state);

        state = Step(state, new ScenarioInput.Define(state.Definition with { Variants = state.Definition.Variants.SetItem("a", [new("s-a1")]) }));
        state.Orders.Single().ShouldSatisfyAllConditions(static order => order.Key.Value.ShouldBe("s-a2"), static order => order.Value.ForgetsPromise.ShouldBeTrue());
        state = Told(state);

        state = Step(state, new ScenarioInput.Override("a", null, "ada", ""));
        state.Orders.Single().ShouldSatisfyAllConditions(
            static order => order.Key.Value.ShouldBe("s-a1"),
            static order => order.Value.Promise.ShouldBeNull(),
            static order => order.Value.ForgetsPromise.ShouldBeTrue());
        Told(state).Member("a1").Promise.ShouldBeNull();
    }

    /// <summary>A cluster that runs so many members at once, in the order of their submission, and pauses and resumes as it is told.</summary>
    [Fact]
    public void Everything_completes_and_the_best_does_sooner_than_in_turn()
    {
        var runs = Enumerable.Range(1, 15).Select(Race).ToList();

        runs.ShouldAllBe(static run => run.Steered.Turns <= (run.Plain.Turns * 1.25) + 54);
        runs.Select(static run => run.Plain.BestAt / (double)run.Steered.BestAt).Order().ElementAt(7).ShouldBeGreaterThan(1.2);
    }

    private static ((int Turns, int BestAt) Steered, (int Turns, int BestAt) Plain) Race(int seed)
    {
        var random = new Random(seed);
        var variants = random.Next(6, 16);
        var members = random.Next(1, 3);
        var width = random.Next(2, 8);
        var goodness = Enumerable.Range(0, variants).Select(_ => random.NextDouble()).ToArray();
        return (Run(ScenarioSteering.Steer), Run(ScenarioSteering.Off));

        (int Turns, int BestAt) Run(ScenarioSteering steering)
        {
            const int Steps = 54;
            var names = Enumerable.Range(0, variants).SelectMany(v => Enumerable.Range(0, members).Select(m => (Variant: v, Name: $"v{v:00}-{m}"))).ToList();
            var state = Steered(
                string.Join(';', names.GroupBy(static one => one.Variant).Select(static group => $"v{group.Key:00}: {string.Join(' ', group.Select(static one => one.Name))}")),
                definition => definition with { Steering = steering });
            var steps = names.ToDictionary(static one => one.Name, static _ => 0);
            var paused = new HashSet<string>();
            var sequence = names.ToDictionary(static one => one.Name, static _ => 0L);
            var running = new List<string>();
            var finest = Array.IndexOf(goodness, goodness.Max());
            var bestAt = -1;
            var now = Noon;
            var turn = 0;
            for (; state.Status == ScenarioStatus.Live && turn < 100_000; turn++)
            {
                now += TimeSpan.FromMinutes(10);
                running.RemoveAll(name => paused.Contains(name) || steps[name] >= Steps);
                running.AddRange(names.Select(static one => one.Name).Where(name => !running.Contains(name) && !paused.Contains(name) && steps[name] < Steps).Take(width - running.Count));
                foreach (var name in running)
                {
                    var variant = int.Parse(name[1..3], CultureInfo.InvariantCulture);
                    steps[name]++;
                    var value = goodness[variant] * Math.Sqrt(steps[name] / (double)Steps);
                    List<OrchestratorEvent> events = [Event(++sequence[name], EventKinds.StageProgressed, (double)steps[name] / Steps, ("tas", value))];
                    if (steps[name] == Steps)
                    {
                        events.Add(Event(++sequence[name], EventKinds.SimulationCompleted));
                        bestAt = variant == finest && bestAt < 0 && names.Where(one => one.Variant == finest).All(one => steps[one.Name] == Steps) ? turn : bestAt;
                    }

                    state = Step(state, Observed(name, [.. events]), now);
                }

                state = Step(state, new ScenarioInput.Evaluate(), now);
                foreach (var tell in ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>())
                {
                    var name = tell.Simulation.Value[2..];
                    if (tell.Order.Hold is { } hold && (hold ? paused.Add(name) : paused.Remove(name)))
                    {
                        OrchestratorEvent[] events = hold ? [Steering(++sequence[name], EventKinds.SimulationPausing), Steering(++sequence[name], EventKinds.SimulationPaused)] : [Steering(++sequence[name], EventKinds.SimulationResumed)];
                        state = Step(Step(state, new ScenarioInput.Told(tell.Simulation, tell.Order), now), Observed(name, events), now);
                    }
                    else
                    {
                        state = Step(state, new ScenarioInput.Told(tell.Simulation, tell.Order), now);
                    }
                }

                state = Step(state, new ScenarioInput.Published(state.EventSequence), now);
            }

            state.Status.ShouldBe(ScenarioStatus.Ended, $"seed {seed}");
            return (turn, bestAt);
        }
    }

    /// <summary>Of six, a1 and b1 wait at the first rung and are paused.</summary>
    private static ScenarioState Holding()
    {
        var state = Report(Steered(Six), ("a1", 0.01, 0), ("b1", 0.01, 0));
        state = Told(Report(state, ("a1", 0.05, 5), ("b1", 0.05, 3)));
        Held(state).ShouldBe("a1 b1");
        return state;
    }

    private static ScenarioState Steered(string variants, Func<ScenarioDefinition, ScenarioDefinition>? change = null)
    {
        var definition = Definition(variants) with { Steering = ScenarioSteering.Steer };
        return Step(new(), new ScenarioInput.Define(change?.Invoke(definition) ?? definition));
    }

    /// <summary>Progress of members as in ("a1", 0.05, 5), and an evaluation.</summary>
    private static ScenarioState Report(ScenarioState state, params (string Name, double Progress, double Value)[] reports)
    {
        foreach (var (name, progress, value) in reports)
        {
            var sequence = state.Member(name).Cursor;
            var report = Event(sequence + 1, EventKinds.StageProgressed, progress, ("tas", value));
            state = Step(state, progress < 1 ? Observed(name, report) : Observed(name, report, Event(sequence + 2, EventKinds.SimulationCompleted)));
        }

        return Step(state, new ScenarioInput.Evaluate());
    }

    /// <summary>All orders are carried out.</summary>
    private static ScenarioState Told(ScenarioState state)
    {
        foreach (var tell in ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>())
        {
            state = Step(state, new ScenarioInput.Told(tell.Simulation, tell.Order));
            var name = tell.Simulation.Value[2..];
            if (tell.Order.Hold is { } hold)
            {
                state = Step(state, Observed(name, Steering(state.Member(name).Cursor + 1, hold ? EventKinds.SimulationPaused : EventKinds.SimulationResumed)));
            }
        }

        return state;
    }

    /// <summary>A pause or its end that steering ordered, not a person.</summary>
    private static OrchestratorEvent Steering(long sequence, string kind) => Event(sequence, kind) with { SteeredBy = Id };

    private static string Held(ScenarioState state) => string.Join(' ', state.Held.Select(static id => id.Value[2..]).Order(StringComparer.Ordinal));
}
