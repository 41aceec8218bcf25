using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class ScenarioMachineTests
{
    [Fact]
    public void A_repeated_definition_changes_nothing()
    {
        var state = After(Define("control: a b; 4x: c"));

        Step(state, Define("control: a b; 4x: c")).ShouldBeSameAs(state);
        state.Status.ShouldBe(ScenarioStatus.Live);
        state.Outbox.ShouldHaveSingleItem().Kind.ShouldBe(EventKinds.ScenarioDefined);
    }

    [Fact]
    public void Another_objective_replaces_the_one_before_and_is_recorded()
    {
        var state = After(
            Define("control: a; 4x: b", by: "tas"),
            Observed("a", Event(1, EventKinds.StageProgressed, 0.5, ("tas", 1), ("pr", 9))),
            Observed("b", Event(1, EventKinds.StageProgressed, 0.5, ("tas", 2), ("pr", 3))),
            new ScenarioInput.Evaluate());
        state.Evaluation.Select(static variant => variant.Name).ShouldBe(["4x", "control"]);

        state = Step(Step(state, Define("control: a; 4x: b", by: "pr")), new ScenarioInput.Evaluate());

        state.Evaluation.Select(static variant => variant.Name).ShouldBe(["control", "4x"]);
        state.Objectives.Select(static objective => objective.Metric).ShouldBe(["tas", "pr"]);
        state.Member("a").Cursor.ShouldBe(1);
    }

    [Fact]
    public void An_event_counts_once_however_often_it_comes()
    {
        var state = After(Define("control: a"), Observed("a", Event(1, EventKinds.StageProgressed, 0.2, ("tas", 1)), Event(2, EventKinds.StageProgressed, 0.4, ("tas", 2))));

        Step(state, Observed("a", Event(1, EventKinds.StageProgressed, 0.2, ("tas", 1)))).ShouldBeSameAs(state);
        state.Member("a").Metrics["tas"].ShouldBe(2);
        state.Member("a").Status.ShouldBe(SimulationStatus.Running);
    }

    [Fact]
    public void Events_of_strangers_change_nothing()
    {
        var state = After(Define("control: a"));

        Step(state, Observed("stranger", Event(1, EventKinds.StageProgressed, 0.2))).ShouldBeSameAs(state);
    }

    [Fact]
    public void It_ends_with_its_last_member_and_has_compared_then()
    {
        var state = After(
            Define("control: a; 4x: b"),
            Observed("a", Event(1, EventKinds.StageProgressed, 0.5, ("tas", 1)), Event(2, EventKinds.SimulationCompleted)),
            Observed("b", Event(1, EventKinds.StageProgressed, 0.5, ("tas", 3)), Event(2, EventKinds.SimulationFailed)));

        state.Status.ShouldBe(ScenarioStatus.Ended);
        state.Member("a").Progress.ShouldBe(1);
        state.Member("b").Progress.ShouldBe(0.5);
        state.Evaluation.Select(static variant => (variant.Name, variant.Rank)).ShouldBe([("4x", 1), ("control", 2)]);
        state.Outbox.Last().Metrics.ShouldNotBeNull().ShouldBe(new Dictionary<string, double> { ["4x"] = 3, ["control"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public void It_compares_only_what_has_changed()
    {
        var state = After(Define("control: a"), new ScenarioInput.Evaluate());

        Step(state, new ScenarioInput.Evaluate()).ShouldBeSameAs(state);
        Step(state, Observed("a", Event(1, EventKinds.CheckpointCommitted))).ChangedAt.ShouldBeNull();
    }

    [Fact]
    public void The_log_is_asked_to_keep_what_was_not_read_and_let_go_at_the_end()
    {
        var state = After(Define("control: a b"));
        var keep = ScenarioMachine.Owed(state).OfType<ScenarioEffect.KeepCursors>().ShouldHaveSingleItem();
        keep.Cursors.Values.ShouldAllBe(static cursor => cursor == 0);

        state = Step(state, new ScenarioInput.CursorsKept(keep.Cursors));
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.KeepCursors>().ShouldBeEmpty();
        state = Step(Step(state, Observed("a", Event(1, EventKinds.SimulationCompleted))), Observed("b", Event(1, EventKinds.SimulationCancelled)));

        ScenarioMachine.Owed(state).OfType<ScenarioEffect.ForgetCursors>().ShouldHaveSingleItem().Simulations.ShouldBeEmpty();
        state = Step(state, new ScenarioInput.CursorsForgotten([]));
        ScenarioMachine.Owed(state).OfType<ScenarioEffect.ForgetCursors>().ShouldBeEmpty();
    }

    [Fact]
    public void A_member_that_is_no_longer_compared_is_forgotten()
    {
        var state = After(Define("control: a b"), Define("control: a"));

        ScenarioMachine.Owed(state).OfType<ScenarioEffect.ForgetCursors>().ShouldHaveSingleItem().Simulations.ShouldBe([new SimulationId("s-b")]);
        Step(state, new ScenarioInput.CursorsForgotten([new SimulationId("s-b")])).Dropped.ShouldBeEmpty();
    }

    /// <summary>Every status with every input: what becomes of the status, and "." where nothing changes at all.</summary>
    [Fact]
    public void Every_status_knows_every_input()
    {
        (string Name, ScenarioState State)[] states =
        [
            ("Absent", new()),
            ("Live", After(Define("control: a"), Observed("a", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 1))))),
            ("Ended", After(Define("control: a"), Observed("a", Event(1, EventKinds.SimulationCompleted)))),
        ];
        (string Name, ScenarioInput Input)[] inputs =
        [
            ("Define same", Define("control: a")),
            ("Define other", Define("control: a; 4x: b")),
            ("Observed progress", Observed("a", Event(5, EventKinds.StageProgressed, 0.5))),
            ("Observed end", Observed("a", Event(5, EventKinds.SimulationCompleted))),
            ("Evaluate", new ScenarioInput.Evaluate()),
            ("Published", new ScenarioInput.Published(1)),
            ("CursorsKept", new ScenarioInput.CursorsKept(ImmutableSortedDictionary<SimulationId, long>.Empty.Add(new("s-a"), 1))),
            ("CursorsForgotten", new ScenarioInput.CursorsForgotten([])),
            ("ReminderSet", new ScenarioInput.ReminderSet(true)),
        ];
        var table = new StringBuilder();
        foreach (var (name, input) in inputs)
        {
            table.Append($"{name,-18}");
            foreach (var (_, state) in states)
            {
                var after = Step(state, input);
                table.Append($" {(ReferenceEquals(after, state) ? "." : after.Status),-7}");
            }

            table.Append('\n');
        }

        string.Join('\n', table.ToString().Split('\n').Select(static line => line.TrimEnd())).ShouldBe("""
            Define same        Live    .       .
            Define other       Live    Live    Live
            Observed progress  .       Live    .
            Observed end       .       Ended   .
            Evaluate           .       Live    .
            Published          .       Live    Ended
            CursorsKept        .       Live    Ended
            CursorsForgotten   .       .       .
            ReminderSet        .       Live    Ended

            """.ReplaceLineEndings("\n"));
    }

    /// <summary>Repeats, reordered batches and restarts of a random history: what is taken in equals what happened, and each event counts once (invariant 9).</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Random_histories_end_where_the_events_say(int seed)
    {
        var random = new Random(seed);
        var names = Enumerable.Range(0, random.Next(1, 6)).Select(static number => $"m{number}").ToArray();
        var histories = names.ToDictionary(static name => name, name => History(random));
        var variants = string.Join(';', names.GroupBy(name => random.Next(3)).Select(static group => $"v{group.Key}: {string.Join(' ', group)}"));
        var state = After(Define(variants));
        var now = Noon;
        for (var turn = 0; turn < 300; turn++)
        {
            now += TimeSpan.FromSeconds(random.Next(100));
            var name = names[random.Next(names.Length)];
            var log = histories[name];
            var cursor = (int)state.Member(name).Cursor;
            ScenarioInput input = random.Next(8) switch
            {
                // A nudge: the log from the cursor on, some of it, or what is known already.
                0 or 1 or 2 or 3 => Observed(name, [.. log.Skip(cursor).Take(random.Next(4))]),
                4 => Observed(name, [.. log.Take(random.Next(cursor + 1))]),
                5 => new ScenarioInput.Evaluate(),
                6 when state.Outbox.Length > 0 => new ScenarioInput.Published(state.Outbox[random.Next(state.Outbox.Length)].Sequence),
                6 => new ScenarioInput.Published(0),
                _ => new ScenarioInput.ReminderSet(random.Next(2) == 0),
            };
            state = Step(state, input, now);
            foreach (var effect in ScenarioMachine.Owed(state).OfType<ScenarioEffect.KeepCursors>().Where(_ => random.Next(2) == 0))
            {
                state = Step(state, new ScenarioInput.CursorsKept(effect.Cursors), now);
            }
        }

        foreach (var name in names)
        {
            state = Step(state, Observed(name, [.. histories[name]]), now);
        }

        state.Status.ShouldBe(ScenarioStatus.Ended);
        foreach (var name in names)
        {
            state.Member(name).Cursor.ShouldBe(histories[name].Count);
            state.Member(name).Metrics["tas"].ShouldBe(histories[name].Last(static occurrence => occurrence.Metrics is not null).Metrics!["tas"]);
            state.Member(name).Status.ShouldBe(histories[name][^1].Kind == EventKinds.SimulationCompleted ? SimulationStatus.Completed : SimulationStatus.Failed);
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    private static List<OrchestratorEvent> History(Random random)
    {
        List<OrchestratorEvent> events = [Event(1, EventKinds.SimulationSubmitted), Event(2, EventKinds.StageProgressed, 0, ("tas", 0))];
        for (var i = random.Next(20); i > 0; i--)
        {
            events.Add(random.Next(4) == 0
                ? Event(events.Count + 1, EventKinds.CheckpointCommitted)
                : Event(events.Count + 1, EventKinds.StageProgressed, random.NextDouble(), ("tas", random.Next(1000))));
        }

        events.Add(Event(events.Count + 1, random.Next(3) == 0 ? EventKinds.SimulationFailed : EventKinds.SimulationCompleted));
        return events;
    }
}
