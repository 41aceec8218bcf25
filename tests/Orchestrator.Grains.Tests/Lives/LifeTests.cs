using System.Collections.Immutable;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Grains.Tests.FakeAgent;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Lives;

/// <summary>Whole lives of simulations over all grains, with nodes in memory: what programs compute must come out as if nothing had ever failed.</summary>
public sealed class LifeTests
{
    private static readonly StageDefinition[] ThreeStages = [Lab.Stage("spin-up"), Lab.Stage("coupled", after: "spin-up", cores: 2), Lab.Stage("diagnostics", after: "coupled")];

    public static TheoryData<Over> Databases => GrainWorld.Databases;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Databases))]
    public async Task A_campaign_of_two_simulations_with_three_stages_completes(Over over)
    {
        await using var lab = await Lab.OpenAsync(nodes: 2, over);
        var scenario = new ScenarioId(lab.World.NewKey('o'));
        var account = new AccountId(lab.World.NewKey('p'));
        var one = await lab.SubmitAsync(ThreeStages, scenario: scenario, variant: "control", account: account);
        var two = await lab.SubmitAsync(ThreeStages, scenario: scenario, variant: "4xCO2", account: account, order: 1);
        var comparison = lab.World.Grains.GetGrain<IScenarioGrain>(scenario.Value);
        await comparison.DefineAsync(
            new()
            {
                Id = scenario,
                Campaign = "co2",
                Metric = "tas",
                Variants = ImmutableSortedDictionary<string, ImmutableArray<SimulationId>>.Empty
                    .Add("control", [new SimulationId(one.GetPrimaryKeyString())])
                    .Add("4xCO2", [new SimulationId(two.GetPrimaryKeyString())]),
            },
            Token);

        await lab.CheckEndAsync(one, two);

        var events = await lab.EventsOfAsync(one);
        events.Where(static occurrence => occurrence.Kind == EventKinds.StageCompleted).Select(static occurrence => occurrence.Stage).ShouldBe(["spin-up", "coupled", "diagnostics"]);
        events.Last(static occurrence => occurrence.Kind == EventKinds.StageStarted).Sequence.ShouldBeGreaterThan(
            events.Single(static occurrence => occurrence is { Kind: EventKinds.StageCompleted, Stage: "coupled" }).Sequence);
        (await one.GetAsync(Token))!.Stages.ShouldAllBe(static stage => stage.Attempts == 1 && stage.StepsAgain == 0);
        await lab.UntilAsync(async () => (await comparison.GetAsync(Token))!.Variants.All(static variant => variant.Members.All(static member => member.Status == SimulationStatus.Completed)), "the comparison followed");
        (await lab.World.Grains.GetGrain<IAccountGrain>(account.Value).GetAsync(Token)).ShouldNotBeNull().ByUser["ada"].CoreTime.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_stage_that_waits_for_half_of_another_starts_beside_it_on_the_second_node()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("parent", new FakeProgram { Steps = 400, StepsPerTurn = 20 });
        var child = Lab.Stage("child", cores: 4) with { After = [new() { Stage = "parent", Condition = DependencyCondition.Progress, Progress = 0.5 }] };
        var simulation = await lab.SubmitAsync([Lab.Stage("parent", cores: 4), child]);

        await lab.UntilAsync(simulation, "child", static stage => stage.Status == StageStatus.Running, "runs");

        var stages = (await simulation.GetAsync(Token))!.Stages;
        stages[0].Status.ShouldBe(StageStatus.Running);
        stages[0].Progress.ShouldBeInRange(0.5, 0.9);
        stages[1].Nodes.ShouldHaveSingleItem().ShouldNotBe(stages[0].Nodes.ShouldHaveSingleItem());
        await lab.CheckEndAsync(simulation);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_killed_node_costs_the_steps_since_the_last_checkpoint(Over over)
    {
        await using var lab = await Lab.OpenAsync(nodes: 2, over);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7, CheckpointEvery = 25 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 100, "has passed step 100");
        var before = (await simulation.GetAsync(Token))!.Stages[0];

        lab.Nodes.Single(node => node.Id == before.Nodes[0]).Kill();
        await lab.CheckEndAsync(simulation);

        var after = (await simulation.GetAsync(Token))!.Stages[0];
        after.Attempts.ShouldBe(2);
        after.RetriesUsed.ShouldBe(0);
        after.StepsAgain.ShouldBeInRange(1, 24);
        lab.Disk.StepsDone.ShouldBe(200 + after.StepsAgain);
        var events = await lab.EventsOfAsync(simulation);
        events.First(static occurrence => occurrence.Kind == EventKinds.AttemptEnded).End.ShouldBe("nodeLost");
        events.Last(static occurrence => occurrence.Kind == EventKinds.StageStarted).Node.ShouldNotBe(before.Nodes[0]);
    }

    [Theory]
    [InlineData(Over.Sqlite, "simulation")]
    [InlineData(Over.Sqlite, "cluster")]
    [InlineData(Over.Sqlite, "node")]
    [InlineData(Over.PostgreSql, "cluster")]
    public async Task A_killed_silo_disturbs_no_program(Over over, string grain)
    {
        await using var lab = await Lab.OpenAsync(nodes: 2, over);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 10 });
        var simulation = await lab.SubmitAsync(ThreeStages);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");

        await lab.World.KillSiloOfAsync(grain switch
        {
            "simulation" => simulation,
            "cluster" => lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value),
            _ => lab.World.Grains.GetGrain<INodeGrain>(lab.Nodes[0].Id.Value),
        });
        await lab.CheckEndAsync(simulation);

        (await simulation.GetAsync(Token))!.Stages.ShouldAllBe(static stage => stage.Attempts == 1);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task New_silos_on_the_old_data_go_on_with_what_runs(Over over)
    {
        await using var lab = await Lab.OpenAsync(nodes: 2, over);
        lab.Runs("coupled", new FakeProgram { Steps = 300, StepsPerTurn = 10 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled"), Lab.Stage("diagnostics", after: "coupled")]);
        var id = simulation.GetPrimaryKeyString();
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");

        await lab.World.KillAllAndStartAgainAsync();
        simulation = lab.World.Grains.GetGrain<ISimulationGrain>(id);
        await lab.CheckEndAsync(simulation);

        (await simulation.GetAsync(Token))!.Stages.ShouldAllBe(static stage => stage.Attempts == 1);
    }

    [Fact]
    public async Task A_gang_of_four_that_loses_one_that_does_not_lead_starts_again_on_others_and_leaves_no_rank()
    {
        await using var lab = await Lab.OpenAsync(nodes: 5);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled", nodes: 4, cores: 4)]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");
        var before = (await simulation.GetAsync(Token))!.Stages[0];
        before.Nodes.Length.ShouldBe(4);

        lab.Nodes.Single(node => node.Id == before.Nodes[2]).Kill();
        await lab.UntilAsync(simulation, "coupled", static stage => stage is { Epoch: 2, Status: StageStatus.Running }, "runs again");

        var after = (await simulation.GetAsync(Token))!.Stages[0];
        after.Nodes.ShouldNotContain(before.Nodes[2]);
        lab.Disk.Processes().ShouldAllBe(static process => process.Attempt.Epoch == 2);
        await lab.CheckEndAsync(simulation);
    }

    [Fact]
    public async Task A_gang_with_a_stopped_node_that_comes_back_does_no_harm()
    {
        await using var lab = await Lab.OpenAsync(nodes: 5);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled", nodes: 4, cores: 4)]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");
        var stopped = lab.Nodes.Single(node => node.Id == simulation.GetAsync(Token).Result!.Stages[0].Nodes[1]);

        stopped.IsStopped = true;
        await lab.UntilAsync(simulation, "coupled", static stage => stage is { Epoch: 2, Status: StageStatus.Running }, "runs again");
        stopped.IsStopped = false;

        await lab.CheckEndAsync(simulation);
        (await simulation.GetAsync(Token))!.Stages[0].Nodes.ShouldNotContain(stopped.Id);
    }

    [Fact]
    public async Task What_an_old_epoch_says_after_a_network_cut_changes_nothing()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("coupled", new FakeProgram { Steps = 300, StepsPerTurn = 7 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");
        var cutOff = lab.Nodes.Single(node => node.Id == simulation.GetAsync(Token).Result!.Stages[0].Nodes[0]);
        var old = cutOff.Runs.Single();

        cutOff.IsCutOff = true;
        await lab.UntilAsync(simulation, "coupled", static stage => stage is { Epoch: 2, Status: StageStatus.Running }, "runs elsewhere");
        old.Spool.Count.ShouldBeGreaterThan(1);
        var delivered = lab.World.Grains.GetGrain<ISimulationGrain>(simulation.GetPrimaryKeyString());
        foreach (var report in old.Spool)
        {
            var reply = await delivered.ReportAsync(report, Token);
            reply.Verdict.ShouldBe(ReportVerdict.Stale);
            reply.Instruction.ShouldBe(ReportInstruction.Discard);
        }

        cutOff.IsCutOff = false;
        await lab.CheckEndAsync(simulation);

        (await lab.EventsOfAsync(simulation)).Count(static occurrence => occurrence is { Kind: EventKinds.ReportStale, Epoch: 1 }).ShouldBe(1);
        (await simulation.GetAsync(Token))!.Stages[0].Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task A_cancelled_simulation_leaves_and_gives_everything_back()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", new FakeProgram { Steps = 10_000, StepsPerTurn = 10 });
        lab.Runs("deaf", new FakeProgram { Steps = 10_000, StepsPerTurn = 10, IsDeaf = true });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled"), Lab.Stage("deaf"), Lab.Stage("later", after: "coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 20, "has passed step 20");
        await lab.UntilAsync(simulation, "deaf", static stage => stage.Step > 20, "has passed step 20");

        (await simulation.ControlAsync(new() { Verb = SimulationVerb.Cancel, Reason = "changed my mind" }, Token)).Outcome.ShouldBe(ControlOutcome.Accepted);
        (await simulation.ControlAsync(new() { Verb = SimulationVerb.Cancel }, Token)).Outcome.ShouldBe(ControlOutcome.Unchanged);
        await lab.UntilAsync(simulation, SimulationStatus.Cancelled);

        (await simulation.GetAsync(Token))!.Reason.ShouldNotBeNull().ShouldContain("changed my mind");
        (await lab.AllEventsOfAsync(simulation)).Count(static occurrence => occurrence is { Kind: EventKinds.AttemptEnded, End: "cancelled" }).ShouldBe(2);
        await lab.CheckEndAsync();
    }

    [Fact]
    public async Task A_paused_simulation_goes_on_from_the_checkpoint_it_left_with()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7, CheckpointEvery = 0 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");

        await simulation.ControlAsync(new() { Verb = SimulationVerb.Pause }, Token);
        await lab.UntilAsync(simulation, SimulationStatus.Paused);
        lab.Disk.Processes().ShouldBeEmpty();
        var done = lab.Disk.StepsDone;
        for (var turn = 0; turn < 5; turn++)
        {
            await lab.TurnAsync();
        }

        lab.Disk.StepsDone.ShouldBe(done);
        await simulation.ControlAsync(new() { Verb = SimulationVerb.Resume }, Token);
        await lab.CheckEndAsync(simulation);

        lab.Disk.StepsDone.ShouldBe(200);
        (await simulation.GetAsync(Token))!.Stages[0].StepsAgain.ShouldBe(0);
    }

    [Fact]
    public async Task A_program_that_fails_is_tried_again_from_its_checkpoints_and_then_left_to_a_person()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("flaky", new FakeProgram { Fails = (55, 1, 2) });
        lab.Runs("broken", new FakeProgram { Fails = (55, 1, 99) });
        var flaky = await lab.SubmitAsync([Lab.Stage("flaky")]);
        var broken = await lab.SubmitAsync([Lab.Stage("broken"), Lab.Stage("later", after: "broken")], order: 1);

        await lab.UntilAsync(broken, SimulationStatus.Failed);
        await lab.CheckEndAsync(flaky);

        (await flaky.GetAsync(Token))!.Stages[0].Attempts.ShouldBe(3);
        var view = (await broken.GetAsync(Token))!;
        view.Reason.ShouldNotBeNullOrEmpty();
        view.Stages[0].Attempts.ShouldBe(5, "three ways back behind the newest checkpoint, even where the retries are fewer");
        view.Stages[1].Attempts.ShouldBe(0);
    }

    [Fact]
    public async Task A_drained_node_hands_its_work_over()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7, CheckpointEvery = 0 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");
        var drained = (await simulation.GetAsync(Token))!.Stages[0].Nodes[0];

        (await lab.World.Grains.GetGrain<INodeGrain>(drained.Value).ControlAsync(new() { Verb = NodeVerb.Drain, Reason = "maintenance" }, Token)).Changed.ShouldBeTrue();
        await lab.CheckEndAsync(simulation);

        var stage = (await simulation.GetAsync(Token))!.Stages[0];
        stage.RetriesUsed.ShouldBe(0);
        stage.StepsAgain.ShouldBe(0);
        (await lab.EventsOfAsync(simulation)).First(static occurrence => occurrence.Kind == EventKinds.AttemptEnded).End.ShouldBe("drained");
        lab.Disk.StepsDone.ShouldBe(200);
    }

    [Fact]
    public async Task A_new_agent_adopts_what_the_old_one_ran()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("coupled", new FakeProgram { Steps = 200, StepsPerTurn = 7 });
        var simulation = await lab.SubmitAsync([Lab.Stage("coupled")]);
        await lab.UntilAsync(simulation, "coupled", static stage => stage.Step > 50, "has passed step 50");

        foreach (var node in lab.Nodes)
        {
            node.RestartAgent();
        }

        await lab.CheckEndAsync(simulation);
        (await simulation.GetAsync(Token))!.Stages[0].Attempts.ShouldBe(1);
    }

    /// <summary>Nodes die, fall silent and come back, silos are killed and writes fail, at moments that the seed decides: all simulations complete, each stage once.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task Whatever_is_lost_at_random_everything_completes(int seed)
    {
        var random = new Random(seed);
        await using var lab = await Lab.OpenAsync(nodes: 5);
        lab.Runs("coupled", new FakeProgram { Steps = 150, StepsPerTurn = 5 });
        lab.Runs("gang", new FakeProgram { Steps = 100, StepsPerTurn = 5 });
        List<string> ids = [];
        for (var i = 0; i < 4; i++)
        {
            ids.Add((await lab.SubmitAsync([Lab.Stage("spin-up"), Lab.Stage("coupled", after: "spin-up", cores: 2), Lab.Stage("gang", after: "spin-up", nodes: 2, cores: 2)], order: i)).GetPrimaryKeyString());
        }

        var silosKilled = 0;
        for (var turn = 0; turn < 60; turn++)
        {
            await lab.TurnAsync();
            var node = lab.Nodes[random.Next(lab.Nodes.Count)];
            switch (random.Next(24))
            {
                case 0 when lab.Nodes.Count(static other => !other.IsDead && !other.IsCutOff) > 2:
                    node.Kill();
                    break;
                case 1 when lab.Nodes.Count(static other => !other.IsDead && !other.IsCutOff) > 2:
                    node.IsCutOff = true;
                    break;
                case 2:
                    node.RestartAgent();
                    break;
                case 3:
                    lab.World.Faults.FailNext(random.Next(4) switch { 0 => StorageFaults.Ledger, 1 => StorageFaults.GrainState, 2 => StorageFaults.History, _ => StorageFaults.EventLog }, 1, stored: random.Next(2) == 0);
                    break;
                case 4 when silosKilled++ == 0:
                    await lab.World.KillAsync(lab.World.Cluster.Silos[^1]);
                    break;
                case 5 or 6 or 7:
                    node.IsCutOff = false;
                    if (node.IsDead)
                    {
                        node.StartAgain();
                    }

                    break;
                default:
                    break;
            }
        }

        foreach (var node in lab.Nodes)
        {
            node.IsCutOff = false;
            if (node.IsDead)
            {
                node.StartAgain();
            }
        }

        await lab.CheckEndAsync([.. ids.Select(id => lab.World.Grains.GetGrain<ISimulationGrain>(id))]);
    }
}
