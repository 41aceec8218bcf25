using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Simulations.Make;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What a simulation tells its cluster of an attempt that wants nodes.</summary>
public sealed class RequestTests
{
    [Fact]
    public void A_request_says_what_is_ahead_along_the_longest_chain_and_who_waits_for_it()
    {
        var story = new Story(Simulation(
            Stage("first") with { EstimatedDuration = TimeSpan.FromHours(1) },
            Stage("short", On("first")) with { EstimatedDuration = TimeSpan.FromHours(2) },
            Stage("long", On("first")) with { EstimatedDuration = TimeSpan.FromHours(5) },
            Stage("last", On("short"), On("long")) with { EstimatedDuration = TimeSpan.FromHours(1) }) with
        { Priority = PriorityClass.High, Deadline = Story.Beginning.AddDays(1), Campaign = "co2", Promise = 0.7, Reservation = "course" });

        var request = story.Request("first");

        request.WorkAhead.ShouldBe(TimeSpan.FromHours(7));
        request.Inherited.ShouldBe(PriorityClass.High);
        request.Deadline.ShouldBe(Story.Beginning.AddDays(1));
        (request.JobType, request.Campaign, request.Promise, request.Reservation).ShouldBe(("co2/first", "co2", 0.7, "course"));
        (request.DurationExpected, request.DurationHigh).ShouldBe((null, null));
        LeaseRequestRules.Problem(request).ShouldBeNull();
    }

    [Fact]
    public void Nobody_waits_for_the_last_stage_and_a_kind_of_work_that_is_declared_goes_before_its_name()
    {
        var story = new Story(Stage("only") with { JobType = "animation", EnergyIntensive = true, Data = ["scenes"] });

        var request = story.Request("only");

        request.Inherited.ShouldBe(PriorityClass.Absent);
        (request.JobType, request.EnergyIntensive, request.Data.Single()).ShouldBe(("animation", true, "scenes"));
    }

    [Fact]
    public void Only_work_that_says_how_or_has_shown_it_can_be_stopped_at_a_checkpoint()
    {
        CanCheckpoint(Stage("run") with { Restart = null }).ShouldBeFalse();
        CanCheckpoint(Stage("run") with { Restart = "run --resume" }).ShouldBeTrue();
        CanCheckpoint(Stage("run") with { Restart = null, Checkpoint = new() { Files = ["restart.*"] } }).ShouldBeTrue();
        CanCheckpoint(Stage("run") with { Restart = "run --resume", Checkpoint = new() { Every = Core.Checkpoints.CheckpointTrigger.Absent } }).ShouldBeFalse();

        static bool CanCheckpoint(StageDefinition stage)
        {
            var story = new Story(stage);
            return story.Request("run").CanCheckpoint;
        }
    }

    [Fact]
    public void What_an_earlier_segment_showed_is_told_with_the_next_request()
    {
        var story = new Story(Stage("run") with { EstimatedDuration = TimeSpan.FromHours(10), Walltime = null });
        story.Run("run", "n-1");
        story.After(TimeSpan.FromHours(1)).Progress("run", 0.5, 50);
        story.Checkpoint("run", 50, 0.5);
        story.Exit("run", ExitRules.ContinueStatus);

        var request = story.Request("run");

        var expected = request.DurationExpected.ShouldNotBeNull();
        expected.ShouldBeInRange(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(70));
        request.DurationHigh.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(expected);
        request.CanCheckpoint.ShouldBeTrue();
    }

    [Fact]
    public void A_request_that_its_cluster_refuses_fails_the_stage_with_the_reason_and_no_retry()
    {
        var story = new Story(Stage("run"));

        story.Take(new SimulationInput.LeaseRequested(new() { Attempt = story.Attempt("run"), State = LeaseState.Refused, Problem = "resources.nodes: it is 0; at least 1 is allowed." }));

        story["run"].Status.ShouldBe(StageStatus.Failed);
        story["run"].Reason.ShouldNotBeNull().ShouldContain("resources.nodes");
        story["run"].RetriesUsed.ShouldBe(0);
        story.State.Status.ShouldBe(SimulationStatus.Failed);
    }

    [Fact]
    public void A_segment_that_left_for_maintenance_goes_on_and_uses_no_retry()
    {
        var story = new Story(Stage("run"));
        story.Run("run", "n-1");

        story.Exit("run", asked: StopReason.Maintenance, progress: 0.4);

        story["run"].Recent[^1].End.ShouldBe(AttemptEnd.Maintenance);
        story["run"].Status.ShouldBe(StageStatus.Queued);
        story["run"].RetriesUsed.ShouldBe(0);
    }
}
