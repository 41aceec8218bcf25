using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Simulations;

public sealed class SimulationGrainTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Over> Databases => GrainWorld.Databases;

    [Theory, MemberData(nameof(Databases))]
    public async Task What_was_submitted_runs_to_its_end_and_is_told_everywhere(Over over)
    {
        var world = await worlds.OverAsync(over);
        var (definition, grain, agent) = await SubmitAsync(world, Stage("spin-up"), Stage("coupled", "spin-up"));

        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "spin-up");
        await agent.StartAsync(lease.Attempt);
        await agent.ReportAsync(lease.Attempt, new AttemptReport.Progressed { Progress = 0.5, Step = 10 });
        await agent.CompleteAsync(lease.Attempt);
        lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "coupled");
        (await agent.StartAsync(lease.Attempt)).PublishedStages.ShouldBe(["spin-up"]);
        await agent.CompleteAsync(lease.Attempt);
        var key = definition.Id.Value;
        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => (await world.Index.FindAsync(key, Token)) is { IsLive: false } && (await agent.WantedAsync()).IsEmpty, "it is over for everybody");
        await world.UntilAsync(async () => (await world.EventsOfAsync(key)).Any(static record => record.Kind == "simulation-completed"), "its end was logged");
        await world.UntilAsync(async () => (await world.History.QueryAsync(new() { Kind = HistoryKinds.Attempt, Key = key }, Token)).Count == 2, "its attempts were kept");

        var view = (await grain.GetAsync(Token)).ShouldNotBeNull();
        view.Status.ShouldBe(SimulationStatus.Completed);
        view.Reason.ShouldBe("all stages completed");
        view.Progress.ShouldBe(1);
        view.Use.CoreTime.ShouldBe(TimeSpan.FromMinutes(2));
        var row = (await world.Index.FindAsync(key, Token)).ShouldNotBeNull();
        row.Status.ShouldBe("completed");
        JsonSerializer.Deserialize<SimulationSummary>(row.Summary.Span, WireJson.Options)!.Attempts.ShouldBe(2);
        var events = await world.EventsOfAsync(key);
        events.Select(static record => record.Sequence).ShouldBe(Enumerable.Range(1, events.Count).Select(static number => (long)number));
        events[^1].Kind.ShouldBe("simulation-completed");
        var attempts = await world.History.QueryAsync(new() { Kind = HistoryKinds.Attempt, Key = key }, Token);
        attempts.Select(static attempt => JsonSerializer.Deserialize<AttemptView>(attempt.Payload.Span, WireJson.Options)!.End).ShouldBe([AttemptEnd.Completed, AttemptEnd.Completed]);
        (await world.History.QueryAsync(new() { Kind = HistoryKinds.Estimate, Key = key }, Token)).Count.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_submission_is_accepted_once_and_a_wrong_one_names_the_field()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var definition = Definition(world, Stage("a"));
        var grain = world.Grains.GetGrain<ISimulationGrain>(definition.Id.Value);

        (await grain.SubmitAsync(new() { Definition = definition with { Stages = [] } }, Token)).ShouldBe(new() { Outcome = SubmitOutcome.Refused, Reason = "stages: there is none; at least one is needed." });
        (await grain.GetAsync(Token)).ShouldBeNull();
        (await grain.SubmitAsync(new() { Definition = definition }, Token)).Outcome.ShouldBe(SubmitOutcome.Accepted);
        (await grain.SubmitAsync(new() { Definition = definition }, Token)).Outcome.ShouldBe(SubmitOutcome.Repeated);
        (await grain.SubmitAsync(new() { Definition = definition with { Name = "another" } }, Token)).Outcome.ShouldBe(SubmitOutcome.IdTaken);
        (await world.Grains.GetGrain<ISimulationGrain>(world.NewKey('s')).SubmitAsync(new() { Definition = definition }, Token)).Outcome.ShouldBe(SubmitOutcome.Refused);
    }

    [Fact]
    public async Task Nothing_is_known_of_what_was_never_submitted()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var id = new SimulationId(world.NewKey('s'));
        var grain = world.Grains.GetGrain<ISimulationGrain>(id.Value);

        (await grain.GetAsync(Token)).ShouldBeNull();
        (await grain.ControlAsync(new() { Verb = SimulationVerb.Cancel }, Token)).Outcome.ShouldBe(ControlOutcome.NotFound);
        (await grain.ReportAsync(new AttemptReport.Started { Attempt = new(id, "a", 1), Sequence = 1 }, Token)).ShouldBe(new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard });
        (await grain.GetLaunchAsync(new(id, "a", 1), new("n-1"), Token)).Launch.ShouldBeNull();
        await grain.NudgeAsync();
    }

    [Fact]
    public async Task A_write_whose_outcome_is_unknown_is_read_again_before_anything_else_happens()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var (_, _, agent) = await SubmitAsync(world, Stage("a"));
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await agent.StartAsync(lease.Attempt);
        var report = new AttemptReport.Progressed { Progress = 0.25, Step = 1 };

        world.Faults.FailNext(StorageFaults.GrainState, stored: true);
        await Should.ThrowAsync<StorageUnavailableException>(() => agent.ReportAsync(lease.Attempt, report));
        (await UntilStoredAsync(() => agent.ReportAsync(lease.Attempt, report))).Verdict.ShouldBe(ReportVerdict.Repeated);

        world.Faults.FailNext(StorageFaults.GrainState);
        await Should.ThrowAsync<StorageUnavailableException>(() => agent.ReportAsync(lease.Attempt, report));
        (await UntilStoredAsync(() => agent.ReportAsync(lease.Attempt, report))).Verdict.ShouldBe(ReportVerdict.Accepted);
    }

    [Fact]
    public async Task Cancelling_asks_the_program_to_leave_and_gives_the_nodes_back()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var (definition, grain, agent) = await SubmitAsync(world, Stage("a"));
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await agent.StartAsync(lease.Attempt);

        (await grain.ControlAsync(new() { Verb = SimulationVerb.Cancel, Reason = "enough" }, Token)).ShouldBe(new() { Outcome = ControlOutcome.Accepted, Status = SimulationStatus.Cancelling });
        (await grain.ControlAsync(new() { Verb = SimulationVerb.Cancel, Reason = "enough" }, Token)).Outcome.ShouldBe(ControlOutcome.Unchanged);
        var asked = await agent.LeaseAsync(static lease => lease.Order.StopBy is not null);
        asked.Order.Reason.ShouldBe(StopReason.Cancel);
        await agent.ReportAsync(lease.Attempt, new AttemptReport.Exited { ExitStatus = 143, AskedToLeave = true, Asked = StopReason.Cancel });
        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => (await agent.WantedAsync()).IsEmpty, "the nodes were given back");

        var view = (await grain.GetAsync(Token)).ShouldNotBeNull();
        view.Status.ShouldBe(SimulationStatus.Cancelled);
        view.Reason.ShouldBe("cancelled by order: enough");
        (await grain.ControlAsync(new() { Verb = SimulationVerb.Pause }, Token)).ShouldBe(new() { Outcome = ControlOutcome.Refused, Status = SimulationStatus.Cancelled, Reason = "pause is not possible: the simulation is cancelled." });
        definition.Id.ShouldBe(view.Id);
    }

    [Fact]
    public async Task A_checkpoint_that_a_person_asks_for_reaches_the_node()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var (_, grain, agent) = await SubmitAsync(world, Stage("a"));
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await agent.StartAsync(lease.Attempt);

        (await grain.ControlAsync(new() { Verb = SimulationVerb.Checkpoint }, Token)).Outcome.ShouldBe(ControlOutcome.Accepted);

        (await agent.LeaseAsync(static lease => lease.Order.Checkpoint > 0)).Order.Checkpoint.ShouldBe(1);
    }

    [Fact]
    public async Task A_preview_that_a_person_asks_for_reaches_the_node_and_what_was_made_is_told()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var (_, grain, agent) = await SubmitAsync(world, Stage("a") with { Preview = new() }, Stage("b", "a"));
        (await grain.ControlAsync(new() { Verb = SimulationVerb.Preview, Stage = "b" }, Token)).ShouldBe(
            new() { Outcome = ControlOutcome.Refused, Status = SimulationStatus.Pending, Reason = "b has no 'preview' in its definition: its program is not known to make previews." });
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        (await agent.StartAsync(lease.Attempt)).Stage.Preview.ShouldNotBeNull();

        (await grain.ControlAsync(new() { Verb = SimulationVerb.Preview, Stage = "a", Level = 25 }, Token)).Outcome.ShouldBe(ControlOutcome.Accepted);
        var order = (await agent.LeaseAsync(static lease => lease.Order.Preview > 0)).Order;
        (order.Preview, order.PreviewLevel).ShouldBe((1L, 25));
        await agent.ReportAsync(lease.Attempt, new AttemptReport.Progressed
        {
            Artifacts = [new() { Path = "progressive_25pct_1.png", Quality = 0.25 }],
            Previews = [new() { Level = 25, Path = "runs/x/progressive_25pct_1.png", Quality = 0.25, Order = 1, Cost = TimeSpan.FromSeconds(12) }],
        });

        var stage = (await grain.GetAsync(Token)).ShouldNotBeNull().Stages[0];
        var preview = stage.Previews.ShouldHaveSingleItem();
        (preview.Path, preview.Quality, preview.Cost).ShouldBe(("runs/x/progressive_25pct_1.png", 0.25, (TimeSpan?)TimeSpan.FromSeconds(12)));
        stage.NextPreviewAt.ShouldNotBeNull();
        stage.PreviewOverhead.ShouldBeInRange(1e-9, 0.05);
    }

    [Fact]
    public async Task A_node_that_falls_silent_loses_its_attempt_to_another_which_goes_on_from_the_checkpoint()
    {
        await using var world = await GrainWorld.StartAsync();
        var (definition, grain, first) = await SubmitAsync(world, Stage("a"));
        var lease = await first.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await first.StartAsync(lease.Attempt);
        await first.ReportAsync(lease.Attempt, new AttemptReport.Progressed { Progress = 0.4, Step = 1800 });
        await first.ReportAsync(lease.Attempt, new AttemptReport.Checkpointed { Checkpoint = new() { Name = "e1/step-1600", Path = "runs/x", Step = 1600 } });
        var second = await new TestAgent(world, definition.Cluster, new NodeId(world.NewKey('n'))).RegisterAsync();

        var again = await second.LeaseAsync(lease => lease.Attempt.Epoch == 2);

        (await second.StartAsync(again.Attempt)).Restore.Select(static record => record.Name).ShouldBe(["e1/step-1600"]);
        (await first.ReportAsync(lease.Attempt, new AttemptReport.Progressed { Progress = 0.5, Step = 1900 })).ShouldBe(new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard });
        var stage = (await grain.GetAsync(Token)).ShouldNotBeNull().Stages.ShouldHaveSingleItem();
        stage.StepsAgain.ShouldBe(200);
        stage.RetriesUsed.ShouldBe(0);
        stage.RecentAttempts.Select(static attempt => attempt.End).ShouldBe([AttemptEnd.NodeLost, AttemptEnd.Absent]);
    }

    [Fact]
    public async Task A_killed_silo_loses_nothing_of_a_simulation()
    {
        await using var world = await GrainWorld.StartAsync();
        var (_, grain, agent) = await SubmitAsync(world, Stage("a"), Stage("b", "a"));
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await agent.StartAsync(lease.Attempt);
        await agent.ReportAsync(lease.Attempt, new AttemptReport.Progressed { Progress = 0.5, Step = 10 });

        await world.KillSiloOfAsync(grain);
        await agent.CompleteAsync(lease.Attempt);
        await world.KillAllAndStartAgainAsync();
        await agent.RegisterAsync();
        lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "b");
        await agent.StartAsync(lease.Attempt);
        await agent.CompleteAsync(lease.Attempt);

        (await grain.GetAsync(Token)).ShouldNotBeNull().Status.ShouldBe(SimulationStatus.Completed);
        lease.Attempt.Epoch.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_start_nobody_has_to_call_for_a_simulation_to_go_on()
    {
        await using var world = await GrainWorld.StartAsync();
        var (definition, _, agent) = await SubmitAsync(world, Stage("a") with { Retry = new() { RetriesMax = 1, BackoffFirst = TimeSpan.FromMinutes(1) } });
        var lease = await agent.LeaseAsync(static lease => lease.Attempt.Stage == "a");
        await agent.StartAsync(lease.Attempt);
        await agent.ReportAsync(lease.Attempt, new AttemptReport.Exited { ExitStatus = 1 });

        await world.KillAllAndStartAgainAsync();

        await world.PassUntilAsync(
            TimeSpan.FromSeconds(30),
            async () => (await world.EventsOfAsync(definition.Id.Value)).Count(static record => record.Kind == "stage-queued") == 2,
            "the reminder woke it and its retry was opened");
    }

    [Fact]
    public async Task What_a_person_reports_of_one_that_has_ended_is_heard_whatever_crashes()
    {
        await using var world = await GrainWorld.StartAsync();
        var (definition, grain, _) = await SubmitAsync(world, Stage("a"));
        var key = definition.Id.Value;
        await grain.ControlAsync(new() { Verb = SimulationVerb.Cancel }, Token);
        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => (await world.EventsOfAsync(key)).Any(static record => record.Kind == "simulation-cancelled"), "its end was logged");

        world.Faults.FailNext(StorageFaults.EventLog, count: int.MaxValue);
        (await grain.ControlAsync(new() { Verb = SimulationVerb.ReportFailure, Stage = "a", Failure = new() { Kind = Core.Failures.FailureKind.Unknown, Text = "ice in July" } }, Token))
            .Outcome.ShouldBe(ControlOutcome.Accepted);
        await world.KillAllAndStartAgainAsync();
        world.Faults.FailNext(StorageFaults.EventLog, count: 0);

        await world.PassUntilAsync(
            TimeSpan.FromSeconds(30), async () => (await world.EventsOfAsync(key)).Any(static record => record.Kind == "failure-detected"), "its reminder woke it, and it told the log");
    }

    /// <summary>The grain goes away after a fault; the call that comes too early is told so and comes again.</summary>
    private static async Task<ReportReply> UntilStoredAsync(Func<Task<ReportReply>> call)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (StorageUnavailableException) when (tries < 100)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<(SimulationDefinition Definition, ISimulationGrain Grain, TestAgent Agent)> SubmitAsync(GrainWorld world, params StageDefinition[] stages)
    {
        var definition = Definition(world, stages);
        var agent = await new TestAgent(world, definition.Cluster, new NodeId(world.NewKey('n'))).RegisterAsync();
        var grain = world.Grains.GetGrain<ISimulationGrain>(definition.Id.Value);
        (await grain.SubmitAsync(new() { Definition = definition }, Token)).Outcome.ShouldBe(SubmitOutcome.Accepted);
        return (definition, grain, agent);
    }

    private static SimulationDefinition Definition(GrainWorld world, params StageDefinition[] stages) => new()
    {
        Id = new SimulationId(world.NewKey('s')),
        Campaign = "co2",
        Name = "control",
        Owner = new() { User = "ada", Institution = "climate", Project = "attribution" },
        Cluster = new ClusterId(world.NewKey('k')),
        Stages = [.. stages],
    };

    private static StageDefinition Stage(string name, params string[] after) => new()
    {
        Name = name,
        Run = "climate",
        After = [.. after.Select(static other => new Dependency { Stage = other })],
        Checkpoint = new() { Every = CheckpointTrigger.Program },
    };
}
