using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>Work that names a reservation, over the life of the reservation.</summary>
public sealed class ClusterReservationTests
{
    private static readonly ImmutableDictionary<AttemptId, DateTimeOffset> NoCheckpoints = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;

    [Theory]
    [InlineData("cancelled")]
    [InlineData("over")]
    public void Work_waits_for_its_reservation_and_without_it_once_that_is_over(string how)
    {
        var story = With(nodes: 2);
        Reserve(story, "lab", "ada");
        Ask(story, 1, "lab", "ada");
        story.Plan();

        var reason = story.Status(1).Reason.ShouldNotBeNull();
        (reason.Constraint, reason.For, reason.Inside, reason.OpensAt).ShouldBe((PlacementConstraint.Reserved, "lab", true, story.State.Reservations["lab"].Start));
        reason.ToString().ShouldBe("its reservation is not in force before 2026-03-01 13:00:00Z");
        if (how == "cancelled")
        {
            story.Step(new ClusterInput.ReservationCancelled("lab", "ada", ""));
        }
        else
        {
            story.Pass(TimeSpan.FromHours(5));
            story.Step(new ClusterInput.Passed());
        }

        story.State.Reservations["lab"].IsOver.ShouldBeTrue();
        story.Plan();
        story.Status(1).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void Work_that_names_a_reservation_that_is_not_there_or_is_anothers_waits_like_work_without_one()
    {
        var story = With(nodes: 3);
        Reserve(story, "lab", "ada");
        Ask(story, 1, "misspelt", "ada");
        Ask(story, 2, "lab", "bob");

        story.Plan();

        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Status(2).State.ShouldBe(LeaseState.Granted);
        story.State.Leases[Attempt(2).ToString()].Shares[0].Node.ShouldNotBe(story.State.Reservations["lab"].Allocations[0].Node, "it is kept for ada from one o'clock on");
    }

    [Fact]
    public void A_workspace_hears_that_a_reservation_came_and_that_it_is_over()
    {
        var story = With(nodes: 1);
        Ask(story, 1, "lab", "ada");
        var workspace = new SchedulingWorkspace(story.Policy.Scheduling, SchedulerParts.Default);
        ClusterFeed.Fill(workspace, story.State, ClusterPlanning.Context(story.State), NoCheckpoints);
        workspace.Pending.ShouldHaveSingleItem().Reservation.ShouldBeEmpty();

        Tell(Reserve(story, "lab", "ada"));
        workspace.Pending.ShouldHaveSingleItem().Reservation.ShouldBe("lab");
        Tell(story.Step(new ClusterInput.ReservationCancelled("lab", "ada", "")));
        workspace.Pending.ShouldHaveSingleItem().Reservation.ShouldBeEmpty();

        void Tell(IReadOnlyList<ClusterFact> facts)
        {
            var changes = new ClusterChanges();
            foreach (var fact in facts)
            {
                changes.Note(fact);
            }

            ClusterFeed.Apply(workspace, story.State, changes, ClusterPlanning.Context(story.State), NoCheckpoints);
        }
    }

    [Fact]
    public void The_priority_of_a_campaign_is_no_other_projects_campaigns()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "co2", Value = 1, Project = "eth/climate" }));

        ClusterPlanning.Pending(story.State, Of("eth", "climate")).PriorityOverride.ShouldBe(1);
        ClusterPlanning.Pending(story.State, Of("uni", "climate")).PriorityOverride.ShouldBeNull();
        ClusterPlanning.Pending(story.State, Of("eth", "water")).PriorityOverride.ShouldBeNull();
        story.Step(new ClusterInput.PrioritySet(new() { Target = "co2", Value = 0.5 }));
        ClusterPlanning.Pending(story.State, Of("uni", "climate")).PriorityOverride.ShouldBe(0.5, "as older releases set it");

        QueuedRequest Of(string institution, string project) =>
            new() { Request = story.RequestOf(1) with { Campaign = "co2", Owner = new() { Institution = institution, Project = project, User = "ada" } }, Since = story.Now };
    }

    private static void Ask(ClusterStory story, int number, string reservation, string user) =>
        story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4, user: user) with { Reservation = reservation, DurationEstimate = TimeSpan.FromHours(2) }));

    private static IReadOnlyList<ClusterFact> Reserve(ClusterStory story, string name, string user) => story.Step(new ClusterInput.ReservationRequested(new()
    {
        Id = name,
        Start = story.Now.AddHours(1),
        End = story.Now.AddHours(4),
        Wanted = new() { Threads = 4 },
        Owner = new() { User = user },
        RequestedAt = story.Now,
    }));
}
