using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>An epoch that was given up and comes back writes nothing that anyone reads (invariant 2).</summary>
public sealed class CutTests
{
    private const string Id = "s-cut";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_that_comes_back_from_a_network_cut_finds_its_epoch_given_up(bool endsMeanwhile)
    {
        using var deployment = new Deployment(window: 3);
        deployment.StartSilo("--port", "0");
        await deployment.UntilAsync(() => File.Exists(Path.Combine(deployment.Data, EndpointFile.FileName)), "the gateway answers");
        var endpoint = JsonSerializer.Deserialize<EndpointFile>(await File.ReadAllBytesAsync(Path.Combine(deployment.Data, EndpointFile.FileName), deployment.Token), WireJson.Options)!;
        using var relay = new Relay(new Uri(endpoint.Url!).Port);
        deployment.StartAgent("far", "--url", relay.Url.ToString());
        await deployment.RegisteredAsync("far");
        await deployment.SubmitAsync(Campaign(deployment.Data));
        await deployment.StageEventAsync(Id, "only", EventKinds.StageStarted);

        relay.Cut();
        deployment.StartAgent("near");
        await ShouldBeTheNewEpochsAsync(deployment, "far", endsMeanwhile, relay.Mend);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_that_was_stopped_and_goes_on_finds_its_epoch_given_up(bool endsMeanwhile)
    {
        using var deployment = new Deployment(window: 3);
        await deployment.StartAsync("far");
        await deployment.SubmitAsync(Campaign(deployment.Data));
        await deployment.StageEventAsync(Id, "only", EventKinds.StageStarted);

        deployment.Processes.Signal("far", Deployment.Stop);
        deployment.StartAgent("near");
        await ShouldBeTheNewEpochsAsync(deployment, "far", endsMeanwhile, () => deployment.Processes.Signal("far", Deployment.Continue));
    }

    /// <summary>Runs until a file of its epoch is there, and writes all the while: outputs, progress and checkpoints.</summary>
    private static string Campaign(string data) => $$"""
        name: cut
        project: tests/cuts
        stages:
          only:
            run: |
              i=0
              while [ ! -e {{data}}/go-{epoch} ]; do
                i=$((i + 1))
                echo "{epoch} $i" > out
                orchestrator-report progress 0.$((10 + i % 80)) step=$i
                mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial" && echo $i > "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial/state" && mv "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/c$i"
                sleep 0.2
              done
              echo "{epoch} last" > out
            memory: 16M
            duration: 3s
            outputs: [out]
            checkpoint: { every: program }
        """;

    private static async Task ShouldBeTheNewEpochsAsync(Deployment deployment, string node, bool endsMeanwhile, Action letBack)
    {
        await deployment.StageEventAsync(Id, "only", EventKinds.StageStarted, epoch: 2);
        Programs.Of(deployment.AttemptOf(Id, "only", 1)).ShouldNotBeEmpty("the cut does not reach the program");
        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go-2"), "", deployment.Token);
        var completed = await deployment.EndOfAsync(Id);
        if (endsMeanwhile)
        {
            // All outputs lie there, and an exit with 0 waits to be reported.
            await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go-1"), "", deployment.Token);
            await deployment.UntilAsync(() => Programs.Of(deployment.AttemptOf(Id, "only", 1)).Count == 0, "the old program has ended");
            (await File.ReadAllTextAsync(Path.Combine(deployment.AttemptOf(Id, "only", 1), "run", "out"), deployment.Token)).ShouldBe("1 last\n");
        }

        var result = deployment.ResultOf(Id, "only", "out");
        var published = File.GetLastWriteTimeUtc(result);
        var before = await deployment.EventsAsync();
        letBack();
        await deployment.EventAsync(happened => happened.Kind == EventKinds.NodeRecovered && happened.Node?.Value == $"n-{node}", $"the return of {node}");
        await deployment.UntilAsync(() => Programs.Of(deployment.AttemptOf(Id, "only", 1)).Count == 0, "the old program is killed");
        await deployment.UntilAsync(() => !Directory.EnumerateDirectories(Path.Combine(deployment.Data, "agents", $"n-{node}", "attempts")).Any(), "the old agent has forgotten the attempt");

        completed.Status.ShouldBe(SimulationStatus.Completed, completed.Reason);
        completed.Stages[0].Epoch.ShouldBe(2);
        completed.Stages[0].RetriesUsed.ShouldBe(0);
        (await File.ReadAllTextAsync(result, deployment.Token)).ShouldBe("2 last\n");
        File.GetLastWriteTimeUtc(result).ShouldBe(published);
        Directory.GetFileSystemEntries(Path.Combine(deployment.Data, "results", Id)).Length.ShouldBe(1);
        (await deployment.EventsAsync()).Skip(before.Count).Where(static happened => happened.Simulation is not null).ShouldAllBe(static happened => happened.Kind == EventKinds.ReportStale);
        var now = await deployment.Client.GetSimulationAsync(new(Id), deployment.Token);
        now.Status.ShouldBe(SimulationStatus.Completed);
        now.EndedAt.ShouldBe(completed.EndedAt);
        now.Stages[0].Attempts.ShouldBe(2);
        now.Stages[0].CheckpointsMade.ShouldBe(completed.Stages[0].CheckpointsMade);
        now.Stages[0].Outputs.Select(static output => output.Sha256).ShouldBe(completed.Stages[0].Outputs.Select(static output => output.Sha256));
    }
}
