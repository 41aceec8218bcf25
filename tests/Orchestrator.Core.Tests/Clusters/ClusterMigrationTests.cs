using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

public sealed class ClusterMigrationTests
{
    private static readonly PreemptionSettings Settings = new();

    private readonly ClusterStory story = With(nodes: 2);
    private ImmutableDictionary<AttemptId, DateTimeOffset> checkpoints = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;

    [Fact]
    public void What_runs_is_asked_to_leave_by_the_time_to_checkpoint_and_is_told_that_it_moves()
    {
        Run();

        var (moved, problem) = Migrate();
        problem.ShouldBeNull();
        story.Step(new ClusterInput.PreemptionOrdered(moved.ShouldHaveSingleItem()));

        var status = story.Status(1);
        (status.Stop, status.Migrates, status.StopFor).ShouldBe((StopReason.Preemption, true, "an operator (olga): a disk must be changed"));
        story.State.Leases[Attempt(1).ToString()].Order.StopBy.ShouldBe(story.Now + Settings.CheckpointWait);
        (story.State.Outbox[^1].Kind, story.State.Outbox[^1].By).ShouldBe((EventKinds.AttemptPreempted, "olga"));
        Migrate().ShouldSatisfyAllConditions(again => again.Moved.ShouldBeEmpty("it leaves already"), again => again.Problem.ShouldBeNull());
    }

    [Fact]
    public void A_second_one_within_the_cooldown_is_refused_with_the_moment_from_which_it_may_be_moved()
    {
        Run();
        story.Step(new ClusterInput.PreemptionOrdered(Migrate().Moved[0]));
        story.Release(1);
        Run(epoch: 2);

        story.Pass(TimeSpan.FromHours(5));
        Migrate().Problem.ShouldBe("simulation: s-1 made way at 2026-03-01 12:00:00Z, and is left alone until 2026-03-01 18:00:00Z; from then on it may be moved.");
        Migrate(force: true).Problem.ShouldNotBeNull();

        story.Pass(TimeSpan.FromHours(1));
        Migrate().Moved.ShouldHaveSingleItem().Victim.ShouldBe(Attempt(1, 2));
    }

    [Fact]
    public void Protected_work_is_moved_with_force_alone_and_what_does_not_run_is_named()
    {
        Migrate().Problem.ShouldBe("simulation: nothing of s-1 holds nodes now.");
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Protected = true, CanCheckpoint = true }));
        story.Plan();

        Migrate(stage: "other").Problem.ShouldBe("stage: nothing of s-1/other holds nodes now.");
        Migrate().Problem.ShouldNotBeNull().ShouldContain("is protected; with force");
        Migrate(force: true).Moved.ShouldHaveSingleItem();
    }

    [Fact]
    public void Work_that_would_begin_anew_is_moved_with_force_alone_and_what_would_be_lost_is_told()
    {
        story.Granted(1);

        Migrate().Problem.ShouldBe("force: s-1/run@1 is not known to make checkpoints: it would begin anew, and what it did since 2026-03-01 12:00:00Z would be lost; with force it is moved nevertheless.");
        Migrate(force: true).Moved.ShouldHaveSingleItem();

        checkpoints = checkpoints.Add(Attempt(1), story.Now);
        Migrate().Moved.ShouldHaveSingleItem("it has shown that it makes them");
    }

    private void Run(int epoch = 1)
    {
        story.Step(new ClusterInput.Requested(story.RequestOf(1, epoch: epoch) with { CanCheckpoint = true }));
        story.Plan();
    }

    private (ImmutableArray<Preemption> Moved, string? Problem) Migrate(string? stage = null, bool force = false) => ClusterMigrations.Of(
        story.State, new() { Simulation = Attempt(1).Simulation, Stage = stage, Force = force, Reason = "a disk must be changed" }, "olga", Settings, checkpoints, story.Now);
}
