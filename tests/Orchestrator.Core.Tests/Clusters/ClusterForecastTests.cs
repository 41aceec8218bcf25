using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What would be.</summary>
public sealed class ClusterForecastTests
{
    private static readonly ClusterForecast Forecast = new(new(), SchedulerParts.Default);

    [Fact]
    public void The_queue_is_played_forward_and_more_nodes_let_it_start_sooner()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 3; number++)
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4) with { DurationEstimate = TimeSpan.FromHours(2), WorkAhead = TimeSpan.FromHours(5) }));
        }

        var answer = Forecast.Ask(story.State, new() { Nodes = [new() { Like = Node(1), Count = 2 }] }, story.Now, CancellationToken.None);

        answer.Problem.ShouldBeEmpty();
        answer.IsWhole.ShouldBeTrue();
        answer.AsItIs.Select(run => (run.Start - story.Now)?.TotalHours).ShouldBe([0, 2, 4]);
        answer.Changed.Select(run => (run.Start - story.Now)?.TotalHours).ShouldBe([0, 0, 0]);
        answer.AsItIs[2].End.ShouldBe(story.Now.AddHours(6));
        answer.AsItIs[2].SimulationEnd.ShouldBe(story.Now.AddHours(9));
        story.State.Queue.Count.ShouldBe(3);
    }

    [Fact]
    public void Scenarios_with_shares_divide_what_is_to_come_as_they_divide_what_is()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 6; number++)
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4) with { DurationEstimate = TimeSpan.FromHours(1) }));
            story.Step(new ClusterInput.PrioritySet(new() { Target = $"s-{number}", Share = new() { Set = new("o-co2"), Scenario = number <= 3 ? "a" : "b", Share = 0.5 } }));
        }

        var answer = Forecast.Ask(story.State, new(), story.Now, CancellationToken.None);

        answer.AsItIs.Select(static run => run.Attempt.Simulation.Value).ShouldBe(["s-1", "s-4", "s-2", "s-5", "s-3", "s-6"]);
        answer.AsItIs[^1].Start.ShouldBe(story.Now.AddHours(5));
    }

    [Fact]
    public void A_question_for_which_there_is_no_more_time_is_answered_with_what_is_known_and_how_far_that_reaches()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 4; number++)
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4) with { DurationEstimate = TimeSpan.FromHours(2) }));
        }

        var answer = Forecast.Ask(story.State, new() { Nodes = [new() { Like = Node(1), Count = 1 }] }, story.Now, new CancellationToken(canceled: true));

        answer.Problem.ShouldBeEmpty();
        answer.IsWhole.ShouldBeFalse();
        answer.PlayedUntil.ShouldBe(story.Now.AddHours(2));
        answer.AsItIs.Select(run => (run.Start - story.Now)?.TotalHours).ShouldBe([0, null, null, null]);
        answer.Changed.Select(run => (run.Start - story.Now)?.TotalHours).ShouldBe([0, 0, null, null]);
        Forecast.Ask(story.State, new(), story.Now, CancellationToken.None).PlayedUntil.ShouldBeNull("there was time to play it to its end");
    }

    [Fact]
    public void What_is_beyond_the_horizon_is_not_known()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 3; number++)
        {
            story.Step(new ClusterInput.Requested(story.RequestOf(number, cores: 4) with { DurationEstimate = TimeSpan.FromHours(2) }));
        }

        var answer = Forecast.Ask(story.State, new() { Horizon = TimeSpan.FromHours(3) }, story.Now, CancellationToken.None);

        answer.IsWhole.ShouldBeFalse();
        answer.PlayedUntil.ShouldBe(story.Now.AddHours(4));
        answer.AsItIs.Select(run => (run.Start - story.Now)?.TotalHours).ShouldBe([0, 2, null]);
    }

    [Fact]
    public void A_window_that_is_called_off_lets_work_start_before_it()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now.AddHours(1), End = story.Now.AddHours(3) }]));
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { DurationEstimate = TimeSpan.FromHours(2) }));

        var answer = Forecast.Ask(story.State, new() { WithoutWindows = ["w"] }, story.Now, CancellationToken.None);

        answer.AsItIs.Single().Start.ShouldBe(story.Now.AddHours(3));
        answer.Changed.Single().Start.ShouldBe(story.Now);
    }

    [Fact]
    public void Work_that_might_be_submitted_waits_for_the_work_before_it_and_delays_others()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, cores: 4) with { DurationEstimate = TimeSpan.FromHours(2) }));
        LeaseRequest Might(int number, int hours) => story.RequestOf(number, cores: 4) with { SubmittedAt = story.Now.AddMinutes(1), DurationEstimate = TimeSpan.FromHours(hours) };

        var answer = Forecast.Ask(
            story.State,
            new() { Requests = [Might(2, 3), Might(3, 1)], Followers = [new() { Request = Might(4, 5), After = [Attempt(2), Attempt(3)] }, new() { Request = Might(5, 1), After = [Attempt(4)] }] },
            story.Now, CancellationToken.None);

        answer.Problem.ShouldBeEmpty();
        answer.AsItIs.ShouldHaveSingleItem();
        new[] { Of(1).Start, Of(2).Start, Of(3).Start }.Min().ShouldBe(story.Now);
        Of(4).Start!.Value.ShouldBeGreaterThanOrEqualTo(Of(2).End!.Value);
        Of(4).Start!.Value.ShouldBeGreaterThanOrEqualTo(Of(3).End!.Value);
        Of(5).Start.ShouldBe(Of(4).End);
        Of(5).End.ShouldBe(story.Now.AddHours(12), "one node does all of it, one after the other");
        answer.Changed.Length.ShouldBe(5);

        ForecastRun Of(int number) => answer.Changed.Single(run => run.Attempt == Attempt(number));
    }

    [Fact]
    public void Followers_of_what_never_starts_never_start()
    {
        var story = With(nodes: 1);

        var answer = Forecast.Ask(
            story.State,
            new() { Requests = [story.RequestOf(1, cores: 64)], Followers = [new() { Request = story.RequestOf(2), After = [Attempt(1)] }] },
            story.Now, CancellationToken.None);

        answer.Changed.ShouldAllBe(static run => run.Start == null);
        answer.Changed.Length.ShouldBe(2);
    }

    [Fact]
    public void A_question_that_makes_no_sense_is_answered_with_its_field()
    {
        var story = With(nodes: 1);

        Ask(new() { Nodes = [new() { Like = Node(9) }] }).ShouldStartWith("nodes.like");
        Ask(new() { Nodes = [new() { Like = Node(1), Count = 0 }] }).ShouldStartWith("nodes.count");
        Ask(new() { WithoutWindows = ["none"] }).ShouldStartWith("without_windows");
        Ask(new() { Horizon = TimeSpan.Zero }).ShouldStartWith("horizon");
        Ask(new() { Requests = [story.RequestOf(1), story.RequestOf(1)] }).ShouldStartWith("requests:");
        Ask(new() { Requests = [story.RequestOf(1)], Followers = [new() { Request = story.RequestOf(2), After = [Attempt(9)] }] }).ShouldStartWith("followers.after");

        string Ask(WhatIf what) => Forecast.Ask(story.State, what, story.Now, CancellationToken.None).Problem;
    }

    [Fact]
    public void A_request_that_no_node_could_hold_is_told_the_nearest_and_a_cluster_without_nodes_refuses_nothing()
    {
        var story = With(nodes: 2);

        ClusterFitting.Check(story.State, [new() { Threads = 4 }, new() { Threads = 64 }, new() { Nodes = 3 }, new() { Nodes = 0 }], new Ownership())
            .Select(problem => problem.Length > 0).ShouldBe([false, true, true, true]);
        ClusterFitting.Check(new(), [new() { Threads = 64 }], new Ownership()).ShouldBe([""]);
    }
}
