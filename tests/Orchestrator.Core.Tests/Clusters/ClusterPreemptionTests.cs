using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>Who makes way, as the ledger has it.</summary>
public sealed class ClusterPreemptionTests
{
    [Fact]
    public void A_preemption_is_stored_before_the_order_to_leave_and_both_name_the_time()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        var facts = Preempt(story, PreemptionTrigger.HigherPriority);

        facts.Select(fact => fact.GetType()).ShouldBe([typeof(ClusterFact.Preempted), typeof(ClusterFact.Ordered)]);
        story.Status(1).Stop.ShouldBe(StopReason.Preemption);
        ClusterMachine.WantedOf(story.State, Node(1)).Single().Order.StopBy.ShouldBe(story.Now.AddMinutes(5));
        story.State.Leases[Attempt(1).ToString()].Preemption!.For.ShouldBe("s-9/run@1");
    }

    [Fact]
    public void A_repeated_preemption_changes_nothing()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        Preempt(story, PreemptionTrigger.HigherPriority);

        Preempt(story, PreemptionTrigger.HigherPriority).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(PreemptionTrigger.HigherPriority, false)]
    [InlineData(PreemptionTrigger.ResourceShortage, false)]
    [InlineData(PreemptionTrigger.Fairness, false)]
    [InlineData(PreemptionTrigger.Deadline, false)]
    [InlineData(PreemptionTrigger.Reservation, false)]
    [InlineData(PreemptionTrigger.Maintenance, false)]
    [InlineData(PreemptionTrigger.Admin, true)]
    public void Of_all_triggers_an_operator_alone_ends_protected_work(PreemptionTrigger trigger, bool ends)
    {
        var story = Guarded();

        Preempt(story, trigger).Any().ShouldBe(ends);
    }

    [Theory]
    [InlineData(WindowSeverity.Minor, false)]
    [InlineData(WindowSeverity.Major, false)]
    [InlineData(WindowSeverity.Critical, true)]
    public void Of_all_windows_a_critical_one_alone_ends_protected_work(WindowSeverity severity, bool ends)
    {
        var story = Guarded();
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Severity = severity, Start = story.Now.AddHours(1), End = story.Now.AddHours(2) }]));

        Preempt(story, PreemptionTrigger.Maintenance, "w").Any().ShouldBe(ends);
    }

    [Fact]
    public void Protected_work_that_is_moved_with_little_lost_is_a_relocation_and_no_preemption()
    {
        var story = Guarded();

        var facts = story.Step(new ClusterInput.Planned(
            new() { Preemptions = [new() { Victim = Attempt(1), Trigger = PreemptionTrigger.Maintenance, For = "w", StopBy = story.Now.AddMinutes(5), Relocation = true }] }, story.State.Version));

        facts.Select(fact => fact.GetType()).ShouldBe([typeof(ClusterFact.Relocated), typeof(ClusterFact.Ordered)]);
        story.Status(1).Stop.ShouldBe(StopReason.Maintenance);
    }

    [Fact]
    public void How_often_a_simulation_was_preempted_counts_for_a_day_and_is_told_to_plans()
    {
        var story = With(nodes: 1);
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            story.Request(1, epoch: epoch);
            story.Plan();
            Preempt(story, PreemptionTrigger.HigherPriority, epoch: epoch);
            story.Release(1, epoch);
            story.CarryOut(1);
            story.Pass(TimeSpan.FromHours(10));
        }

        story.Request(1, epoch: 4);

        ClusterPlanning.Problem(story.State).Pending.Single().Preemptions.ShouldBe(3);
        story.State.Preempted["s-1"].Length.ShouldBe(3);
        story.Plan();
        Preempt(story, PreemptionTrigger.HigherPriority, epoch: 4);
        story.State.Preempted["s-1"].Length.ShouldBe(3);
    }

    [Fact]
    public void Who_others_made_way_for_is_known_when_it_runs()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        story.Request(9, cores: 4);
        Preempt(story, PreemptionTrigger.HigherPriority);
        story.Release(1);
        story.CarryOut(1);
        story.Plan();

        story.State.Leases["s-9/run@1"].StartedByPreemption.ShouldBeTrue();
    }

    [Fact]
    public void A_plan_from_before_a_window_was_added_is_not_carried_out()
    {
        var story = With(nodes: 1);
        story.Request(1);
        var snapshot = story.State;
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now.AddMinutes(1), End = story.Now.AddHours(2) }]));

        story.Plan(snapshot);

        story.Status(1).State.ShouldBe(LeaseState.Queued);
        story.Duties.Owed(story.State).OfType<ClusterEffect.Plan>().ShouldHaveSingleItem();
    }

    private static ClusterStory Guarded()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true }));
        story.Plan();
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        return story;
    }

    private static IReadOnlyList<ClusterFact> Preempt(ClusterStory story, PreemptionTrigger trigger, string @for = "s-9/run@1", int epoch = 1) => story.Step(new ClusterInput.Planned(
        new() { Preemptions = [new() { Victim = Attempt(1, epoch), Trigger = trigger, For = @for, StopBy = story.Now.AddMinutes(5), Cost = TimeSpan.FromMinutes(3) }] }, story.State.Version));
}
