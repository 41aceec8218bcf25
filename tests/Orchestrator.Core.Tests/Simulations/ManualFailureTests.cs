using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Failures that people report, and recoveries that they end.</summary>
public sealed class ManualFailureTests
{
    [Fact]
    public void What_a_person_reports_is_on_record_and_nothing_is_done_about_it()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.5, 50);

        story.Take(new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.StorageFailure, Text = "the mount is slow", OccurredAt = story.Now - TimeSpan.FromMinutes(5) }));
        story.Take(new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.Unknown, Severity = FailureSeverity.High, Text = "ice in July", Node = new NodeId("n-9") }, "ada"));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story["a"].Faults.Length.ShouldBe(2);
        story["a"].Faults[0].ShouldSatisfyAllConditions(
            fault => fault.Detection.ShouldBe(FailureDetection.Manual), fault => fault.Severity.ShouldBe(FailureSeverity.Critical), fault => fault.Node.ShouldBe(new NodeId("n-1")),
            fault => fault.TimeToDetect.ShouldBe(TimeSpan.FromMinutes(5)), fault => fault.IsResolved.ShouldBeFalse(), fault => fault.Step.ShouldBe(50));
        (story["a"].Faults[1].Severity, story["a"].Faults[1].Node).ShouldBe((FailureSeverity.High, new NodeId("n-9")));
        (story["a"].Faults[1].ReportedBy, story["a"].Faults[1].Explanation, story.Events[^1].By).ShouldBe(("ada", "reported by ada", "ada"));
        story["a"].Faults[0].ReportedBy.ShouldBeNull();
        story["a"].RetriesUsed.ShouldBe(0);
        story["a"].Recovery.Failures.ShouldBe(2);
    }

    [Theory]
    [InlineData(RecoveryEnding.Succeeded, true, "Recovery with strategy by hand: the server was rebooted", EventKinds.FailureRecovered)]
    [InlineData(RecoveryEnding.Failed, false, "Recovery failed: the server was rebooted", EventKinds.FailureAbandoned)]
    [InlineData(RecoveryEnding.Cancelled, false, "cancelled: the server was rebooted", EventKinds.FailureAbandoned)]
    public void A_person_ends_one_recovery_and_not_the_others_and_only_once(RecoveryEnding ending, bool recovered, string resolution, string kind)
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Take(new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.StorageFailure, Text = "slow" }));
        story.Take(new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.Unknown, Text = "odd" }));
        var end = new SimulationInput.EndRecovery("a", 1, ending, "the server was rebooted", "ada");

        story.After(TimeSpan.FromMinutes(2)).Take(end);

        var (first, second) = (story["a"].Faults[0], story["a"].Faults[1]);
        (first.IsResolved, first.IsRecovered, first.Resolution, first.ResolvedBy).ShouldBe((true, recovered, resolution, "ada"));
        first.TimeToRepair.ShouldBe(recovered ? TimeSpan.FromMinutes(2) : null);
        second.IsResolved.ShouldBeFalse();
        story.Events[^1].Kind.ShouldBe(kind);
        story.History.Count(row => row.Failure is { Number: 1 }).ShouldBe(1);
        story["a"].Recovery.SuccessRate.ShouldBe(recovered ? 1 : 0);
        SimulationMachine.Allows(story.State, end).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.EndRecovery("a", 9, ending, null)).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.EndRecovery("b", 2, ending, null)).ShouldBeFalse();
    }

    [Fact]
    public void What_says_nothing_is_refused()
    {
        var story = new Story(Make.Stage("a"));

        SimulationMachine.Allows(story.State, new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.Unknown })).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.ReportFailure("a", new() { Text = "what" })).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.ReportFailure("z", new() { Kind = FailureKind.Unknown, Text = "where" })).ShouldBeFalse();
    }
}
