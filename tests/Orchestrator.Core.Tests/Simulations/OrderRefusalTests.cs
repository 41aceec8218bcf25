using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What is refused says what is wrong and what is allowed, and not merely that the simulation runs.</summary>
public sealed class OrderRefusalTests
{
    [Fact]
    public void One_wish_for_a_checkpoint_too_many_says_how_many_there_are_and_how_they_are_taken_back()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        for (var number = 1; number <= SimulationState.CheckpointsWantedMax; number++)
        {
            story.Take(new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(number)));
        }

        Refusal(story, new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromDays(1)))
            .ShouldBe("at: 100 checkpoints are wanted for later already; at most 100 are allowed, and 'none' takes all of them back.");
        SimulationMachine.Allows(story.State, new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(7))).ShouldBeTrue("it is wanted already");
    }

    [Fact]
    public void Every_mistake_of_a_checkpoint_policy_is_told()
    {
        var story = new Story(Make.Stage("a")).Run("a");

        Refusal(story, new SimulationInput.ChangeCheckpointPolicy(null, new() { Every = CheckpointTrigger.Periodic, Interval = TimeSpan.Zero, OverheadMax = 2 }))
            .ShouldBe("policy.every: the interval is above 0. policy.overhead: it is above 0 and below 100 %.");
        Refusal(story, new SimulationInput.ChangeCheckpointPolicy("z", new())).ShouldBe("stage: there is no stage 'z'; a are there.");
    }

    [Fact]
    public void Other_orders_name_their_field_or_what_is_missing()
    {
        var story = new Story(Make.Stage("a"), Make.Stage("b"));

        Refusal(story, new SimulationInput.CleanRuns("z", false)).ShouldBe("stage: there is no stage 'z'; a, b are there.");
        Refusal(story, new SimulationInput.ReportFailure("z", new() { Kind = FailureKind.Unknown, Text = "odd" })).ShouldStartWith("stage: ");
        Refusal(story, new SimulationInput.ReportFailure("a", new())).ShouldStartWith("kind, text: ");
        Refusal(story, new SimulationInput.EndRecovery("a", 7, RecoveryEnding.Cancelled, null)).ShouldBe("No recovery in progress: there is no open failure 7 of a.");
        Refusal(story, new SimulationInput.Checkpoint(null)).ShouldStartWith("order is not possible: the simulation is pending, and nothing of it runs");
        story.Complete("a").Complete("b");
        Refusal(story, new SimulationInput.DeclareDead(null)).ShouldContain("no stage of it waits");
        Refusal(story, new SimulationInput.Pause(null)).ShouldBe("order is not possible: the simulation is completed.");
        Refusal(story, new SimulationInput.ScheduleCheckpoint(story.Now)).ShouldBe("order is not possible: the simulation is completed.");
    }

    private static string Refusal(Story story, SimulationInput input)
    {
        SimulationMachine.Allows(story.State, input).ShouldBeFalse();
        return SimulationMachine.Refusal(story.State, input, "order");
    }
}
