using Orchestrator.Agent.Processes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class AdoptionTests
{
    private const string WaitForGo = "until [ -e go ]; do sleep 0.02; done";

    [Fact]
    public async Task A_program_outlives_its_agent_and_the_next_agent_goes_on_with_it()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"orchestrator-report progress 0.5 step=5; {WaitForGo}; orchestrator-report progress 1 step=10; exit 7")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        await world.StopAgentAsync();
        world.Processes(attempt).ShouldNotBeEmpty();
        world.StartAgent();
        await world.Gateway.RegistrationAsync(count: 2);
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBe(7);
        exited.Progress.ShouldBe(1);
        world.Gateway.Registrations[1].Running.ShouldHaveSingleItem().HasProcesses.ShouldBeTrue();
        world.Gateway.Registrations[1].Instance.ShouldNotBe(world.Gateway.Registrations[0].Instance);
        world.Gateway.Reports.Count(report => report is AttemptReport.Started).ShouldBe(1);
        world.Gateway.Reports.Select(report => report.Sequence).ShouldBe(Enumerable.Range(1, world.Gateway.Reports.Length).Select(number => (long)number));
    }

    [Fact]
    public async Task A_program_that_ended_while_the_agent_was_away_is_reported_from_its_exit_record()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage($"echo done > out; orchestrator-report progress 0.5; {WaitForGo}", "out"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        await world.StopAgentAsync();

        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");
        await EndOfAsync(world.AttemptFile(attempt, "pid"));
        world.StartAgent();

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(0);
        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("out")).ShouldBe("done\n");
    }

    [Fact]
    public async Task A_program_that_ended_without_a_record_has_neither_status_nor_signal()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("orchestrator-report progress 0.5; sleep 1000"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        await world.StopAgentAsync();

        await new AttemptProcesses(ProcessIdentity.FromFile(world.AttemptFile(attempt, "pid")), world.RunDirectory(attempt), TimeProvider.System).KillAsync(alsoWrapper: true, TestContext.Current.CancellationToken);
        world.StartAgent();

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBeNull();
        exited.Signal.ShouldBeNull();
    }

    [Fact]
    public async Task An_agent_that_ended_between_the_exit_and_its_answer_publishes_all_the_same()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("echo done > out; orchestrator-report progress 0.5; " + WaitForGo, "out"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        world.Gateway.Away = true;
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");
        await world.Log.WaitForAsync(1413);
        await world.StopAgentAsync();

        world.Gateway.Away = false;
        world.StartAgent();

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        world.Gateway.Reports.Count(report => report is AttemptReport.Exited).ShouldBe(1);
    }

    [Fact]
    public async Task Reports_wait_in_order_while_the_gateway_is_away_and_the_program_goes_on()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script(
            $"""
            orchestrator-report progress 0.1 step=1
            {WaitForGo}
            mkdir "$ORCHESTRATOR_CHECKPOINT_DIR/one.partial" && echo 1 > "$ORCHESTRATOR_CHECKPOINT_DIR/one.partial/state" && mv "$ORCHESTRATOR_CHECKPOINT_DIR/one.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/one"
            orchestrator-report checkpoint "$ORCHESTRATOR_CHECKPOINT_DIR/one"
            for step in 2 3 4 5 6 7 8 9; do orchestrator-report progress 0.$step step=$step; sleep 0.02; done
            exit 85
            """)));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Gateway.Away = true;
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");
        await world.Log.WaitForAsync(1413);
        var before = world.Gateway.Reports.Length;
        world.Gateway.Away = false;

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(85);
        before.ShouldBe(2);
        var late = world.Gateway.Reports.Skip(before).ToList();
        late.OfType<AttemptReport.Checkpointed>().ShouldHaveSingleItem().Checkpoint.Step.ShouldBe(1);
        late.OfType<AttemptReport.Progressed>().Last().Step.ShouldBe(9);
        late.OfType<AttemptReport.Progressed>().Count().ShouldBeLessThanOrEqualTo(2);
        late[^1].ShouldBeOfType<AttemptReport.Exited>();
        await world.Log.WaitForAsync(1403);
        await world.Log.WaitForAsync(1404);
    }

    [Fact]
    public async Task An_agent_that_is_wanted_no_longer_ends_once_its_program_has_ended_and_was_heard_of_though_nobody_takes_the_lease_back()
    {
        await using var world = AgentWorld.Empty();
        var asked = 0;
        world.Options = world.Options with { LookForEnd = TimeSpan.FromMilliseconds(10), MayEnd = () => Interlocked.Increment(ref asked) > 0 && world.Gateway.Reports.Length > 0 };
        world.StartAgent();
        var attempt = world.Run(AgentWorld.Stage(WaitForGo));
        await world.Gateway.ReportAsync<AttemptReport.Started>();
        var before = Volatile.Read(ref asked);
        SpinWait.SpinUntil(() => Volatile.Read(ref asked) > before + 5, TimeSpan.FromSeconds(60)).ShouldBeTrue();
        world.AgentEnd.IsCompleted.ShouldBeFalse("the program runs");

        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");

        await world.AgentEnd.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        world.Gateway.Reports.OfType<AttemptReport.Exited>().ShouldHaveSingleItem().ExitStatus.ShouldBe(0);
    }

    [Fact]
    public async Task An_agent_that_missed_the_loss_of_its_lease_kills_what_it_adopted()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("orchestrator-report progress 0.5; sleep 1000"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        await world.StopAgentAsync();
        var version = world.Gateway.Unwant(attempt);

        world.StartAgent();

        await world.Gateway.HeartbeatAsync(heartbeat => heartbeat.WantedVersion >= version);
        world.Processes(attempt).ShouldBeEmpty();
        world.Gateway.Reports.ShouldNotContain(report => report is AttemptReport.Exited);
    }

    [Fact]
    public async Task A_start_that_an_agent_did_not_finish_is_revoked_and_made_again_once()
    {
        await using var world = AgentWorld.Empty();
        var stage = AgentWorld.Stage("echo once >> ../count; until [ -e go ]; do sleep 0.02; done; exit 1");
        var attempt = AgentWorld.Attempt();
        var share = new Core.Scheduling.NodeShare { Node = AgentWorld.Node, Cores = [0] };
        var state = Path.Combine(world.Data, "agents/n-one/attempts/s-test~work~1");
        Directory.CreateDirectory(state);
        new Attempts.AttemptRecord
        {
            Lease = new() { Attempt = attempt, Share = share, Shares = [share], IsLead = true },
            Launch = new() { Attempt = attempt, Stage = stage, Shares = [share] },
            Start = 1,
        }.Write(Path.Combine(state, "attempt.json"));
        world.Run(stage);

        world.StartAgent();
        await world.Gateway.ReportAsync<AttemptReport.Started>();
        using var late = Wrapper.Start(Path.Combine(world.Data, "agents/n-one/orchestrator-attempt"), world.AttemptFile(attempt, ""), "pid", "echo late >> ../count", null, new Dictionary<string, string>());
        await late.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "go"), "");

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(1);
        File.ReadAllText(world.AttemptFile(attempt, "count")).ShouldBe("once\n");
        File.ReadAllText(world.AttemptFile(attempt, "pid")).ShouldBe("revoked");
    }

    private static async Task EndOfAsync(string pidFile)
    {
        // The wrapper is a child of this process: its end is an event.
        var leader = ProcessIdentity.FromFile(pidFile)!.Value;
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(leader.Id);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
    }
}
