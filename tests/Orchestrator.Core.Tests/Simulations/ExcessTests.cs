using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What follows when a stage uses more than it declared.</summary>
public sealed class ExcessTests
{
    private const long Gibibyte = 1L << 30;

    private static readonly StageDefinition Stage = Make.Stage("a") with { Resources = new() { MemoryPerNode = 4 * Gibibyte }, Retry = new() { RetriesMax = 5 } };

    private static readonly AttemptReport.UsesMore Memory = new() { Excess = new() { Resource = ExcessResource.Memory, Used = 6.0 * Gibibyte, Declared = 4.0 * Gibibyte } };

    private static readonly AttemptReport.UsesMore Cores = new() { Excess = new() { Resource = ExcessResource.Cores, Used = 7.5, Declared = 2 } };

    [Fact]
    public void It_is_told_once_for_each_resource_with_the_figures_and_the_program_runs_on()
    {
        var story = new Story(Stage).Run("a");

        story.Report("a", Memory);
        story.Report("a", Memory);
        story.Report("a", Cores);

        story.Events.Where(static one => one.Kind == EventKinds.UsesMoreThanDeclared).Select(static one => one.Text).ShouldBe(
            ["a: it uses 6 GiB of memory on a node, and declared 4 GiB", "a: it uses 7.5 cores on a node, and declared 2"]);
        (story["a"].Status, story["a"].Reason, story["a"].Live!.StopBy).ShouldBe((StageStatus.Running, "it uses 7.5 cores on a node, and declared 2", null));
        story["a"].Faults.ShouldBeEmpty();
        story.Lose("a")["a"].Reason.ShouldBeNull();
    }

    [Fact]
    public void One_that_is_to_be_stopped_makes_a_checkpoint_leaves_and_is_tried_again_with_what_it_needs()
    {
        var story = new Story(Stage with { OnExcess = ExcessAction.Stop }).Run("a");
        story.Checkpoint("a", 100);

        story.Report("a", Memory);
        story.Order("a").ShouldNotBeNull().ShouldSatisfyAllConditions(static order => order.Checkpoint.ShouldBe(1), static order => order.StopBy.ShouldBeNull());
        story.SendOrder("a");
        story.Checkpoint("a", 200);
        story.Order("a").ShouldNotBeNull().Reason.ShouldBe(StopReason.Excess);
        story.Exit("a", 85, StopReason.Excess);

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Recent[^1].End.ShouldBe(AttemptEnd.Failed);
        story["a"].Faults.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static fault => fault.Kind.ShouldBe(FailureKind.ResourceExcess), static fault => fault.Strategy.ShouldBe(RecoveryStrategy.Reconfigure),
            static fault => fault.Explanation.ShouldBe("it used 6 GiB of memory on a node, and declared 4 GiB; ask for memory: 7373M"));
        story.WhenDue();
        story.Request("a").Resources.MemoryPerNode.ShouldBe((long)(6 * Gibibyte * 1.2));
        story["a"].Live!.Restore.ShouldBe(["e1/step-00000200", "e1/step-00000100"]);
        story["a"].RetriesUsed.ShouldBe(1);
    }

    [Fact]
    public void One_that_makes_no_checkpoint_in_time_leaves_without()
    {
        var story = new Story(Stage with { OnExcess = ExcessAction.Stop }).Run("a");
        story.Checkpoint("a", 100);
        story.Report("a", Memory);
        story.SendOrder("a");

        story.WhenDue();

        story.Order("a").ShouldNotBeNull().Reason.ShouldBe(StopReason.Excess);
        story.SendOrder("a").WhenDue();
        story["a"].Faults.ShouldHaveSingleItem().Kind.ShouldBe(FailureKind.ResourceExcess, "it did not leave, either");
    }

    [Fact]
    public void One_that_never_made_a_checkpoint_is_asked_to_leave_at_once_and_one_that_asks_for_too_few_cores_fails_with_what_to_ask_for()
    {
        var story = new Story(Stage with { OnExcess = ExcessAction.Stop }).Run("a");

        story.Report("a", Cores);
        story.Order("a").ShouldNotBeNull().Reason.ShouldBe(StopReason.Excess);
        story.Exit("a", 0, StopReason.Excess);

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldNotBeNull().ShouldEndWith("ask for 8 cores on each node (ranks_per_node times threads)");
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void It_is_not_tried_again_when_it_may_ask_for_no_more_or_no_node_has_as_much()
    {
        var bounded = new Story(Stage with { OnExcess = ExcessAction.Stop, Recovery = new() { MemoryMax = 5 * Gibibyte } }).Run("a");
        bounded.Report("a", Memory);
        bounded.Exit("a", 143, StopReason.Excess);
        bounded["a"].Status.ShouldBe(StageStatus.Failed);

        var large = new Story(Stage with { OnExcess = ExcessAction.Stop }).Run("a");
        large.Report("a", Memory);
        large.Exit("a", 143, StopReason.Excess);
        large.WhenDue();
        large.Take(new SimulationInput.LeaseSeen(new() { Attempt = large.Attempt("a"), State = LeaseState.Queued, Reason = new WaitReason { Constraint = PlacementConstraint.ValidRequest } }));
        (large["a"].Status, large["a"].Reason!.StartsWith("no node has what it needs", StringComparison.Ordinal)).ShouldBe((StageStatus.Failed, true));
    }

    [Fact]
    public void Whoever_cancels_meanwhile_cancels()
    {
        var story = new Story(Stage with { OnExcess = ExcessAction.Stop }).Run("a");
        story.Report("a", Memory);

        story.Take(new SimulationInput.Cancel("enough"));
        story.Exit("a", 0, StopReason.Cancel);

        story.State.Status.ShouldBe(SimulationStatus.Cancelled);
        story["a"].Faults.ShouldBeEmpty();
    }
}
