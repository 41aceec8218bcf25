using System.Globalization;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A gang of several nodes is granted, lost and given back as a whole.</summary>
public sealed class GangTests
{
    private const string Id = "s-gang";
    private static readonly string[] Agents = ["one", "two", "three", "four", "five"];

    [Theory]
    [InlineData(Deployment.Kill)]
    [InlineData(Deployment.Stop)]
    public async Task A_gang_that_loses_a_node_which_is_not_the_lead_runs_again_as_a_whole_on_another_set(int signal)
    {
        using var deployment = new Deployment(window: 3);
        await deployment.StartAsync(Agents);
        await deployment.SubmitAsync(Gang(deployment.Data));
        var granted = await deployment.StageEventAsync(Id, "wide", EventKinds.StageStarted);
        var first = (await deployment.Client.GetSimulationAsync(new(Id), deployment.Token)).Stages[0].Nodes;
        first.Length.ShouldBe(4);
        first[0].ShouldBe(granted.Node!.Value);
        var ranks = await RanksAsync(deployment, 1);

        var lost = first[2];
        deployment.Processes.Signal(lost.Value[2..], signal);
        var again = await deployment.StageEventAsync(Id, "wide", EventKinds.StageStarted, epoch: 2);

        ranks.ShouldAllBe(static rank => !Programs.IsAlive(rank), "no rank of the lost attempt survives, in the group or out of it");
        Programs.Of(deployment.AttemptOf(Id, "wide", 1)).ShouldBeEmpty();
        var beats = Beats(deployment, 1);
        (await RanksAsync(deployment, 2)).Length.ShouldBe(4);
        var second = (await deployment.Client.GetSimulationAsync(new(Id), deployment.Token)).Stages[0].Nodes;
        second.Order().ShouldBe(Agents.Select(static name => new NodeId($"n-{name}")).Where(node => node != lost).Order(), "the other leases were returned, since all other nodes are needed");
        again.Node.ShouldNotBe(lost);

        if (signal == Deployment.Stop)
        {
            deployment.Processes.Signal(lost.Value[2..], Deployment.Continue);
            await deployment.EventAsync(happened => happened.Kind == EventKinds.NodeRecovered && happened.Node == lost, $"the return of {lost}");
            (await RanksAsync(deployment, 2)).ShouldAllBe(static rank => Programs.IsAlive(rank), "who comes back touches nothing");
        }

        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go"), "", deployment.Token);
        var simulation = await deployment.EndOfAsync(Id);
        simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
        simulation.Stages[0].Attempts.ShouldBe(2);
        simulation.Stages[0].RetriesUsed.ShouldBe(0);
        simulation.Stages[0].RecentAttempts[^1].Nodes.ShouldBe(second);
        (await File.ReadAllTextAsync(deployment.ResultOf(Id, "wide", "out"), deployment.Token)).ShouldBe("2\n");
        Beats(deployment, 1).ShouldBe(beats, "nothing of the first epoch went on");
        await deployment.UntilAsync(() => deployment.ProgramsLeft().Count == 0, "no rank is left");
        await deployment.UntilAsync(
            async () => (await deployment.Client.GetClusterAsync(new("k-main"), deployment.Token)).Leases.All(static lease => lease.State != LeaseState.Granted), "all leases are given back");
    }

    /// <summary>A rank for each node, each a process of its own that writes a beat ten times a second, one of them in a session of its own.</summary>
    private static string Gang(string data) => $$"""
        name: gang
        project: tests/gangs
        stages:
          wide:
            nodes: 4
            run: |
              rank='echo $$ > rank-$0.new; mv rank-$0.new rank-$0.pid; while :; do date +%s%N > rank-$0.beat; sleep 0.1; done'
              i=0
              while [ $i -lt {ranks} ]; do
                if [ $i -eq 3 ]; then setsid sh -c "$rank" $i & else sh -c "$rank" $i & fi
                i=$((i + 1))
              done
              while [ {epoch} -lt 2 ] || [ ! -e {{data}}/go ]; do sleep 0.1; done
              echo {epoch} > out
            memory: 16M
            duration: 3s
            outputs: [out]
        """;

    private static async Task<int[]> RanksAsync(Deployment deployment, int epoch)
    {
        var run = Path.Combine(deployment.AttemptOf(Id, "wide", epoch), "run");
        string[] files = [.. Enumerable.Range(0, 4).Select(rank => Path.Combine(run, $"rank-{rank}.pid"))];
        await deployment.UntilAsync(() => files.All(File.Exists), $"the ranks of epoch {epoch} run");
        return [.. files.Select(static file => int.Parse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture))];
    }

    private static string[] Beats(Deployment deployment, int epoch) =>
        [.. Directory.GetFiles(Path.Combine(deployment.AttemptOf(Id, "wide", epoch), "run"), "*.beat").Order().Select(static file => $"{File.GetLastWriteTimeUtc(file):O} {File.ReadAllText(file)}")];
}
