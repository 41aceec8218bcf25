using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A gang of several nodes is granted, lost and given back as a whole.</summary>
public sealed class GangTests
{
    private const string Gang = """
        name: gang
        project: tests/gangs
        stages:
          wide:
            nodes: 3
            run: |
              if [ {epoch} -ge 2 ]; then echo done > out; exit 0; fi
              echo $$ > pid
              while :; do sleep 0.1; done
            memory: 16M
            duration: 3s
            outputs: [out]
        """;

    private const string Id = "s-gang";

    [Theory]
    [InlineData(Deployment.Kill)]
    [InlineData(Deployment.Stop)]
    public async Task A_gang_that_loses_a_node_which_is_not_the_lead_runs_again_as_a_whole_on_another_set(int signal)
    {
        using var deployment = new Deployment(window: 2);
        await deployment.StartAsync("one", "two", "three", "four");
        await deployment.SubmitAsync(Gang);

        var granted = await deployment.StageEventAsync(Id, "wide", EventKinds.StageStarted);
        var nodes = (await deployment.Client.GetSimulationAsync(new(Id), TestContext.Current.CancellationToken)).Stages[0].Nodes;
        nodes.Length.ShouldBe(3);
        nodes[0].ShouldBe(granted.Node!.Value);
        deployment.Processes.Signal(nodes[1].Value[2..], signal);
        await deployment.StageEventAsync(Id, "wide", EventKinds.StageStarted, epoch: 2);
        var simulation = await deployment.EndOfAsync(Id);

        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        simulation.Stages[0].Attempts.ShouldBe(2);
        simulation.Stages[0].RetriesUsed.ShouldBe(0);
        simulation.Stages[0].RecentAttempts[^1].Nodes.ShouldNotContain(nodes[1]);
        var first = (await File.ReadAllTextAsync(Path.Combine(deployment.Data, RunLayout.RunDirectory(new AttemptId(new(Id), "wide", 1)), "pid"), TestContext.Current.CancellationToken)).Trim();
        Directory.Exists($"/proc/{first}").ShouldBeFalse("no rank of the lost attempt survives");
    }
}
