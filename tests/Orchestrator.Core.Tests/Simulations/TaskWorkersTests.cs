using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Several stages that work on one set of tasks.</summary>
public sealed class TaskWorkersTests
{
    [Fact]
    public void Once_a_worker_found_every_task_ended_those_in_the_queue_need_no_nodes_and_what_comes_after_starts()
    {
        var story = new Story(Set());
        story.Run("s-1").Complete("s-2");

        story["s-3"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Completed), static one => one.Reason!.ShouldContain("every task has its end"), static one => one.Live.ShouldBeNull());
        story.Released.ShouldContain(story.Attempt("s-3"));
        story["s"].Status.ShouldBe(StageStatus.Completed);
        story["after"].Status.ShouldBe(StageStatus.Queued);
        story.State.Status.ShouldBe(SimulationStatus.Running, "the other worker finds out by itself");
        story.Exit("s-1");
        story.Publish("s-1").Complete("after");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void A_worker_that_leaves_a_bad_node_goes_on_elsewhere_uses_no_retry_and_is_told()
    {
        var story = new Story(Set());
        story.Run("s-1", "n-1").Run("s-2", "n-2");

        story.Report("s-2", new AttemptReport.Exited { ExitStatus = TaskSetDefinition.BadNode, LastWords = $"s: {TaskSetDefinition.BadNodeWords}" });

        story["s-2"].ShouldSatisfyAllConditions(
            static one => one.Status.ShouldBe(StageStatus.Backoff),
            static one => one.Avoid.ShouldBe([new NodeId("n-2")]),
            static one => (one.RetriesUsed, one.WaitsUsed).ShouldBe((0, 1)),
            static one => one.Reason!.ShouldContain("tasks fail on this node that others complete"));
        story.Events.Single(static happened => happened.Failure is { Stage: "s-2", IsResolved: false }).Failure!.ShouldSatisfyAllConditions(
            static failure => failure.NodeAtFault.ShouldBeTrue(), static failure => failure.Node.ShouldBe(new NodeId("n-2")));
    }

    [Fact]
    public void A_worker_that_fails_for_good_costs_nothing_where_the_others_do_all_there_is()
    {
        var story = new Story(Set());
        story.Run("s-2");
        story.Exit("s-2", 9);
        story["s-2"].Status.ShouldBe(StageStatus.Failed);
        story["s"].Status.ShouldBe(StageStatus.Waiting, "two are left that may do it");

        story.Complete("s-1").Complete("after");

        story.State.ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(SimulationStatus.Completed), static one => one.Reason!.ShouldContain("s-2 failed"));
    }

    [Fact]
    public void With_too_many_failed_tasks_the_simulation_fails_though_workers_wait_for_nodes_still()
    {
        var story = new Story(Set());
        story.Run("s-2");

        story.Exit("s-2", TaskSetDefinition.TooManyFailed);

        story["s-1"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Skipped), static one => one.Reason!.ShouldContain("more of them failed than may"));
        story["s"].Status.ShouldBe(StageStatus.Skipped);
        story.State.Status.ShouldBe(SimulationStatus.Failed);
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "s-2", KeepsTasks = true });
        story["s-1"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void With_no_worker_left_the_simulation_fails()
    {
        var story = new Story(Set());
        foreach (var worker in new[] { "s-1", "s-2", "s-3" })
        {
            story["s"].Status.ShouldBe(StageStatus.Waiting);
            story.Run(worker);
            story.Exit(worker, 9);
        }

        story["s"].Status.ShouldBe(StageStatus.Skipped);
        story.State.Status.ShouldBe(SimulationStatus.Failed);
    }

    [Fact]
    public void That_a_person_calls_a_worker_completed_says_nothing_of_the_tasks_of_the_others()
    {
        var story = new Story(Set());
        story.Run("s-1");

        Steer(story, new() { Verb = StageVerb.Set, Stage = "s-1", Status = StageStatus.Completed });

        story["s-2"].Status.ShouldBe(StageStatus.Queued);
    }

    [Theory, InlineData("s"), InlineData("s-2")]
    public void Run_again_all_workers_begin_the_tasks_anew_whichever_name_is_given(string name)
    {
        var story = new Story(Set());
        story.Complete("s-1").Complete("after");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        for (var run = 1; run <= 2; run++)
        {
            Steer(story, new() { Verb = StageVerb.Rerun, Stage = name });

            foreach (var worker in new[] { "s-1", "s-2", "s-3" })
            {
                story[worker].ShouldSatisfyAllConditions(one => one.TaskRun.ShouldBe(run), static one => one.Status.ShouldBe(StageStatus.Queued));
            }

            story["s"].Status.ShouldBe(StageStatus.Waiting);
            story.Complete("s-3").Complete("after");
        }
    }

    [Fact]
    public void What_comes_before_is_run_again_and_so_are_all_tasks()
    {
        var story = new Story([Make.Stage("mesh"), .. Set(Make.On("mesh"))]);
        story.Complete("mesh").Complete("s-1").Complete("after");

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "mesh" });

        SimulationMachine.TaskWorkersOf(story.State, "s").Run.ShouldBe(1);
        story["s-2"].Status.ShouldBe(StageStatus.Waiting);
    }

    [Fact]
    public void For_failed_tasks_those_workers_go_on_that_have_ended_in_the_same_run()
    {
        var story = new Story(Set());
        story.Run("s-1").Complete("s-2");
        var running = story["s-1"].Epoch;

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "s-2", KeepsTasks = true });

        story["s-1"].ShouldSatisfyAllConditions(one => one.Epoch.ShouldBe(running), static one => one.Status.ShouldBe(StageStatus.Running));
        story["s-2"].Status.ShouldBe(StageStatus.Queued);
        story["s-3"].Status.ShouldBe(StageStatus.Queued);
        SimulationMachine.TaskWorkersOf(story.State, "s-3").Run.ShouldBe(0);
    }

    [Fact]
    public void A_set_that_never_ran_is_not_run_again_and_one_of_which_a_worker_ran_is()
    {
        var story = new Story([Make.Stage("mesh"), .. Set(Make.On("mesh"))]);
        Refusals(story, new() { Verb = StageVerb.Rerun, Stage = "s" }).ShouldHaveSingleItem().ShouldBe("s never ran.");
        story.Complete("mesh").Run("s-1");

        Refusals(story, new() { Verb = StageVerb.Rerun, Stage = "s" }).ShouldBeEmpty();
    }

    [Fact]
    public void A_walltime_that_ends_with_no_more_tasks_ended_than_it_began_with_is_fruitless()
    {
        var story = new Story(Worker(1, 1) with { Name = "s", Walltime = TimeSpan.FromHours(1) });
        for (var segment = 0; segment < 3; segment++)
        {
            story.Run("s").After(TimeSpan.FromMinutes(10)).Progress("s", 0.1 * (segment + 1), step: segment + 1).After(TimeSpan.FromMinutes(50)).Exit("s", 85, StopReason.Walltime);
            story["s"].FruitlessEnds.ShouldBe(0, "tasks have ended");
        }

        story["s"].StepsAgain.ShouldBe(0);
        for (var segment = 0; segment <= StageState.FruitlessEndsHopeless && !story["s"].IsFinal; segment++)
        {
            if (story["s"].Status == StageStatus.Backoff)
            {
                story.After(TimeSpan.FromDays(1));
            }

            story.Run("s").After(TimeSpan.FromMinutes(30)).Progress("s", 0.3, step: 3).After(TimeSpan.FromMinutes(30)).Exit("s", 85, StopReason.Walltime);
        }

        story.State.ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(SimulationStatus.Failed), static one => one.Reason!.ShouldContain("without having got further"));
    }

    [Fact]
    public void The_groups_are_kept_once_and_every_worker_is_launched_with_them()
    {
        var story = new Story(Set());
        story.Grant("s-2");

        SimulationMachine.Launch(story.State, story.Attempt("s-2"), new("n-1"), out _)!.Stage.Tasks.ShouldSatisfyAllConditions(static tasks => tasks!.Worker.ShouldBe(2), static tasks => tasks!.Count.ShouldBe(10));
        story.State.Definition.Stages[1].Tasks!.Groups.ShouldBeEmpty();
        SimulationRules.Problems(Make.Simulation(Worker(2, 2))).ShouldHaveSingleItem().ShouldContain("entries are needed");
    }

    [Fact]
    public void A_worker_is_not_given_less_than_a_task_needs()
    {
        var story = new Story(Set());

        Refusals(story, new() { Verb = StageVerb.Change, Stage = "s-2", Resources = new() { MemoryPerNode = 1 << 20 } }).ShouldHaveSingleItem().ShouldContain("it needs 1 cores, 0 GPUs and 64 MiB, and its stage has 1, 0 and 1 MiB");
        Refusals(story, new() { Verb = StageVerb.Change, Stage = "s-2", Resources = new() { MemoryPerNode = 1 << 30 } }).ShouldBeEmpty();
    }

    [Fact]
    public void Tasks_that_no_worker_could_ever_finish_are_refused()
    {
        var worker = Worker(1, 1);
        var group = worker.Tasks!.Groups[0];

        Problem(worker with { Resources = new() }).ShouldContain("no memory declared");
        Problem(worker with { Walltime = TimeSpan.FromHours(1), Tasks = worker.Tasks with { Groups = [group with { Timeout = TimeSpan.FromHours(1) }] } }).ShouldContain("a timeout below the walltime is needed");
        Problem(worker with { Tasks = worker.Tasks with { Groups = [group with { Run = new('x', TaskSetDefinition.BytesMax) }] } }).ShouldContain("at most 2097152 are allowed");
        SimulationRules.Problems(Make.Simulation(worker with { Walltime = TimeSpan.FromHours(2), Tasks = worker.Tasks with { Groups = [group with { Timeout = TimeSpan.FromHours(1) }] } })).ShouldBeEmpty();

        static string Problem(StageDefinition stage) => SimulationRules.Problems(Make.Simulation(stage)).ShouldHaveSingleItem();
    }

    private static void Steer(Story story, StageOrder order) => story.Take(new SimulationInput.Steer(order with { By = "anna" }));

    private static ImmutableArray<string> Refusals(Story story, StageOrder order) => SimulationMachine.Refusals(story.State, order with { By = "anna" });

    /// <summary>Three workers, their barrier, and a stage after it.</summary>
    private static StageDefinition[] Set(params Dependency[] after)
    {
        StageDefinition[] workers = [.. Enumerable.Range(1, 3).Select(number => Worker(number, 3) with { After = [.. after] })];
        return [.. workers, WorkflowTemplates.Barrier("s", [.. workers]) with { Join = JoinRule.Any }, Make.Stage("after", Make.On("s"))];
    }

    private static StageDefinition Worker(int number, int of) => Make.Stage($"s-{number}") with
    {
        Resources = new() { MemoryPerNode = 64 << 20 },
        Retry = new() { RetriesMax = 0 },
        OnExit = ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(9, ExitMeaning.HardFail).Add(TaskSetDefinition.TooManyFailed, ExitMeaning.HardFail),
        Tasks = new() { Set = "s", Worker = number, Workers = of, Groups = number == 1 ? [new() { Name = "s", Run = "run {index}", Indices = new(1, 10), Memory = 64 << 20 }] : [] },
    };
}
