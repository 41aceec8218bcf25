using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>How soon the loss of nodes is noticed by default, and how soon their work computes elsewhere; and what becomes of a program that spins.</summary>
public sealed class DetectionTests(ITestOutputHelper output)
{
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ComputingWithin = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Agents_that_are_killed_or_stopped_are_noticed_within_20_s_and_their_work_computes_elsewhere_within_30_s_by_default()
    {
        using var deployment = new Deployment(window: null);
        await LoseAsync(deployment, agents: 5, simulations: 5, cores: 4, lost: ["a1", "a2"], stopped: ["a2"]);
    }

    /// <summary>The whole measure, for a quiet machine: "killed", "stopped" or "rack" (half of them at once).</summary>
    [Theory]
    [Trait("Category", "Long")]
    [InlineData("killed")]
    [InlineData("stopped")]
    [InlineData("rack")]
    public async Task Of_100_simulations_on_20_agents_none_is_lost_with_its_agents(string how)
    {
        using var deployment = new Deployment(window: null, patience: 600);
        string[] lost = how == "rack" ? [.. Enumerable.Range(1, 10).Select(static number => $"a{number}")] : ["a1"];
        await LoseAsync(deployment, agents: 20, simulations: 100, cores: 12, lost, how == "stopped" ? lost : []);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_program_that_spins_without_progress_is_restarted_from_its_proven_checkpoint_and_given_up_after_three()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");

        await deployment.SubmitAsync("""
            name: spins
            project: tests/detection
            stages:
              only:
                run: |
                  orchestrator-report progress 0.1 step=10
                  if [ {epoch} -eq 1 ]; then
                    mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/c.partial" && echo 10 > "$ORCHESTRATOR_CHECKPOINT_DIR/c.partial/state" && mv "$ORCHESTRATOR_CHECKPOINT_DIR/c.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/c"
                    orchestrator-report checkpoint "$ORCHESTRATOR_CHECKPOINT_DIR/c"
                  fi
                  while :; do :; done
                memory: 16M
                duration: 1m
                grace: 1s
                stall_after: 5s
                retries: 3
                recovery: { backoff: 1s, backoff_max: 1s }
                checkpoint: { every: program, verify: "test -s {path}/state" }
            """);
        var again = await deployment.StageEventAsync("s-spins", "only", EventKinds.StageStarted, epoch: 2);
        var simulation = await deployment.EndOfAsync("s-spins");

        again.Checkpoint.ShouldNotBeNull();
        simulation.Status.ShouldBe(SimulationStatus.Failed);
        simulation.Reason!.ShouldContain("no progress for 5.0 s; the same at the same step after going back three times");
        var failures = await deployment.Client.ListFailuresAsync("s-spins", cancellationToken: deployment.Token);
        failures.Failures.Length.ShouldBe(4);
        failures.Failures.ShouldAllBe(static failure => failure.Kind == FailureKind.Deadlock);
        (failures.Tally.Recovered, failures.Tally.Abandoned, failures.Open).ShouldBe((3, 1, 0));
    }

    /// <summary>No reset, no refusal, no answer: packets of the node vanish, as behind a switch that died.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task A_node_whose_packets_vanish_is_noticed_within_20_s_and_its_work_computes_elsewhere_within_30_s()
    {
        using var deployment = new Deployment(window: null, patience: 240);
        using var network = await NetworkNamespace.CreateAsync(deployment.Token);
        deployment.StartSilo("--port", "0");
        await deployment.UntilAsync(() => File.Exists(Path.Combine(deployment.Data, EndpointFile.FileName)), "the gateway answers");
        var endpoint = JsonSerializer.Deserialize<EndpointFile>(await File.ReadAllBytesAsync(Path.Combine(deployment.Data, EndpointFile.FileName), deployment.Token), WireJson.Options)!;
        using var relay = new Relay(new Uri(endpoint.Url!).Port, network.Outside);
        deployment.StartAgentInside(network.Name, "far", "--url", relay.Url.ToString());
        await deployment.RegisteredAsync("far");
        await deployment.SubmitAsync("""
            name: hole
            project: tests/detection
            stages:
              only: { run: "orchestrator-report progress 0.1; sleep 900", memory: 4M, duration: 15m, grace: 1s }
            """);
        await deployment.StageEventAsync("s-hole", "only", EventKinds.StageStarted);
        deployment.StartAgent("near");
        await deployment.RegisteredAsync("near");

        var at = TimeProvider.System.GetUtcNow();
        await network.SwallowAsync(deployment.Token);
        var noticed = (await deployment.EventAsync(static happened => happened is { Kind: EventKinds.NodeLost, Node.Value: "n-far" }, "the loss of far")).At - at;
        var again = await deployment.StageEventAsync("s-hole", "only", EventKinds.StageStarted, epoch: 2);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"black hole: noticed after {noticed.TotalSeconds:0.0} s, computing elsewhere after {(again.At - at).TotalSeconds:0.0} s"));
        again.Node!.Value.Value.ShouldBe("n-near");
        Programs.Of(deployment.AttemptOf("s-hole", "only", 1)).ShouldNotBeEmpty("the hole does not reach the program");
        noticed.ShouldBeLessThanOrEqualTo(NoticedWithin);
        (again.At - at).ShouldBeLessThanOrEqualTo(ComputingWithin);

        // Once packets pass again the old one is told that it was given up.
        await network.PassAsync(deployment.Token);
        await deployment.UntilAsync(() => Programs.Of(deployment.AttemptOf("s-hole", "only", 1)).Count == 0, "the old program is killed");
        (await deployment.Client.GetSimulationAsync(new("s-hole"), deployment.Token)).Stages[0].Epoch.ShouldBe(2);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_node_that_others_slow_down_is_named_degraded_and_gets_no_new_work_and_nothing_is_called_failed()
    {
        using var deployment = new Deployment(window: null, patience: 900);
        deployment.StartSilo();
        string[] names = ["a1", "a2", "a3", "a4"];
        for (var number = 0; number < names.Length; number++)
        {
            // Two cores are enough: what counts is who runs on the core of the one that works.
            deployment.StartAgent(names[number], "--first-core", (number % 2).ToString(CultureInfo.InvariantCulture));
        }

        await deployment.RegisteredAsync(names);
        await deployment.SubmitAsync("""
            name: slowed
            project: tests/detection
            stages:
              only:
                run: |
                  i=0; until=$(($(date +%s) + 75))
                  while [ $i -lt 100000 ]; do
                    n=0; while [ $n -lt 20000 ]; do n=$((n + 1)); done
                    i=$((i + 1)); orchestrator-report progress 0.1 step=$i
                    if [ ! -e warm ] && [ $(date +%s) -ge $until ]; then touch warm; fi
                  done
                memory: 16M
                duration: 30m
                grace: 1s
            """);
        var started = await deployment.StageEventAsync("s-slowed", "only", EventKinds.StageStarted);
        var node = started.Node!.Value;
        var core = (node.Value[^1] - '1') % 2;
        await deployment.UntilAsync(() => File.Exists(Path.Combine(deployment.AttemptOf("s-slowed", "only", 1), "run", "warm")), "its usual pace is known");

        OrchestratorEvent degraded;
        using (var stress = Stress(core))
        {
            var at = TimeProvider.System.GetUtcNow();
            degraded = await deployment.EventAsync(happened => happened.Kind == EventKinds.NodeDegraded && happened.Node == node, $"{node} to be named degraded");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"degraded after {(degraded.At - at).TotalSeconds:0.0} s: {degraded.Text}"));
            for (var number = 1; number <= 3; number++)
            {
                await deployment.SubmitAsync($$"""
                    name: next{{number}}
                    project: tests/detection
                    stages: { only: { run: "sleep 1", memory: 4M, duration: 5s } }
                    """);
                (await deployment.EndOfAsync($"s-next{number}")).Status.ShouldBe(SimulationStatus.Completed);
                (await deployment.StageEventAsync($"s-next{number}", "only", EventKinds.StageStarted)).Node.ShouldNotBe(node);
            }

            stress.Kill(entireProcessTree: true);
            await stress.WaitForExitAsync(deployment.Token);
        }

        await deployment.EventAsync(happened => happened.Kind == EventKinds.NodeEased && happened.Node == node, $"{node} to be as it should be again");
        degraded.Text.ShouldContain("its own work gets on slower");
        var slowed = await deployment.Client.GetSimulationAsync(new("s-slowed"), deployment.Token);
        (slowed.Status, slowed.Stages[0].Epoch, slowed.Stages[0].Status).ShouldBe((SimulationStatus.Running, 1, StageStatus.Running));
        (await deployment.Client.ListFailuresAsync("s-slowed", cancellationToken: deployment.Token)).Failures.ShouldBeEmpty();
    }

    /// <summary>Others on one core: four workers of stress-ng. Skips the test where that is not installed.</summary>
    private static Process Stress(int core)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/stress-ng"), "stress-ng is not installed.");
        return Process.Start("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), "stress-ng", "--cpu", "4", "--timeout", "400s", "--quiet"]);
    }

    private async Task LoseAsync(Deployment deployment, int agents, int simulations, int cores, string[] lost, string[] stopped)
    {
        string[] names = [.. Enumerable.Range(1, agents).Select(static number => $"a{number}")];
        deployment.StartSilo();
        foreach (var name in names)
        {
            deployment.StartAgent(name, cores, "--at", lost.Contains(name) ? "rack=r1" : "rack=r2");
        }

        await deployment.RegisteredAsync(names);
        await deployment.SubmitAsync($$"""
            name: lasts
            project: tests/detection
            members: {{simulations}}
            stages:
              only: { run: "orchestrator-report progress 0.1; sleep 900", memory: 4M, duration: 15m, grace: 1s }
            """);
        var nodes = new Dictionary<SimulationId, NodeId>();
        await deployment.EventAsync(
            happened =>
            {
                if (happened is { Kind: EventKinds.StageStarted, Simulation: { } simulation, Node: { } node })
                {
                    nodes[simulation] = node;
                }

                return nodes.Count == simulations;
            },
            "all simulations to run");
        var gone = lost.Select(static name => new NodeId($"n-{name}")).ToHashSet();
        var hit = nodes.Where(pair => gone.Contains(pair.Value)).Select(static pair => pair.Key).ToHashSet();

        var at = TimeProvider.System.GetUtcNow();
        foreach (var name in lost)
        {
            if (stopped.Contains(name))
            {
                deployment.Processes.Signal(name, Deployment.Stop);
            }
            else
            {
                deployment.Processes.Kill(name);
            }
        }

        var noticed = new Dictionary<NodeId, TimeSpan>();
        var computing = new Dictionary<SimulationId, TimeSpan>();
        await deployment.EventAsync(
            happened =>
            {
                if (happened is { Kind: EventKinds.NodeLost, Node: { } node })
                {
                    noticed[node] = happened.At - at;
                }
                else if (happened is { Kind: EventKinds.StageStarted, Simulation: { } simulation, Epoch: > 1, Node: { } there } && !gone.Contains(there))
                {
                    computing[simulation] = happened.At - at;
                }

                return noticed.Count == gone.Count && hit.All(computing.ContainsKey);
            },
            "all work of the lost agents to compute elsewhere");

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{agents} agents, {simulations} simulations, {lost.Length} agents lost with {hit.Count} simulations: noticed after {noticed.Values.Min().TotalSeconds:0.0} to {noticed.Values.Max().TotalSeconds:0.0} s, computing elsewhere after {(computing.Count == 0 ? 0 : computing.Values.Max().TotalSeconds):0.0} s"));
        noticed.Values.Max().ShouldBeLessThanOrEqualTo(NoticedWithin);
        hit.ShouldAllBe(simulation => computing[simulation] <= ComputingWithin);
        computing.Keys.ShouldBe(hit, ignoreOrder: true);
    }
}
