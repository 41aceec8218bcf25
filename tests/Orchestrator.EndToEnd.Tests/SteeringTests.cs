using Orchestrator.Cli;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Work that changes while it runs: by the program itself, by people, by a hook.</summary>
public sealed class SteeringTests
{
    private const string Id = "s-steer";

    private const string Campaign = """
        name: steer
        project: tests/steering
        defaults: { memory: 16M, duration: 1s }
        stages:
          explore:
            run: |
              cat >> "$ORCHESTRATOR_PROGRESS_FILE" <<'END'
              {"progress": 0.5, "metrics": {"err": 0.5}}
              {"stages": {"refine": {"run": "echo $ORCHESTRATOR_STAGE_EXPLORE_METRIC_ERR $ORCHESTRATOR_STAGE_EXPLORE_EXIT > out; cp $ORCHESTRATOR_RESULTS_FILE results", "after": "explore", "outputs": ["out", "results"], "memory": "16M", "duration": "1s"}}}
              {"stages": {"broken": {"rum": "x"}}}
              END
              echo explored > out
            outputs: [out]
          good: { run: "true", after: { explore: { when: "explore.metrics.err < 0.1" } } }
          publish:
            after: { explore: { approval: anyone } }
            run: cat {stage.explore}/out > all; echo $ORCHESTRATOR_RUN_DIR >> all
            outputs: [all]
        """;

    [Fact]
    public async Task A_stage_adds_stages_a_person_approves_and_a_stage_runs_again()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(Campaign);

        await deployment.StageEventAsync(Id, "refine", EventKinds.StageCompleted);
        (await File.ReadAllTextAsync(deployment.ResultOf(Id, "refine", "out"), deployment.Token)).Trim().ShouldBe("0.5 0");
        (await File.ReadAllTextAsync(deployment.ResultOf(Id, "refine", "results"), deployment.Token)).ShouldContain("\"sha256\"");
        (await deployment.EventAsync(happened => happened.Kind == EventKinds.StagesRefused, "the refusal")).Text!.ShouldContain("rum");
        var view = await deployment.Client.GetSimulationAsync(new(Id), deployment.Token);
        view.Stages.Single(stage => stage.Name == "refine").AddedBy.ShouldBe("explore");
        view.Stages.Single(stage => stage.Name == "good").Status.ShouldBe(StageStatus.Skipped);
        view.Stages.Single(stage => stage.Name == "publish").Reason.ShouldBe("waits for somebody to approve to go on after explore");

        // A person adds a stage that waits for what is published, twice, and holds it.
        var more = Path.Combine(deployment.Data, "more.yaml");
        await File.WriteAllTextAsync(more, "stages:\n  plot: { run: \"cp {stage.publish}/all plot\", after: publish, outputs: [plot], memory: 16M, duration: 1s }\n", deployment.Token);
        (await Done(deployment.RunAsync("stage", "add", Id, more))).ShouldNotContain("as before");
        (await Done(deployment.RunAsync("stage", "add", Id, more))).ShouldContain("as before");
        await Done(deployment.RunAsync("stage", "hold", Id, "plot", "--reason", "not yet"));
        await Done(deployment.RunAsync("stage", "approve", Id, "publish", "--reason", "looks right"));
        await deployment.StageEventAsync(Id, "publish", EventKinds.StageCompleted);
        (await Done(deployment.RunAsync("stage", "list", Id))).ShouldContain("not yet");
        await Done(deployment.RunAsync("stage", "release", Id, "plot"));
        (await deployment.EndOfAsync(Id)).Status.ShouldBe(SimulationStatus.Completed);
        var first = await File.ReadAllTextAsync(deployment.ResultOf(Id, "plot", "plot"), deployment.Token);

        // All had ended: it goes on, and what comes after it runs again, too.
        await Done(deployment.RunAsync("stage", "rerun", Id, "publish", "--reason", "once more"));
        await deployment.StageEventAsync(Id, "plot", EventKinds.StageCompleted, epoch: 2);
        (await File.ReadAllTextAsync(deployment.ResultOf(Id, "plot", "plot"), deployment.Token)).ShouldNotBe(first, "another attempt, another directory");
        await deployment.EventAsync(happened => happened.Kind == EventKinds.SimulationReopened, "going on");
        view = await deployment.Client.GetSimulationAsync(new(Id), deployment.Token);
        view.Stages.Single(stage => stage.Name == "explore").Attempts.ShouldBe(1);
        view.Stages.Single(stage => stage.Name == "publish").Edges.ShouldHaveSingleItem().ShouldSatisfyAllConditions(edge => edge.State.ShouldBe(EdgeState.Satisfied), edge => edge.Mark!.Why.ShouldBe("looks right"));
        var refused = await deployment.RunAsync("stage", "approve", Id, "plot");
        refused.Status.ShouldBe(ExitCodes.Refused, refused.Error);
        refused.Error.ShouldContain("only 'rerun'");
    }

    [Fact]
    public async Task A_hook_that_dies_is_started_again_and_answers_results_with_work()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(
            """
            name: steer
            project: tests/steering
            stages:
              first: { run: "true", memory: 16M, duration: 1s }
              open: { kind: barrier, trigger: manual }
            """);
        var died = Path.Combine(deployment.Data, "died");
        var script = Path.Combine(deployment.Data, "hook.sh");
        await File.WriteAllTextAsync(
            script,
            $$$$"""
            while read -r line; do
              [ -e {{{{died}}}} ] || { touch {{{{died}}}}; exit 1; }
              case "$line" in
                *'"stage":"first"'*) echo '{"stages": {"second": {"run": "true", "after": "first", "memory": "16M", "duration": "1s"}}}';;
                *) echo '{}';;
              esac
            done
            """,
            deployment.Token);

        var hook = CommandResult.RunAsync(["stage", "hook", Id, "--data", deployment.Data, "--", "sh", script], deployment.Token);
        await deployment.StageEventAsync(Id, "second", EventKinds.StageCompleted);
        await Done(deployment.RunAsync("stage", "approve", Id, "open"));

        var result = await hook;
        result.Status.ShouldBe(ExitCodes.Success, result.Error);
        result.Error.ShouldContain("it is started again");
        (await deployment.EndOfAsync(Id)).Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public async Task A_callback_of_a_client_adds_work_once_though_it_is_asked_again()
    {
        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync("name: steer\nproject: tests/steering\nstages:\n  first: { run: \"true\", memory: 16M, duration: 1s }\n  open: { kind: barrier, trigger: manual }\n");
        var asked = new List<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deployment.Token);

        await Should.ThrowAsync<OperationCanceledException>(DynamicWork.RunAsync(deployment.Client, new(Id), AnswerAsync, cancellationToken: stop.Token));
        await deployment.Client.SteerStageAsync(new(Id), "open", StageVerb.Approve, cancellationToken: deployment.Token);
        await deployment.EndOfAsync(Id);
        await DynamicWork.RunAsync(deployment.Client, new(Id), AnswerAsync, cancellationToken: deployment.Token);

        asked.Count(stage => stage == "first").ShouldBe(2, "whoever starts anew hears all results again");
        (await deployment.CountAsync(happened => happened.Kind == EventKinds.StagesAdded)).ShouldBe(1);

        async Task<string?> AnswerAsync(StageResult result, CancellationToken cancellationToken)
        {
            asked.Add(result.Stage);
            if (result.Stage == "second")
            {
                await stop.CancelAsync();
            }

            return result.Stage == "first" ? """{"stages":{"second":{"run":"true","after":"first","memory":"16M","duration":"1s"}}}""" : null;
        }
    }

    private static async Task<string> Done(Task<CommandResult> running)
    {
        var result = await running;
        result.Status.ShouldBe(ExitCodes.Success, result.Error);
        return result.Output;
    }
}
