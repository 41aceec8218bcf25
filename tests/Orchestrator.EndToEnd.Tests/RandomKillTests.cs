using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Silo and agents are killed again and again at random moments, with and without their programs, and started again.</summary>
public sealed class RandomKillTests
{
    private const int Kills = 20;

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(20260321)]
    public async Task Whatever_is_killed_twenty_times_the_campaign_completes_and_each_stage_once(int seed)
    {
        var random = new Random(seed);
        using var deployment = new Deployment(window: 3, patience: 600);
        string[] agents = ["one", "two"];
        await deployment.StartAsync(agents);
        await deployment.SubmitAsync("""
            name: storm
            project: tests/kills
            members: 4
            stages:
              spin-up: { run: "climate run --seed 7 --member {member} --steps 200 --history-every 100 --pace 4", memory: 64M, duration: 2s, outputs: [history.nc, restart/state.bin] }
              coupled:
                after: spin-up
                run: climate run --seed 7 --member {member} --initial {stage.spin-up}/restart --steps 4000 --history-every 400 --checkpoint-every 200 --pace 5
                restart: climate run --resume {restore} --steps 4000 --checkpoint-every 200 --pace 5
                memory: 64M
                duration: 20s
                outputs: [history.nc]
                checkpoint: { every: program }
            """);

        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 3000)), TimeProvider.System, TestContext.Current.CancellationToken);
            var victim = random.Next(3) is > 0 and var agent ? agents[agent - 1] : "up";
            if (victim != "up" && random.Next(2) == 0)
            {
                deployment.Processes.Kill(victim);
            }
            else
            {
                deployment.Processes.Signal(victim, Deployment.Kill);
            }

            await deployment.Processes.WaitForExitAsync(victim, TestContext.Current.CancellationToken);
            if (victim == "up")
            {
                deployment.StartSilo();
            }
            else
            {
                deployment.StartAgent(victim);
            }
        }

        foreach (var member in (string[])["1", "2", "3", "4"])
        {
            var simulation = await deployment.EndOfAsync($"s-storm-{member}");
            simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
            simulation.Stages.ShouldAllBe(stage => stage.RetriesUsed == 0);
            foreach (var stage in simulation.Stages)
            {
                var completions = await deployment.CountAsync(happened => happened.Kind == EventKinds.StageCompleted && happened.Simulation == simulation.Id && happened.Stage == stage.Name);
                completions.ShouldBe(1, $"{stage.Name} of {simulation.Id} completes once");
            }
        }
    }
}
