using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Running work makes way for what is more urgent, and for maintenance, and goes on from its checkpoint.</summary>
public sealed class MakingWayTests
{
    private const string Low = "s-low";

    [Fact]
    public async Task Low_work_leaves_with_a_checkpoint_for_critical_work_and_for_a_window_and_goes_on_from_it()
    {
        using var deployment = new Deployment(window: 10);
        var policy = Path.Combine(deployment.Data, "policy.yaml");
        await File.WriteAllTextAsync(policy, "preemption: { quantum: 1s, cooldown: 1s, wait_first: 1s, checkpoint_wait: 5s }\nbackfill: { useful_least: 1s }\n", deployment.Token);
        deployment.StartSilo("--policy", policy);
        deployment.StartAgent("one");
        await deployment.RegisteredAsync("one");
        await deployment.SubmitAsync(Patient(deployment.Data));
        await deployment.StageEventAsync(Low, "only", EventKinds.CheckpointCommitted);

        await deployment.SubmitAsync("""
            name: urgent
            project: tests/ways
            priority: critical
            stages:
              only: { run: "echo {epoch} > out", memory: 16M, duration: 3s, outputs: [out] }
            """);
        var preempted = await deployment.StageEventAsync(Low, "only", EventKinds.AttemptEnded);
        (await deployment.EndOfAsync("s-urgent")).Status.ShouldBe(SimulationStatus.Completed);
        await deployment.StageEventAsync(Low, "only", EventKinds.StageStarted, epoch: 2);

        preempted.End.ShouldBe(nameof(AttemptEnd.Preempted), StringCompareShould.IgnoreCase);
        await deployment.StageEventAsync(Low, "only", EventKinds.CheckpointCommitted, epoch: 2);
        var added = await deployment.RunAsync("window", "add", "disk", "--start", "+1s", "--for", "5s", "--nodes", "one");
        added.Status.ShouldBe(0, added.Error);
        added.Output.ShouldContain("disk: major, pending");
        await deployment.StageEventAsync(Low, "only", EventKinds.AttemptEnded, epoch: 2);
        var why = await deployment.RunAsync("why", Low);
        var list = await deployment.RunAsync("window", "list");
        var again = await deployment.StageEventAsync(Low, "only", EventKinds.StageStarted, epoch: 3);

        why.Output.ShouldContain("maintenance", Case.Insensitive, why.Output + why.Error);
        why.Output.ShouldContain("disk");
        list.Output.ShouldContain("disk");
        var window = (await deployment.Client.ListWindowsAsync(deployment.Token).ToListAsync(deployment.Token)).ShouldHaveSingleItem().Window;
        window.Status.ShouldBe(WindowStatus.Completed);
        again.At.ShouldBeGreaterThanOrEqualTo(window.End, "nothing starts on the node before the window is over");

        await File.WriteAllTextAsync(Path.Combine(deployment.Data, "go"), "", deployment.Token);
        var low = await deployment.EndOfAsync(Low);
        low.Status.ShouldBe(SimulationStatus.Completed, low.Reason);
        (low.Stages[0].Attempts, low.Stages[0].RetriesUsed).ShouldBe((3, 0));
        var starts = (await File.ReadAllLinesAsync(Path.Combine(deployment.Data, "low.log"), deployment.Token)).Select(static line => int.Parse(line, CultureInfo.InvariantCulture)).ToArray();
        starts.Length.ShouldBe(3);
        starts[0].ShouldBe(0);
        starts[1].ShouldBeGreaterThan(0, "it goes on from its checkpoint");
        starts[2].ShouldBeGreaterThan(starts[1]);
    }

    /// <summary>Counts, with a checkpoint now and then and another when it is asked to leave, until it may end; each start writes where it begins.</summary>
    private static string Patient(string data) => $$"""
        name: low
        project: tests/ways
        priority: low
        stages:
          only:
            run: |
              i=0
              if [ -n "$ORCHESTRATOR_RESTORE_DIR" ]; then i=$(cat "$ORCHESTRATOR_RESTORE_DIR/state"); fi
              echo $i >> {{data}}/low.log
              save() {
                d="$ORCHESTRATOR_CHECKPOINT_DIR/c$i"
                if [ ! -d "$d" ]; then mkdir -p "$d.partial" && echo $i > "$d.partial/state" && mv "$d.partial" "$d"; fi
                orchestrator-report checkpoint c$i step=$i
              }
              trap 'save; exit 85' TERM
              while [ ! -e {{data}}/go ]; do
                i=$((i + 1))
                orchestrator-report progress 0.$((10 + i % 80)) step=$i
                if [ $((i % 10)) -eq 0 ]; then save; fi
                sleep 0.1
              done
              echo $i > out
            memory: 16M
            duration: 1h
            grace: 2s
            outputs: [out]
            checkpoint: { every: program }
        """;
}
