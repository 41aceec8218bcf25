using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class NodeMachineTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NodePolicy Policy = new() { HeartbeatInterval = TimeSpan.FromSeconds(5), DetectionWindow = TimeSpan.FromSeconds(30) };

    [Fact]
    public void A_node_that_fell_silent_is_lost_and_says_after_how_long_that_was_noticed()
    {
        var lost = NodeMachine.Step(Alive(), new NodeInput.FellSilent(Now), Now.AddSeconds(31));

        lost.Status.ShouldBe(NodeStatus.Lost);
        lost.Failures.ShouldBe([Now.AddSeconds(31)]);
        lost.Outbox[^1].Kind.ShouldBe(EventKinds.NodeLost);
        lost.Outbox[^1].NoticedAfter.ShouldBe(TimeSpan.FromSeconds(31));
        lost.LastSeen.ShouldBe(Now);
    }

    [Fact]
    public void A_lost_node_that_is_heard_of_again_recovers()
    {
        var lost = NodeMachine.Step(Alive(), new NodeInput.FellSilent(Now), Now.AddSeconds(31));

        var back = NodeMachine.Step(lost, new NodeInput.Heard("one"), Now.AddSeconds(40));

        back.Status.ShouldBe(NodeStatus.Alive);
        back.Outbox.Select(e => e.Kind).ShouldBe([EventKinds.NodeRegistered, EventKinds.NodeLost, EventKinds.NodeRecovered]);
    }

    [Fact]
    public void A_repeated_registration_changes_nothing()
    {
        var alive = Alive();

        NodeMachine.Step(alive, Registered("one"), Now.AddSeconds(9)).ShouldBeSameAs(alive);
    }

    [Fact]
    public void A_second_agent_beside_a_living_one_is_refused_with_a_reason()
    {
        var sight = Heard(Now);

        Refusal(Alive(), sight, "two", Now.AddSeconds(7)).ShouldBe("Another agent of n-1 may be alive: it was heard 7.0 s ago. Try again after 7.5 s.");
    }

    [Fact]
    public void A_restarted_agent_is_let_in_when_the_old_one_misses_a_heartbeat() =>
        Refusal(Alive(), Heard(Now), "two", Now.AddSeconds(7.6)).ShouldBeNull();

    [Fact]
    public void A_restarted_agent_is_let_in_at_once_when_the_old_one_said_goodbye_was_given_up_or_rebooted_away()
    {
        var sight = Heard(Now);
        var left = NodeMachine.Step(Alive(), new NodeInput.SaidGoodbye("one"), Now);
        var lost = NodeMachine.Step(Alive(), new NodeInput.FellSilent(Now), Now);

        Refusal(left, sight, "two", Now).ShouldBeNull();
        Refusal(lost, sight, "two", Now).ShouldBeNull();
        NodeMachine.Refusal(Alive(), sight, Registered("two") with { BootId = "other", Replaces = "one" }, Policy, Now).ShouldBeNull();
    }

    [Fact]
    public void A_registration_from_before_a_reboot_that_comes_late_does_not_take_the_node_from_the_agent_of_now()
    {
        var sight = Heard(Now);

        // It was never let in, so it is no former instance; and it knows nothing of who has the node, or of one from before.
        NodeMachine.Refusal(Alive(), sight, Registered("zero") with { BootId = "before" }, Policy, Now).ShouldNotBeNull();
        NodeMachine.Refusal(Alive(), sight, Registered("zero") with { BootId = "before", Replaces = "minus one" }, Policy, Now).ShouldNotBeNull();
    }

    [Fact]
    public void The_record_of_a_node_that_comes_and_goes_while_the_log_is_away_is_bounded_and_its_numbers_have_no_gaps()
    {
        var state = Alive();
        for (var time = 0; time < 200; time++)
        {
            state = NodeMachine.Step(state, new NodeInput.FellSilent(Now), Now);
            state = NodeMachine.Step(state, new NodeInput.Heard("one"), Now);
            NodeMachine.SanityCheck(state).ShouldBeEmpty();
        }

        state.Outbox.Length.ShouldBe(128);
        state.Outbox[^1].Text.ShouldContain("events before it were not kept while the log was away");
        state.FailuresSeen.ShouldBe(200);
        state = NodeMachine.Step(state, new NodeInput.Logged(state.EventSequence), Now);
        state = NodeMachine.Step(state, new NodeInput.FellSilent(Now), Now);

        state.Outbox.ShouldHaveSingleItem().Text.ShouldNotContain("not kept");
    }

    [Fact]
    public void After_a_restart_of_the_silo_the_old_agent_has_the_time_of_a_heartbeat_to_be_heard()
    {
        var sight = new NodeSight { WatchedSince = Now };

        Refusal(Alive(), sight, "two", Now.AddSeconds(1)).ShouldNotBeNull();
        Refusal(Alive(), sight, "one", Now.AddSeconds(1)).ShouldBeNull();
        Refusal(Alive(), sight, "two", Now.AddSeconds(8)).ShouldBeNull();
    }

    [Fact]
    public void An_agent_that_was_replaced_does_not_get_the_node_back()
    {
        var replaced = NodeMachine.Step(Alive(), Registered("two"), Now);

        replaced.FormerInstances.ShouldBe(["one"]);
        Refusal(replaced, Heard(Now), "one", Now.AddMinutes(1)).ShouldBe("This instance of the agent of n-1 was replaced by another one.");
    }

    [Fact]
    public void A_node_is_not_seen_for_a_whole_window_after_an_activation_before_it_can_be_given_up()
    {
        var sight = new NodeSight { WatchedSince = Now, HeardAt = Now.AddHours(-1) };

        NodeMachine.StatusOf(Alive(), sight).ShouldBe(NodeStatus.NotSeen);
        NodeMachine.DueAt(Alive(), sight, Policy).ShouldBe(Now.AddSeconds(30));
        NodeMachine.StatusOf(Alive(), Heard(Now)).ShouldBe(NodeStatus.Alive);
        NodeMachine.DueAt(Alive(), NodeMachine.Hear(sight, [], 0, 0, 0, Now.AddSeconds(4)), Policy).ShouldBe(Now.AddSeconds(34));
    }

    [Fact]
    public void Only_a_heartbeat_that_says_something_new_of_processes_or_leases_concerns_the_cluster()
    {
        var first = NodeMachine.Hear(new() { WatchedSince = Now }, [], 3, 0, 0, Now);

        NodeMachine.Hear(first, [], 3, 0.9, 1000, Now.AddSeconds(5)).Changes.ShouldBe(first.Changes);
        NodeMachine.Hear(first, [], 4, 0, 0, Now.AddSeconds(5)).Changes.ShouldBe(first.Changes + 1);
        NodeMachine.Hear(first, [new() { HasProcesses = true }], 3, 0, 0, Now.AddSeconds(5)).Changes.ShouldBe(first.Changes + 1);
    }

    [Fact]
    public void An_older_version_of_wanted_leases_changes_nothing()
    {
        var wanted = NodeMachine.Step(Alive(), new NodeInput.SetWanted(5, [new()]), Now);

        wanted.Wanted.Length.ShouldBe(1);
        NodeMachine.Step(wanted, new NodeInput.SetWanted(5, []), Now).ShouldBeSameAs(wanted);
        NodeMachine.Step(wanted, new NodeInput.SetWanted(4, []), Now).ShouldBeSameAs(wanted);
        NodeMachine.Step(wanted, new NodeInput.SetWanted(6, []), Now).Wanted.ShouldBeEmpty();
    }

    [Fact]
    public void A_registration_without_instance_or_cores_is_refused()
    {
        Refusal(new(), new(), "", Now).ShouldBe("The registration names no instance of the agent.");
        NodeMachine.Refusal(new(), new(), Registered("one") with { Capabilities = new() { Cores = 0 } }, Policy, Now).ShouldNotBeNull();
    }

    [Fact]
    public void Events_stay_in_the_outbox_until_they_are_logged()
    {
        var left = NodeMachine.Step(Alive(), new NodeInput.SaidGoodbye("one"), Now);

        var logged = NodeMachine.Step(left, new NodeInput.Logged(1), Now);

        NodeMachine.Owed(left, new() { Told = 1 }).ShouldHaveSingleItem().ShouldBeOfType<NodeEffect.Publish>().Events.Length.ShouldBe(2);
        logged.Outbox.ShouldHaveSingleItem().Kind.ShouldBe(EventKinds.NodeLeft);
        NodeMachine.Owed(NodeMachine.Step(logged, new NodeInput.Logged(2), Now), new() { Told = 1 }).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_person_saw_of_a_node_is_on_record_until_somebody_lets_it_take_work_again()
    {
        var reported = NodeMachine.Step(Alive(), new NodeInput.Reported(new() { Kind = FailureKind.NodeDegraded, Text = "fan dead", OccurredAt = Now.AddMinutes(-5) }, "ada"), Now);

        var seen = reported.Outbox[^1];
        (seen.Kind, seen.Text, seen.By).ShouldBe((EventKinds.FailureDetected, "n-1: fan dead", "ada"));
        seen.Failure.ShouldNotBeNull().ShouldSatisfyAllConditions(
            static failure => failure.Number.ShouldBe(1), static failure => failure.Detection.ShouldBe(FailureDetection.Manual), static failure => failure.Severity.ShouldBe(FailureSeverity.High),
            static failure => failure.Node.ShouldBe(new NodeId("n-1")), static failure => failure.ReportedBy.ShouldBe("ada"), static failure => failure.TimeToDetect.ShouldBe(TimeSpan.FromMinutes(5)), static failure => failure.IsResolved.ShouldBeFalse());
        (reported.Status, reported.Degraded).ShouldBe((NodeStatus.Alive, FailureKind.Absent), "nothing is done about it");

        var again = NodeMachine.Step(reported, new NodeInput.Ordered(NodeVerb.Resume, null), Now);
        again.Outbox[^1].Kind.ShouldBe(EventKinds.NodeResumed);
        NodeMachine.Step(again, new NodeInput.Ordered(NodeVerb.Resume, null), Now).ShouldBeSameAs(again);
        var book = new FailureBook();
        foreach (var occurrence in again.Outbox)
        {
            book.Add(occurrence);
        }

        book.Records.ShouldHaveSingleItem().IsResolved.ShouldBeTrue();
    }

    [Fact]
    public void Every_status_takes_every_input_as_the_table_says() => string.Join('\n', Table()).ShouldBe(
        """
        Absent   + Registered            -> Alive node-registered
        Absent   + Registered same start -> Alive node-registered
        Absent   + Heard                 -> illegal
        Absent   + Heard other           -> illegal
        Absent   + SaidGoodbye           -> illegal
        Absent   + FellSilent            -> illegal
        Absent   + SetWanted             -> nothing
        Absent   + Drain                 -> nothing
        Absent   + Resume                -> nothing
        Absent   + Logged                -> nothing
        Alive    + Registered            -> Alive node-registered
        Alive    + Registered same start -> nothing
        Alive    + Heard                 -> nothing
        Alive    + Heard other           -> nothing
        Alive    + SaidGoodbye           -> SeenDead node-left
        Alive    + FellSilent            -> Lost node-lost
        Alive    + SetWanted             -> Alive
        Alive    + Drain                 -> Alive node-draining
        Alive    + Resume                -> nothing
        Alive    + Logged                -> nothing
        Lost     + Registered            -> Alive node-recovered
        Lost     + Registered same start -> Alive node-recovered
        Lost     + Heard                 -> Alive node-recovered
        Lost     + Heard other           -> nothing
        Lost     + SaidGoodbye           -> SeenDead node-left
        Lost     + FellSilent            -> nothing
        Lost     + SetWanted             -> Lost
        Lost     + Drain                 -> Lost node-draining
        Lost     + Resume                -> nothing
        Lost     + Logged                -> nothing
        SeenDead + Registered            -> Alive node-registered
        SeenDead + Registered same start -> Alive node-registered
        SeenDead + Heard                 -> nothing
        SeenDead + Heard other           -> nothing
        SeenDead + SaidGoodbye           -> nothing
        SeenDead + FellSilent            -> nothing
        SeenDead + SetWanted             -> SeenDead
        SeenDead + Drain                 -> SeenDead node-draining
        SeenDead + Resume                -> nothing
        SeenDead + Logged                -> nothing
        """);

    [Fact]
    public void Whatever_happens_a_node_stays_sane()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var state = new NodeState();
            var now = Now;
            for (var step = 0; step < 120; step++)
            {
                now += TimeSpan.FromSeconds(random.Next(20));
                var instance = $"i{random.Next(12)}";
                NodeInput input = random.Next(9) switch
                {
                    0 or 1 => Registered(instance),
                    2 => new NodeInput.Heard(random.Next(2) == 0 ? state.Instance : instance),
                    3 => new NodeInput.SaidGoodbye(state.Instance),
                    4 or 5 => new NodeInput.FellSilent(now),
                    6 => new NodeInput.SetWanted(random.Next(100), []),
                    7 => new NodeInput.Ordered((NodeVerb)random.Next(4), null),
                    _ => new NodeInput.Logged(random.NextInt64(state.EventSequence + 1)),
                };
                if (state.Status == NodeStatus.Absent && input is NodeInput.Heard or NodeInput.SaidGoodbye or NodeInput.FellSilent && state.Status == NodeStatus.Absent)
                {
                    continue;
                }

                var before = state;
                state = NodeMachine.Step(state, input, now);

                NodeMachine.SanityCheck(state).ShouldBeEmpty($"seed {seed}, step {step}: {input}");
                state.WantedVersion.ShouldBeGreaterThanOrEqualTo(before.WantedVersion);
                state.Version.ShouldBeGreaterThanOrEqualTo(before.Version);
            }
        }
    }

    private static IEnumerable<string> Table()
    {
        (string Name, NodeInput Input)[] inputs =
        [
            ("Registered", Registered("two")),
            ("Registered same start", Registered("one")),
            ("Heard", new NodeInput.Heard("one")),
            ("Heard other", new NodeInput.Heard("other")),
            ("SaidGoodbye", new NodeInput.SaidGoodbye("one")),
            ("FellSilent", new NodeInput.FellSilent(Now)),
            ("SetWanted", new NodeInput.SetWanted(7, [])),
            ("Drain", new NodeInput.Ordered(NodeVerb.Drain, "why")),
            ("Resume", new NodeInput.Ordered(NodeVerb.Resume, null)),
            ("Logged", new NodeInput.Logged(0)),
        ];
        foreach (var status in new[] { NodeStatus.Absent, NodeStatus.Alive, NodeStatus.Lost, NodeStatus.SeenDead })
        {
            var state = status == NodeStatus.Absent ? new NodeState() : Alive() with { Status = status };
            foreach (var (name, input) in inputs)
            {
                yield return $"{status,-8} + {name,-21} -> {Outcome(state, input)}";
            }
        }
    }

    private static string Outcome(NodeState state, NodeInput input)
    {
        try
        {
            var after = NodeMachine.Step(state, input, Now);
            return ReferenceEquals(after, state)
                ? "nothing"
                : string.Join(' ', after.Outbox.Skip(state.Outbox.Length).Select(e => e.Kind).Prepend(after.Status.ToString()));
        }
        catch (InvalidTransitionException)
        {
            return "illegal";
        }
    }

    private static NodeState Alive() => NodeMachine.Step(new(), Registered("one"), Now);

    private static NodeSight Heard(DateTimeOffset at) => new() { WatchedSince = Now.AddMinutes(-1), HeardAt = at };

    private static string? Refusal(NodeState state, NodeSight sight, string instance, DateTimeOffset now) =>
        NodeMachine.Refusal(state, sight, Registered(instance), Policy, now);

    private static NodeInput.Registered Registered(string instance) => new()
    {
        Node = new NodeId("n-1"),
        Cluster = new ClusterId("k-main"),
        Instance = instance,
        Capabilities = new() { Cores = 4, Memory = 100, Features = ImmutableArray.Create("fast") },
        BootId = "boot",
    };
}
