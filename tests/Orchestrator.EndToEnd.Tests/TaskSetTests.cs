using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Stages with very many short tasks, on real agents.</summary>
public sealed class TaskSetTests
{
    private const string Id = "s-many";

    private const string Many = """
        name: many
        project: tests/tasks
        stages:
          simulate:
            memory: 64M
            duration: 20s
            tasks: { workers: 2, count: 2000, run: "sleep 0.005; echo {index} $ORCHESTRATOR_RUN_DIR", max_retries: 1 }
          after: { after: simulate, run: "true", memory: 16M, duration: 1s }
        """;

    [Fact]
    public async Task Two_thousand_tasks_complete_though_an_agent_and_all_it_runs_is_killed_half_way_and_none_that_was_committed_runs_again()
    {
        using var deployment = new Deployment(window: 2, patience: 150);
        await deployment.StartAsync("one", "two");
        await deployment.SubmitAsync(Many);
        await deployment.StageEventAsync(Id, "simulate-1", EventKinds.StageStarted);
        var started = await deployment.StageEventAsync(Id, "simulate-2", EventKinds.StageStarted);
        await deployment.UntilAsync(async () => (await CountsAsync(deployment)).Completed > 1000, "a thousand tasks completed");

        // What is on the disk of the killed one may be more than what was told, never less.
        deployment.Processes.Kill(started.Node!.Value.Value[2..]).ShouldBeGreaterThan(1);
        var atTheKill = await CountsAsync(deployment);

        var simulation = await deployment.EndOfAsync(Id);
        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        var counts = await CountsAsync(deployment);
        counts.ShouldBe(new TaskCounts { Completed = 2000 });
        var ran = Directory.GetFiles(Path.Combine(deployment.Data, "runs", Id), "stdout.txt", SearchOption.AllDirectories)
            .Select(static file => (Task: Path.GetFileName(Path.GetDirectoryName(file)!), Text: File.ReadAllText(file))).Where(static one => one.Text.Length > 0).ToList();
        ran.Select(static one => one.Task).Distinct().Count().ShouldBe(2000);

        // Only what it had in its hands may have run twice; that is far from all that had completed.
        atTheKill.Given.ShouldBeLessThan(atTheKill.Completed);
        (ran.Count - 2000).ShouldBeLessThanOrEqualTo(atTheKill.Given, "what was committed did not run again");
        simulation.Stages.Single(static stage => stage.Name == "simulate-2").RetriesUsed.ShouldBe(0);

        var told = await deployment.RunAsync("status", Id);
        told.Output.ShouldContain("tasks of simulate: 2,000 tasks: 2,000 completed, 0 failed, 0 running, 0 waiting");
    }

    [Fact]
    public async Task Too_many_failures_fail_the_stage_and_once_mended_only_what_failed_runs_again()
    {
        using var deployment = new Deployment(window: 10);
        await deployment.StartAsync("one");
        var mended = Path.Combine(deployment.Data, "mended");
        await deployment.SubmitAsync($$"""
            name: many
            project: tests/tasks
            stages:
              simulate:
                memory: 64M
                duration: 5s
                tasks: { range: 0-19, run: "echo x >> {{deployment.Data}}/ran-{index}; [ {index} -ne 7 ] || [ -e {{mended}} ] || exit 3", max_retries: 1 }
            """);

        var failed = await deployment.EndOfAsync(Id);

        failed.Status.ShouldBe(SimulationStatus.Failed);
        (await CountsAsync(deployment)).ShouldBe(new TaskCounts { Completed = 19, Failed = 1 });
        var told = await deployment.RunAsync("tasks", Id, "simulate", "--failed");
        told.Output.ShouldContain("simulate: 20 tasks: 19 completed, 1 failed, 0 running, 0 waiting");
        told.Output.ShouldContain("exit status 3");
        await File.WriteAllTextAsync(mended, "", TestContext.Current.CancellationToken);
        (await deployment.RunAsync("tasks", Id, "simulate", "--retry-failed", "--reason", "mended")).Output.ShouldContain("1 failed task of simulate waits again; the stage had ended and runs again for them");

        await deployment.UntilAsync(async () => (await deployment.Client.GetSimulationAsync(new SimulationId(Id), deployment.Token)).Status == SimulationStatus.Completed, "the simulation completed");
        (await CountsAsync(deployment)).ShouldBe(new TaskCounts { Completed = 20 });
        Enumerable.Range(0, 20).Select(index => File.ReadLines(Path.Combine(deployment.Data, $"ran-{index}")).Count()).ShouldBe(Enumerable.Range(0, 20).Select(static index => index == 7 ? 3 : 1));
    }

    private static async Task<TaskCounts> CountsAsync(Deployment deployment) => (await deployment.Client.GetTasksAsync(new SimulationId(Id), "simulate", deployment.Token)).Counts;
}
