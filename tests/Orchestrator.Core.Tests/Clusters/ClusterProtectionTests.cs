using Orchestrator.Core.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Clusters;

public sealed class ClusterProtectionTests
{
    [Fact]
    public void A_protected_simulation_of_thirty_days_has_a_reservation_of_thirty_days_from_its_grant_to_its_end()
    {
        var story = ClusterStory.With(nodes: 2);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, cores: 2) with { Protected = true, DurationEstimate = TimeSpan.FromDays(2), WorkAhead = TimeSpan.FromDays(30), Priority = PriorityClass.High }));
        story.Step(new ClusterInput.Requested(story.RequestOf(2, cores: 2)));
        story.Plan();

        var kept = story.State.Reservations.Values.ShouldHaveSingleItem();
        (kept.State, kept.Simulation, kept.Priority, kept.Preemptible).ShouldBe((ReservationState.Active, "s-1", PriorityClass.High, false));
        (kept.End - kept.Start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromDays(30));
        kept.Allocations.ShouldBe(story.State.Leases[ClusterStory.Attempt(1).ToString()].Shares);

        story.Pass(TimeSpan.FromHours(1));
        story.Release(1);

        story.State.Reservations.Values.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Completed);
    }

    [Fact]
    public void A_protected_simulation_and_its_reservation_are_counted_once()
    {
        var story = ClusterStory.With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, cores: 2) with { Protected = true }));
        story.Plan();

        story.Granted(2, cores: 2);

        story.Request(3);
        story.Plan();
        story.Status(3).State.ShouldBe(LeaseState.Queued);
    }

    [Fact]
    public void The_next_segment_of_a_protected_stage_gets_the_same_reservation_again()
    {
        var story = ClusterStory.With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true }));
        story.Plan();
        story.Pass(TimeSpan.FromHours(1));
        story.See(1, running: [ClusterStory.Attempt(1)]);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, epoch: 2) with { Protected = true }));
        story.Plan();

        var kept = story.State.Reservations.Values.ShouldHaveSingleItem();

        kept.State.ShouldBe(ReservationState.Active);
        kept.Start.ShouldBe(story.Now);
    }

    [Fact]
    public void A_reservation_goes_when_its_node_is_lost()
    {
        var story = ClusterStory.With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true }));
        story.Plan();

        story.See(1, status: NodeStatus.SeenDead);

        story.State.Reservations.Values.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Completed);
    }

    [Fact]
    public void Protected_work_without_checkpoints_leaves_for_a_major_window_once_it_delayed_it_as_long_as_it_may()
    {
        var story = ClusterStory.With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true }));
        story.Plan();
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Severity = WindowSeverity.Major, Start = story.Now.AddHours(1), End = story.Now.AddHours(2) }]));

        story.Pass(TimeSpan.FromHours(24));
        story.Plan();
        story.State.Leases[ClusterStory.Attempt(1).ToString()].Stop.ShouldBe(StopReason.Absent);
        story.Pass(TimeSpan.FromHours(1));
        story.Plan();

        story.State.Leases[ClusterStory.Attempt(1).ToString()].Stop.ShouldBe(StopReason.Maintenance);
        var stored = story.Ledger.Select(entry => entry.Fact).OfType<ClusterFact.Preempted>().ShouldHaveSingleItem().Preemption;
        stored.BeyondProtection.ShouldBeTrue();
        stored.Reason.ShouldContain("delayed");
    }

    [Fact]
    public void An_open_conflict_is_resolved_once_the_others_are_gone()
    {
        var story = ClusterStory.With(nodes: 1);
        var start = story.Now.AddHours(1);
        Reservation Wants(string id) => new() { Id = id, Start = start, End = start.AddHours(1), Wanted = new() { Nodes = 1 }, Strategy = ConflictStrategy.AdminDecision };
        story.Step(new ClusterInput.ReservationRequested(Wants("first")));
        story.Step(new ClusterInput.ReservationRequested(Wants("second")));
        story.State.Conflicts.Values.ShouldHaveSingleItem().Resolved.ShouldBeFalse();

        story.Step(new ClusterInput.ReservationCancelled("first", "not needed", "ann"));
        story.Step(new ClusterInput.Passed());

        story.State.Reservations["second"].State.ShouldBe(ReservationState.Confirmed);
        story.State.Conflicts.Values.ShouldHaveSingleItem().Resolution.ShouldBe("the others went");
    }

    [Fact]
    public void A_reservation_of_protected_work_that_overruns_goes_on_while_it_runs()
    {
        var story = ClusterStory.With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true, WorkAhead = TimeSpan.FromHours(1) }));
        story.Plan();
        var end = story.State.Reservations.Values.Single().End;

        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.Passed());

        var kept = story.State.Reservations.Values.ShouldHaveSingleItem();
        kept.State.ShouldBe(ReservationState.Active);
        kept.End.ShouldBeGreaterThan(end);
    }
}
