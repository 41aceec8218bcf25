using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Whatever is killed, an accepted simulation completes (invariant 1), each stage once, with the numbers of an undisturbed run.</summary>
public sealed class KillTests
{
    /// <summary>Some four seconds of a real model with a checkpoint each 200 steps.</summary>
    private const string Model = """
        name: model
        project: tests/kills
        stages:
          coupled:
            run: climate run --seed 7 --steps 1000 --history-every 200 --checkpoint-every 200 --pace 4
            restart: climate run --resume {restore} --steps 1000 --checkpoint-every 200 --pace 4
            memory: 64M
            duration: 5s
            outputs: [history.nc]
            checkpoint: { every: program }
        """;

    private const string Id = "s-model";

    [Fact]
    public async Task A_campaign_completes_on_two_agents_and_its_outputs_are_published()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one", "two");

        var accepted = await deployment.SubmitAsync("""
            name: small
            project: tests/kills
            members: 3
            stages:
              first: { run: "echo {member} > number", memory: 16M, duration: 1s, outputs: [number] }
              second: { after: first, run: "cat {stage.first}/number > copy", memory: 16M, duration: 1s, outputs: [copy] }
            """);

        accepted.Simulations.Length.ShouldBe(3);
        foreach (var member in (string[])["1", "2", "3"])
        {
            var simulation = await deployment.EndOfAsync($"s-small-{member}");
            simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
            simulation.Stages.ShouldAllBe(stage => stage.Attempts == 1);
            (await File.ReadAllTextAsync(deployment.ResultOf($"s-small-{member}", "second", "copy"), TestContext.Current.CancellationToken)).Trim().ShouldBe(member);
        }
    }

    [Fact]
    public async Task A_run_whose_agent_and_processes_are_killed_goes_on_elsewhere_from_its_checkpoint()
    {
        using var deployment = new Deployment(window: 2);
        await deployment.StartAsync("one", "two");
        await deployment.SubmitAsync(Model);

        var started = await deployment.StageEventAsync(Id, "coupled", EventKinds.StageStarted);
        await deployment.StageEventAsync(Id, "coupled", EventKinds.CheckpointCommitted);
        deployment.Processes.Kill(started.Node!.Value.Value[2..]).ShouldBeGreaterThan(1);

        var again = await deployment.StageEventAsync(Id, "coupled", EventKinds.StageStarted, epoch: 2);
        again.Node.ShouldNotBe(started.Node);
        again.Checkpoint.ShouldNotBeNull();
        await ShouldCompleteAsUndisturbed(deployment, attempts: 2);
    }

    [Fact]
    public async Task A_run_outlives_its_agent_and_is_adopted_by_the_next_one()
    {
        using var deployment = new Deployment(window: 60);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(Model);

        await deployment.StageEventAsync(Id, "coupled", EventKinds.StageStarted);
        deployment.Processes.Signal("one", Deployment.Kill);
        await deployment.Processes.WaitForExitAsync("one", TestContext.Current.CancellationToken);
        deployment.StartAgent("one");

        await ShouldCompleteAsUndisturbed(deployment, attempts: 1);
    }

    [Fact]
    public async Task A_run_outlives_the_silo_and_the_next_one_on_the_same_data_finishes_it()
    {
        using var deployment = new Deployment(window: 60);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(Model);

        await deployment.StageEventAsync(Id, "coupled", EventKinds.StageStarted);
        deployment.Processes.Signal("up", Deployment.Kill);
        await deployment.Processes.WaitForExitAsync("up", TestContext.Current.CancellationToken);
        deployment.StartSilo();

        await ShouldCompleteAsUndisturbed(deployment, attempts: 1);
    }

    [Fact]
    public async Task A_program_that_exits_0_half_way_after_a_request_to_leave_is_continued()
    {
        using var deployment = new Deployment(window: 10);
        await deployment.StartAsync("one");

        await deployment.SubmitAsync("""
            name: leaves
            project: tests/kills
            stages:
              only:
                run: |
                  if [ {epoch} -ge 2 ]; then echo done > out; exit 0; fi
                  trap 'exit 0' TERM
                  orchestrator-report progress 0.5
                  while :; do sleep 0.1; done
                memory: 16M
                duration: 3s
                walltime: 4s
                grace: 2s
                outputs: [out]
            """);
        var ended = await deployment.StageEventAsync("s-leaves", "only", EventKinds.AttemptEnded);
        var simulation = await deployment.EndOfAsync("s-leaves");

        ended.End.ShouldBe("walltime", StringCompareShould.IgnoreCase);
        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        simulation.Stages[0].Attempts.ShouldBe(2);
        simulation.Stages[0].RetriesUsed.ShouldBe(0);
    }

    private static async Task ShouldCompleteAsUndisturbed(Deployment deployment, int attempts)
    {
        var simulation = await deployment.EndOfAsync(Id);
        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        simulation.Stages[0].Attempts.ShouldBe(attempts);
        simulation.Stages[0].RetriesUsed.ShouldBe(0);

        var undisturbed = Path.Combine(deployment.Data, "undisturbed");
        Directory.CreateDirectory(undisturbed);
        var status = await deployment.Processes.RunShellAsync("undisturbed", "climate run --seed 7 --steps 1000 --history-every 200", undisturbed, Cli.Demo.ClimateProgram.VariablesFor(AppContext.BaseDirectory), TestContext.Current.CancellationToken);
        status.ShouldBe(0);
        var published = await File.ReadAllBytesAsync(deployment.ResultOf(Id, "coupled", "history.nc"), TestContext.Current.CancellationToken);
        var expected = await File.ReadAllBytesAsync(Path.Combine(undisturbed, "history.nc"), TestContext.Current.CancellationToken);
        published.SequenceEqual(expected).ShouldBeTrue("every field is the same");
    }
}
