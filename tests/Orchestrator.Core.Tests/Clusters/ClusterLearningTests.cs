using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What a cluster learns from work that ended, and what it expects therefore.</summary>
public sealed class ClusterLearningTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void The_next_of_a_users_work_is_expected_to_run_as_long_as_the_last_and_others_work_is_not()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(2));

        story.Step(Wants(2, "ada"));
        story.Step(Wants(3, "bob"));

        Pending(story, 2).DurationExpected.ShouldBe(TimeSpan.FromHours(2));
        Pending(story, 2).DurationEstimate.ShouldBe(Day);
        Pending(story, 3).DurationExpected.ShouldBeNull();
        story.Plan();
        story.State.Leases[Attempt(2).ToString()].DurationExpected.ShouldBe(TimeSpan.FromHours(2));
        var running = ClusterPlanning.Problem(story.State).Running.Single(lease => lease.Attempt == Attempt(2));
        running.EndExpected.ShouldBe(story.Now.AddHours(2));
        running.EndsBy.ShouldBe(story.Now + Day);
    }

    [Theory]
    [InlineData(AttemptEnd.Completed, true)]
    [InlineData(AttemptEnd.Continued, true)]
    [InlineData(AttemptEnd.Failed, false)]
    [InlineData(AttemptEnd.NodeLost, false)]
    [InlineData(AttemptEnd.Walltime, false)]
    [InlineData(AttemptEnd.Preempted, false)]
    [InlineData(AttemptEnd.Paused, false)]
    [InlineData(AttemptEnd.Cancelled, false)]
    [InlineData(AttemptEnd.Drained, false)]
    public void Only_who_ended_by_himself_shows_how_long_such_work_takes(AttemptEnd end, bool teaches)
    {
        var story = With(nodes: 1);

        Run(story, 1, "ada", TimeSpan.FromHours(2), end);

        story.State.Work.Users.ContainsKey("ada").ShouldBe(teaches);
    }

    [Fact]
    public void Who_went_on_from_a_checkpoint_or_never_had_nodes_or_is_nobodys_teaches_nothing()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(2), wentOn: true);
        Run(story, 2, "", TimeSpan.FromHours(2));
        story.Step(Wants(3, "ada"));
        story.Step(new ClusterInput.Released(Attempt(3), Ended(TimeSpan.FromHours(1))));

        story.State.Work.Users.ShouldBeEmpty();
    }

    [Fact]
    public void A_repeated_release_teaches_once()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(2));

        story.Step(new ClusterInput.Released(Attempt(1), Ended(TimeSpan.FromHours(2)))).ShouldBeEmpty();

        story.State.Work.Users["ada"].Length.ShouldBe(1);
    }

    [Fact]
    public void What_the_simulation_itself_has_seen_of_its_work_goes_before_what_was_learned_of_others()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(2));
        var wants = Wants(2, "ada");

        story.Step(wants with { Request = wants.Request with { DurationExpected = TimeSpan.FromHours(5), DurationHigh = TimeSpan.FromHours(6) } });

        (Pending(story, 2).DurationExpected, Pending(story, 2).DurationHigh).ShouldBe((TimeSpan.FromHours(5), TimeSpan.FromHours(6)));
    }

    [Fact]
    public void In_one_of_ten_cases_it_is_said_to_take_longer_once_there_are_enough_to_tell_and_the_estimate_before()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 8; number++)
        {
            Run(story, number, "ada", TimeSpan.FromHours(number));
        }

        story.Step(Wants(100, "ada"));
        Pending(story, 100).DurationHigh.ShouldBe(Day);
        story.Step(new ClusterInput.Released(Attempt(100)));
        for (var number = 9; number <= 28; number++)
        {
            Run(story, number, "ada", TimeSpan.FromHours(8));
        }

        story.Step(Wants(101, "ada"));
        var pending = Pending(story, 101);
        pending.DurationExpected.ShouldBe(TimeSpan.FromHours(8));
        pending.DurationHigh!.Value.ShouldBeInRange(TimeSpan.FromHours(8), TimeSpan.FromHours(20));
    }

    [Fact]
    public void Two_programs_of_one_user_are_told_apart_and_the_answer_says_where_it_comes_from()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 20; number++)
        {
            Run(story, number, "ada", number % 2 == 0 ? TimeSpan.FromMinutes(10) : TimeSpan.FromHours(5), jobType: number % 2 == 0 ? "post" : "model");
        }

        var model = Expect("model");
        var post = Expect("post");
        model.Expected.ShouldBe(TimeSpan.FromHours(5));
        post.Expected.ShouldBe(TimeSpan.FromMinutes(10));
        model.Source.ShouldBe(DurationSource.Learned);
        model.Runs.ShouldBeGreaterThan(0);
        model.Lower!.Value.ShouldBeLessThanOrEqualTo(model.Expected!.Value);
        model.Upper!.Value.ShouldBeGreaterThanOrEqualTo(model.Expected.Value);
        model.Tell().ShouldStartWith("from ");
        model.Tell().ShouldContain("5 h 00 min");
        Expect("model", TimeSpan.FromHours(1)).Expected!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(1), "what is asked for is what is enforced");

        ExpectedDuration Expect(string jobType, TimeSpan? limit = null) =>
            ClusterLearning.Expect(story.State.Work, new() { User = "ada", JobType = jobType, Estimate = limit ?? Day, IsLimit = true });
    }

    [Fact]
    public void One_run_says_nothing_of_other_work()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromSeconds(10), jobType: "smoke");

        Expect("climate/coupled").ShouldSatisfyAllConditions(answer => answer.Source.ShouldBe(DurationSource.Estimate), answer => answer.Expected.ShouldBe(Day));
        Expect("smoke").ShouldSatisfyAllConditions(answer => answer.Source.ShouldBe(DurationSource.Learned), answer => answer.Expected.ShouldBe(TimeSpan.FromSeconds(10)));

        ExpectedDuration Expect(string jobType) => ClusterLearning.Expect(story.State.Work, new() { User = "ada", JobType = jobType, Estimate = Day });
    }

    [Fact]
    public void Of_somebody_new_only_the_estimate_is_known_and_that_is_said()
    {
        var answer = ClusterLearning.Expect(With(nodes: 1).State.Work, new() { User = "bob", Estimate = TimeSpan.FromHours(2) });

        (answer.Source, answer.Expected, answer.Runs).ShouldBe((DurationSource.Estimate, TimeSpan.FromHours(2), 0));
        answer.Tell().ShouldBe("as estimated: 2 h 00 min; no earlier run is known that says better");
        ClusterLearning.Expect(With(nodes: 1).State.Work, new() { User = "bob" }).Tell().ShouldBe("nobody says how long it runs");
    }

    [Fact]
    public void A_stage_that_took_several_attempts_teaches_what_it_took_in_all()
    {
        var story = With(nodes: 1);
        story.Step(Wants(1, "ada"));
        story.Plan();

        story.Step(new ClusterInput.Released(Attempt(1), new() { End = AttemptEnd.Completed, Held = TimeSpan.FromHours(1), WentOn = true, Whole = TimeSpan.FromHours(7), WholeEstimate = TimeSpan.FromHours(9) }));

        var run = story.State.Work.Users["ada"].ShouldHaveSingleItem();
        (run.Runtime, run.Estimate, run.JobType).ShouldBe((TimeSpan.FromHours(7), TimeSpan.FromHours(9), "climate/coupled"));
        story.State.Speeds.Speeds.ShouldBeEmpty("it says nothing about how fast a node is");
    }

    [Fact]
    public void Many_short_runs_do_not_make_forget_the_few_long_ones()
    {
        var work = LearnedWork.Empty;
        for (var number = 0; number < 10; number++)
        {
            work = work.Ended("ada", new() { Runtime = TimeSpan.FromDays(3), JobType = "model" });
        }

        for (var number = 0; number < 1000; number++)
        {
            work = work.Ended("ada", new() { Runtime = TimeSpan.FromSeconds(3), JobType = "post" });
        }

        work.Users["ada"].Length.ShouldBe(LearnedWork.RunsMax);
        work.Users["ada"].Count(static run => run.JobType == "model").ShouldBe(10);
    }

    [Fact]
    public void What_is_expected_is_the_same_after_a_restart()
    {
        var story = With(nodes: 1);
        for (var number = 1; number <= 12; number++)
        {
            Run(story, number, "ada", TimeSpan.FromMinutes(7 * number));
        }

        var question = new DurationQuestion { User = "ada", JobType = "climate/coupled", Estimate = Day };
        ClusterLearning.Expect(Stored(story.State.Work), question).ShouldBe(ClusterLearning.Expect(story.State.Work, question));
    }

    [Fact]
    public void A_kind_of_work_that_runs_faster_on_a_kind_of_node_is_known_to()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(4));
        story.State.Speeds.Speeds.ShouldBeEmpty("the first shows only what is usual");

        Run(story, 2, "ada", TimeSpan.FromHours(2));

        var kind = NodeKinds.NameOf(story.State.Nodes[Node(1).Value].Inventory.Capabilities);
        story.State.Speeds.Of("climate/coupled", kind).ShouldBe(1.2, 1e-9, "twice as fast as usual, by a fifth of the difference");
        EfficiencyReport.Of(story.State.Nodes.Values.Select(ClusterPlanning.Schedulable), story.State.Speeds).Kinds[kind].Keys.ShouldContain("climate/coupled");
    }

    [Fact]
    public void Work_over_several_kinds_of_nodes_says_nothing_about_any_of_them()
    {
        var story = With(nodes: 1);
        var other = story.Observation(2);
        story.Step(new ClusterInput.Observed(other with { Inventory = other.Inventory with { Capabilities = other.Inventory.Capabilities with { Kind = "gpu" } } }));
        Run(story, 1, "ada", TimeSpan.FromHours(4), nodes: 2);

        Run(story, 2, "ada", TimeSpan.FromHours(2), nodes: 2);

        story.State.Speeds.Speeds.ShouldBeEmpty();
        story.State.Work.Users["ada"].Length.ShouldBe(2);
    }

    [Fact]
    public void All_work_that_comes_in_shows_how_long_typical_work_is()
    {
        var story = With(nodes: 1);
        story.Step(Wants(1, "ada"));
        story.Step(Wants(2, "bob"));

        var work = ClusterPlanning.Context(story.State).Work;
        work.Area.ShouldBe(2 * 86400);
        (work.AreaByLength / work.Area).ShouldBe(86400);
    }

    [Fact]
    public void Who_was_not_heard_of_for_longest_is_forgotten_first()
    {
        var story = With(nodes: 1);
        for (var number = 0; number <= ClusterLearning.UsersMax; number++)
        {
            Run(story, number, $"user-{number}", TimeSpan.FromHours(1));
        }

        story.State.Work.Users.Count.ShouldBe(ClusterLearning.UsersMax);
        story.State.Work.Users.ShouldNotContainKey("user-0");
        story.State.Work.Users.ShouldContainKey("user-1");
    }

    [Fact]
    public void What_is_learned_follows_from_the_ledger_and_survives_storage()
    {
        var story = With(nodes: 1);
        Run(story, 1, "ada", TimeSpan.FromHours(4));
        Run(story, 2, "ada", TimeSpan.FromHours(2));

        var read = story.Ledger.Aggregate(new ClusterState(), static (state, entry) => ClusterMachine.Apply(state, Stored(entry.Fact), entry.At));
        read = Stored(read);

        Text(read.Work).ShouldBe(Text(story.State.Work));
        Text(read.Speeds).ShouldBe(Text(story.State.Speeds));
    }

    [Fact]
    public void A_state_of_an_earlier_release_knows_nothing_and_learns()
    {
        var text = System.Text.Json.Nodes.JsonNode.Parse(Text(With(nodes: 1).State))!.AsObject();
        text.Remove("Work").ShouldBeTrue();

        var old = System.Text.Json.JsonSerializer.Deserialize<ClusterState>(text.ToJsonString())!;

        old.Work.Users.ShouldBeEmpty();
        ClusterMachine.Apply(old, new ClusterFact.Requested { Request = Wants(1, "ada").Request }, default).Work.Area.ShouldBe(86400);
    }

    private static void Run(ClusterStory story, int number, string user, TimeSpan held, AttemptEnd end = AttemptEnd.Completed, bool wentOn = false, int nodes = 1, string jobType = "climate/coupled")
    {
        story.Step(Wants(number, user, nodes, jobType));
        story.Plan();
        story.Status(number).State.ShouldBe(LeaseState.Granted);
        story.Pass(held);
        story.Step(new ClusterInput.Released(Attempt(number), new() { End = end, Held = held, WentOn = wentOn }));
        for (var node = 1; node <= nodes; node++)
        {
            story.Step(new ClusterInput.Observed(story.Observation(node, done: story.State.Version) is var seen && story.State.Nodes[Node(node).Value].Inventory.Capabilities is var has
                ? seen with { Inventory = seen.Inventory with { Capabilities = has } }
                : seen));
        }
    }

    private static LeaseEnding Ended(TimeSpan held) => new() { End = AttemptEnd.Completed, Held = held };

    private static ClusterInput.Requested Wants(int number, string user, int nodes = 1, string jobType = "climate/coupled") => new(new()
    {
        Attempt = Attempt(number),
        Resources = new() { Nodes = nodes },
        Owner = new() { User = user },
        DurationEstimate = Day,
        JobType = jobType,
        Order = number,
    });

    private static PendingRequest Pending(ClusterStory story, int number) => ClusterPlanning.Pending(story.State, story.State.Queue[Attempt(number).ToString()]);

    private static T Stored<T>(T value) => System.Text.Json.JsonSerializer.Deserialize<T>(Text(value))!;

    private static string Text<T>(T value) => System.Text.Json.JsonSerializer.Serialize(value);
}
