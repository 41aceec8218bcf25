using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What people arrange at a cluster.</summary>
public sealed class ClusterArrangementTests
{
    [Fact]
    public void Bad_input_gets_an_error_that_names_the_field_and_changes_nothing()
    {
        foreach (var (field, input) in Wrong)
        {
            var story = With(nodes: 2);
            story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now.AddHours(1), End = story.Now.AddHours(2), Cancellable = false }]));
            var wrong = input(story);

            ClusterMachine.Refusal(story.State, wrong, story.Policy, story.Now).ShouldNotBeNull(wrong.ToString()).ShouldStartWith(field);
            story.Step(wrong).ShouldBeEmpty(wrong.ToString());
        }
    }

    private static (string Field, Func<ClusterStory, ClusterInput> Input)[] Wrong =>
    [
        ("windows", _ => new ClusterInput.WindowsAdded([])),
        ("id", story => new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now, End = story.Now.AddHours(1) }])),
        ("end", story => new ClusterInput.WindowsAdded([new() { Id = "x", Start = story.Now.AddHours(1), End = story.Now }])),
        ("nodes", story => new ClusterInput.WindowsAdded([new() { Id = "x", Start = story.Now, End = story.Now.AddHours(1), Nodes = [Node(99)] }])),
        ("id", _ => new ClusterInput.WindowCancelled("none", "", "")),
        ("cancellable", _ => new ClusterInput.WindowCancelled("w", "", "")),
        ("end", story => new ClusterInput.ReservationRequested(new() { Id = "r", Start = story.Now.AddHours(1), End = story.Now })),
        ("wanted.nodes", story => new ClusterInput.ReservationRequested(new() { Id = "r", Start = story.Now, End = story.Now.AddHours(1), Wanted = new() { Nodes = -1 } })),
        ("id", _ => new ClusterInput.ReservationCancelled("none", "", "")),
        ("id", _ => new ClusterInput.ReservationCompleted("none", "")),
        ("value", _ => new ClusterInput.PrioritySet(new() { Target = "s-1", Value = -0.1 })),
        ("value", _ => new ClusterInput.PrioritySet(new() { Target = "s-1", Value = double.NaN })),
        ("target", _ => new ClusterInput.PrioritySet(new() { Target = " ", Value = 0.1 })),
        ("class", _ => new ClusterInput.PrioritySet(new() { Target = "s-1", Class = (PriorityClass)9 })),
        ("simulation", _ => new ClusterInput.DeadlineSet(new())),
        ("policy", _ => new ClusterInput.PolicySet("{\"orders\": 1}", "")),
        ("order.age_half", _ => new ClusterInput.PolicySet("{\"order\": {\"age_half\": \"00:00:00\"}}", "")),
        ("order.weights.class", _ => new ClusterInput.PolicySet("{\"order\": {\"weights\": {\"class\": -1}}}", "")),
        ("order.weights", _ => new ClusterInput.PolicySet("{\"order\": {\"weights\": {\"class\": 0, \"age\": 0, \"fair_share\": 0, \"deadline\": 0, \"size\": 0, \"promise\": 0}}}", "")),
        ("order.policy", _ => new ClusterInput.PolicySet("{\"order\": {\"policy\": 0}}", "")),
        ("preemption.class_gap", _ => new ClusterInput.PolicySet("{\"preemption\": {\"class_gap\": 9}}", "")),
        ("energy.tariff.peak_until", _ => new ClusterInput.PolicySet("{\"energy\": {\"tariff\": {\"peak_from\": 9, \"peak_until\": 8}}}", "")),
        ("energy.utc_offset", _ => new ClusterInput.PolicySet("{\"energy\": {\"utc_offset\": \"15:00:00\"}}", "")),
        ("running_max", _ => new ClusterInput.PolicySet("{\"running_max\": 0}", "")),
        ("matching", _ => new ClusterInput.PolicySet("{\"matching\": null}", "")),
        ("licences.fluent", _ => new ClusterInput.LicencesSet(ImmutableSortedDictionary<string, int>.Empty.Add("fluent", -1), "")),
        ("prices[1]", story => new ClusterInput.EnergySet(new() { Prices = [new() { From = story.Now }, new() { From = story.Now }] }, "")),
        ("resources.nodes", story => new ClusterInput.Requested(story.RequestOf(1, nodes: 0))),
        ("resources.memoryPerNode", story => new ClusterInput.Requested(story.RequestOf(1) with { Resources = new() { MemoryPerNode = -5 } })),
        ("resources.licences.fluent", story => new ClusterInput.Requested(story.RequestOf(1) with { Resources = new() { Licences = ImmutableSortedDictionary<string, int>.Empty.Add("fluent", 0) } })),
        ("promise", story => new ClusterInput.Requested(story.RequestOf(1) with { Promise = 2 })),
        ("grace", story => new ClusterInput.Requested(story.RequestOf(1) with { Grace = TimeSpan.FromSeconds(-1) })),
        ("attempt", _ => new ClusterInput.PreemptionOrdered(new() { Victim = Attempt(1) })),
    ];

    [Fact]
    public void Before_a_major_window_what_can_checkpoint_leaves_its_nodes_and_what_runs_elsewhere_is_not_touched()
    {
        var story = With(nodes: 6);
        foreach (var number in Enumerable.Range(1, 6))
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4) with { CanCheckpoint = true, DurationEstimate = TimeSpan.FromDays(2) }));
        }

        story.Plan();
        var on = Enumerable.Range(1, 6).ToDictionary(static number => number, number => story.Status(number).Shares.Single().Node);
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Severity = WindowSeverity.Major, Start = story.Now.AddHours(1), End = story.Now.AddHours(3), Nodes = [.. Enumerable.Range(1, 5).Select(Node)] }]));

        story.Pass(TimeSpan.FromMinutes(58));
        story.Plan();
        story.Pass(TimeSpan.FromMinutes(2));
        story.Step(new ClusterInput.Passed());
        story.Plan();

        foreach (var (number, node) in on)
        {
            story.Status(number).Stop.ShouldBe(node == Node(6) ? Core.Simulations.StopReason.Absent : Core.Simulations.StopReason.Maintenance, $"{number} on {node}");
        }
    }

    [Fact]
    public void An_attempt_that_is_queued_twice_is_queued_once_and_an_older_epoch_is_not_let_in_again()
    {
        var story = With(nodes: 0);
        story.Request(1);

        story.Step(new ClusterInput.Requested(story.RequestOf(1))).ShouldBeEmpty();
        story.Step(new ClusterInput.Requested(story.RequestOf(1, cores: 3))).ShouldBeEmpty("what is asked for twice stays as it was asked for first");
        story.Request(1, epoch: 2);
        story.Step(new ClusterInput.Requested(story.RequestOf(1))).ShouldBeEmpty();

        story.State.Queue.Values.ShouldHaveSingleItem().Request.Attempt.ShouldBe(Attempt(1, 2));
    }

    [Fact]
    public void What_waits_again_after_a_failure_gets_nodes_again()
    {
        var story = With(nodes: 2);
        story.Granted(1, cores: 4);
        story.Step(new ClusterInput.Released(Attempt(1), new() { End = Core.Simulations.AttemptEnd.Failed, Held = TimeSpan.FromMinutes(5) }));

        story.Request(1, cores: 4, epoch: 2);
        story.Plan();

        story.Status(1, 2).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void Who_waited_five_times_twelve_hours_is_one_class_up_with_the_next_plan_and_whoever_asks_why_is_told()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        story.Step(new ClusterInput.Requested(story.RequestOf(2, cores: 4) with { Priority = PriorityClass.Medium }));
        var first = Explain().Factors.Single(static factor => factor.Name == "class").Value;

        story.Pass(TimeSpan.FromHours(60));
        var raised = Explain().Factors.Single(static factor => factor.Name == "class").Value;
        story.Pass(TimeSpan.FromHours(6000));

        raised.ShouldBeGreaterThan(first);
        Explain().Factors.Single(static factor => factor.Name == "class").Value.ShouldBe(raised, "never to critical");
        story.Plan();
        story.State.Queue.Values.Single().Reason.ShouldNotBeNull("why it waits is in the ledger");

        Core.Scheduling.Explanations.AttemptExplanation Explain()
        {
            var workspace = new SchedulingWorkspace(story.Policy.Scheduling, SchedulerParts.Default);
            ClusterFeed.Fill(workspace, story.State, ClusterPlanning.Context(story.State), ImmutableDictionary<AttemptId, DateTimeOffset>.Empty);
            return new Core.Scheduling.Explanations.Explainer(SchedulerParts.Default).Explain(workspace, Attempt(2), story.Now).ShouldNotBeNull();
        }
    }

    [Fact]
    public void A_window_begins_at_its_start_ends_at_its_end_and_nothing_starts_in_it()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Severity = WindowSeverity.Critical, Start = story.Now.AddHours(1), End = story.Now.AddHours(2) }]));
        ClusterMachine.NextEdge(story.State, story.Policy, story.Now).ShouldBe(story.Now.AddHours(1));

        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.Passed());
        story.State.Windows["w"].Status.ShouldBe(WindowStatus.Active);
        story.Request(1);
        story.Plan();
        story.Status(1).Reason!.Constraint.ShouldBe(PlacementConstraint.Maintenance);

        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.Passed());
        story.State.Windows["w"].Status.ShouldBe(WindowStatus.Completed);
        story.Plan();
        story.Status(1).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void A_priority_of_a_stage_goes_before_that_of_its_simulation_and_that_before_its_campaigns()
    {
        var story = With(nodes: 0);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Campaign = "co2" }));

        Priority().ShouldBe((null, PriorityClass.Medium));
        Set(new() { Target = "co2", Class = PriorityClass.High });
        Priority().ShouldBe((null, PriorityClass.High));
        Set(new() { Target = "s-1", Value = 0.3 });
        Priority().ShouldBe((0.3, PriorityClass.Medium));
        Set(new() { Target = "s-1/run@1", Value = 0.9, Class = PriorityClass.Low });
        Priority().ShouldBe((0.9, PriorityClass.Low));
        Set(new() { Target = "s-1/run" });
        Priority().ShouldBe((0.3, PriorityClass.Medium));

        void Set(PrioritySetting priority) => story.Step(new ClusterInput.PrioritySet(priority)).Count.ShouldBe(1);
        (double?, PriorityClass) Priority() => ClusterPlanning.Problem(story.State).Pending.Single() is var pending ? (pending.PriorityOverride, pending.Priority) : default;
    }

    [Fact]
    public void A_promise_that_is_taken_back_leaves_what_was_submitted_and_what_people_set()
    {
        var story = With(nodes: 0);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Promise = 0.9 }));

        Set(new() { Target = "s-1", Promise = 0.2 });
        Promised().ShouldBe((0.2, null));
        Set(new() { Target = "s-1", Value = 0.3 });
        Promised().ShouldBe((0.2, 0.3));
        Set(new() { Target = "s-1", ForgetsPromise = true });
        Promised().ShouldBe((0.9, 0.3));
        Set(new() { Target = "s-1" });
        Promised().ShouldBe((0.9, null));
        story.State.Priorities.ShouldBeEmpty();
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", ForgetsPromise = true })).ShouldBeEmpty();

        void Set(PrioritySetting priority) => story.Step(new ClusterInput.PrioritySet(priority)).Count.ShouldBe(1);
        (double, double?) Promised() => ClusterPlanning.Problem(story.State).Pending.Single() is var pending ? (pending.Promise, pending.PriorityOverride) : default;
    }

    [Fact]
    public void A_deadline_that_was_changed_counts_for_what_waits_and_what_runs()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        story.Request(2, cores: 4);
        var deadline = story.Now.AddDays(3);
        foreach (var number in (int[])[1, 2])
        {
            story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(number).Simulation, Deadline = deadline })).Count.ShouldBe(1);
            story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(number).Simulation, Deadline = deadline })).ShouldBeEmpty();
        }

        ClusterPlanning.Problem(story.State).Pending.Single().Deadline.ShouldBe(deadline);
        ClusterPlanning.Problem(story.State).Running.Single().Deadline.ShouldBe(deadline);
    }

    [Fact]
    public void A_reservation_that_others_won_against_is_kept_as_cancelled_with_the_conflict()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.ReservationRequested(Course("first")));
        story.Pass(TimeSpan.FromMinutes(1));
        story.Step(new ClusterInput.ReservationRequested(Course("second")));

        story.State.Reservations["first"].State.ShouldBe(ReservationState.Confirmed);
        story.State.Reservations["second"].State.ShouldBe(ReservationState.Cancelled);
        story.State.Conflicts.Values.ShouldHaveSingleItem().Resolved.ShouldBeTrue();

        Reservation Course(string id) => new() { Id = id, Start = Start, End = Start.AddHours(1), Wanted = new() { Nodes = 1 } };
    }

    [Fact]
    public void A_reservation_in_force_is_completed_before_its_end_once_and_one_to_come_is_not()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.ReservationRequested(new() { Id = "now", Start = story.Now.AddMinutes(1), End = story.Now.AddHours(4), Wanted = new() }));
        story.Step(new ClusterInput.ReservationRequested(new() { Id = "later", Start = story.Now.AddHours(5), End = story.Now.AddHours(6), Wanted = new() }));
        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.Passed());

        story.Step(new ClusterInput.ReservationCompleted("now", "ann"));

        var done = story.State.Reservations["now"];
        (done.State, done.EndedAt, done.Reason).ShouldBe((ReservationState.Completed, story.Now, "done before its end (ann)"));
        story.Step(new ClusterInput.ReservationCompleted("now", "bob")).ShouldBeEmpty();
        ClusterMachine.Refusal(story.State, new ClusterInput.ReservationCompleted("later", "ann"), story.Policy, story.Now).ShouldNotBeNull().ShouldContain("it is confirmed; only an active one can be completed");
    }

    [Fact]
    public void That_a_preemption_counts_no_longer_takes_nothing_from_what_people_set()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 0.7 }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(1).Simulation, Deadline = story.Now.AddDays(9) }));
        story.Step(new ClusterInput.PreemptionOrdered(new() { Victim = Attempt(1), Trigger = PreemptionTrigger.Admin, StopBy = story.Now.AddMinutes(5) }));
        story.State.Preempted.ShouldContainKey("s-1");
        story.Pass(TimeSpan.FromHours(25));

        story.Step(new ClusterInput.Tidied());

        story.State.Preempted.ShouldBeEmpty();
        story.State.Priorities.ShouldContainKey("s-1");
        story.State.Deadlines.ShouldContainKey("s-1");
    }

    [Fact]
    public void The_priority_of_a_campaign_holds_as_long_as_anything_of_it_waits_or_runs()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Campaign = "ensemble" }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "ensemble", Value = 0.7 }));
        story.Pass(TimeSpan.FromDays(31));

        story.Step(new ClusterInput.Tidied());
        story.State.Priorities.ShouldContainKey("ensemble");

        story.Plan();
        story.Step(new ClusterInput.Tidied());
        story.State.Priorities.ShouldContainKey("ensemble");

        story.Release(1);
        story.CarryOut(1);
        story.Step(new ClusterInput.Tidied());
        story.State.Priorities.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_over_for_long_is_forgotten()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now.AddHours(1), End = story.Now.AddHours(2) }]));
        story.Step(new ClusterInput.ReservationRequested(new() { Id = "r", Start = story.Now.AddHours(3), End = story.Now.AddHours(4), Wanted = new() }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 1 }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(1).Simulation, Deadline = story.Now }));
        story.Pass(TimeSpan.FromHours(5));
        story.Step(new ClusterInput.Passed());
        story.Pass(TimeSpan.FromDays(31));

        story.Step(new ClusterInput.Tidied());

        story.State.Windows.ShouldBeEmpty();
        story.State.Reservations.ShouldBeEmpty();
        story.State.Priorities.ShouldBeEmpty();
        story.State.Deadlines.ShouldBeEmpty();
        story.Step(new ClusterInput.Tidied()).ShouldBeEmpty();
    }

    [Fact]
    public void The_policy_is_kept_as_text_and_read_as_it_was_written()
    {
        var story = With(nodes: 0);
        var settings = new SchedulingSettings { Backfill = new() { Reservations = 3 }, Energy = new() { Mode = EnergyMode.Efficiency } };

        story.Step(new ClusterInput.PolicySet(PolicyText.Write(settings), "ada@climate")).Count.ShouldBe(1);

        ClusterPlanning.SettingsOf(story.State, story.Policy).Backfill.Reservations.ShouldBe(3);
        PolicyText.Write(ClusterPlanning.SettingsOf(story.State, story.Policy)).ShouldBe(PolicyText.Write(settings));
    }

    [Fact]
    public void Of_ten_thousand_that_wait_only_some_reasons_are_stored_with_one_plan()
    {
        var story = With(nodes: 1);
        var waiting = Enumerable.Range(1, 500).Select(number =>
        {
            story.Request(number, cores: 99);
            return new WaitingTurn(new() { Attempt = Attempt(number) }, new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 1 });
        }).ToImmutableArray();
        var stored = new List<int>();

        for (var plan = 0; plan < 4; plan++)
        {
            stored.Add(story.Step(new ClusterInput.Planned(new() { Waiting = waiting }, story.State.Version)).OfType<ClusterFact.PassedOver>().SingleOrDefault()?.Waiting.Length ?? 0);
        }

        stored.ShouldBe([200, 200, 100, 0]);
        var other = waiting.Select(static one => new WaitingTurn(one.Request, new() { Constraint = PlacementConstraint.NotAhead })).ToImmutableArray();
        story.Step(new ClusterInput.Planned(new() { Waiting = other }, story.State.Version)).ShouldBeEmpty();
        story.Pass(story.Policy.ReasonsEvery);
        story.Step(new ClusterInput.Planned(new() { Waiting = other }, story.State.Version)).OfType<ClusterFact.PassedOver>().Single().Waiting.Length.ShouldBe(200);
    }

    [Fact]
    public void After_a_start_another_plan_is_owed_where_somebody_would_only_have_delayed_others_however_young_its_stored_reason_is()
    {
        var story = With(nodes: 2);
        story.Request(1);
        story.Request(2);
        WaitingTurn Waits(PlacementConstraint constraint) => new(new() { Attempt = Attempt(2) }, new() { Constraint = constraint, NodesNeeded = 1 });
        story.Step(new ClusterInput.Planned(new() { Waiting = [Waits(PlacementConstraint.FreeCores)] }, story.State.Version));
        story.Done(duties => duties.Planned(story.State.Version));

        story.Step(new ClusterInput.Planned(
            new() { Placements = [new() { Attempt = Attempt(1), Shares = [new() { Node = Node(1), Cores = [0] }] }], Waiting = [Waits(PlacementConstraint.NotAhead)] }, story.State.Version));

        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Status(2).Reason!.Constraint.ShouldBe(PlacementConstraint.NotAhead);
        story.Duties.Owed(story.State).OfType<ClusterEffect.Plan>().ShouldHaveSingleItem();
    }

    private static DateTimeOffset Start { get; } = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
}
