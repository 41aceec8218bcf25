using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class LeaseTests
{
    [Fact]
    public async Task A_lease_that_vanishes_ends_every_process_of_the_attempt_and_is_reported_by_nobody()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("setsid sh -c 'sleep 1000 & sleep 1000' & (sleep 1000 &) ; orchestrator-report progress 0.1; sleep 1000"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        world.Processes(attempt).Count.ShouldBeGreaterThanOrEqualTo(6);

        var heartbeat = await world.TakeLeaseAsync(attempt);

        world.Processes(attempt).ShouldBeEmpty();
        heartbeat.Running.ShouldBeEmpty();
        world.Gateway.Reports.ShouldNotContain(report => report is AttemptReport.Exited);
        Directory.Exists(world.RunDirectory(attempt)).ShouldBeTrue();
    }

    [Fact]
    public async Task Programs_that_ignore_every_signal_die_with_their_lease()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("trap '' TERM HUP INT USR1; orchestrator-report progress 0.1; while :; do sleep 1000; done"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        await world.TakeLeaseAsync(attempt);

        world.Processes(attempt).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lease_that_is_not_led_from_here_is_held_and_listed_but_starts_nothing()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = AgentWorld.Attempt();

        world.Gateway.Want(new WantedLease { Attempt = attempt, Share = new() { Node = AgentWorld.Node, Cores = [0] }, IsLead = false });

        var heartbeat = await world.Gateway.HeartbeatAsync(heartbeat => !heartbeat.Running.IsEmpty);
        heartbeat.Running.ShouldHaveSingleItem().HasProcesses.ShouldBeFalse();
        world.Gateway.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_ends_while_a_rank_of_a_program_led_elsewhere_runs_says_no_goodbye()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = AgentWorld.Attempt();
        world.Gateway.Want(new WantedLease { Attempt = attempt, Share = new() { Node = AgentWorld.Node, Cores = [0] }, IsLead = false });
        await world.Gateway.HeartbeatAsync(heartbeat => !heartbeat.Running.IsEmpty);
        var start = new System.Diagnostics.ProcessStartInfo("sleep", ["1000"]);
        start.Environment["ORCHESTRATOR_RUN_DIR"] = world.RunDirectory(attempt);
        using var rank = System.Diagnostics.Process.Start(start)!;

        await world.StopAgentAsync();
        (await world.Gateway.HeartbeatAsync(static _ => true)).Goodbye.ShouldBeFalse();
        rank.Kill();
        await rank.WaitForExitAsync(TestContext.Current.CancellationToken);
        world.StartAgent();
        await world.Gateway.RegistrationAsync(2);
        await world.StopAgentAsync();

        (await world.Gateway.HeartbeatAsync(static _ => true)).Goodbye.ShouldBeTrue();
    }

    [Fact]
    public async Task An_epoch_older_than_one_that_was_held_is_never_started()
    {
        await using var world = AgentWorld.WithAgent();
        var newer = world.Run(AgentWorld.Stage("exit 1"), epoch: 5);
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        await world.TakeLeaseAsync(newer);
        await world.StopAgentAsync();
        world.StartAgent();

        var older = world.Run(AgentWorld.Stage("exit 2"), epoch: 4);
        world.Run(AgentWorld.Stage("exit 1"), epoch: 5);
        var newest = world.Run(AgentWorld.Stage("exit 3"), epoch: 6);

        (await world.Gateway.ReportAsync<AttemptReport.Exited>(report => report.Attempt == newest)).ExitStatus.ShouldBe(3);
        world.Gateway.Reports.ShouldNotContain(report => report.Attempt == older);
        world.Gateway.Reports.Count(report => report is AttemptReport.Started && report.Attempt == newer).ShouldBe(1);
        world.Log.Entries.ShouldContain(entry => entry.Id == 1425 && entry.Text.Contains("epoch 5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_gateway_discards_is_killed_and_not_started_again_while_the_lease_lasts()
    {
        await using var world = AgentWorld.WithAgent();
        world.Gateway.Reply = report => report is AttemptReport.Progressed ? new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard } : null;

        var attempt = world.Run(AgentWorld.Stage("orchestrator-report progress 0.1; sleep 1000"));

        await world.Gateway.ReportAsync<AttemptReport.Progressed>();
        await world.Gateway.HeartbeatAsync(heartbeat => heartbeat.Running is [{ HasProcesses: false }]);
        world.Processes(attempt).ShouldBeEmpty();
        world.Gateway.Reports.Count(report => report is AttemptReport.Started).ShouldBe(1);
    }

    [Fact]
    public async Task A_second_agent_for_the_same_node_does_not_start()
    {
        await using var world = AgentWorld.WithAgent();
        await world.Gateway.HeartbeatAsync(_ => true);

        var second = AgentHost.RunAsync(world.Options, world.Gateway, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        (await Should.ThrowAsync<AgentRefusedException>(second)).Message.ShouldStartWith("Another agent runs for the node n-one");
    }

    [Fact]
    public async Task An_agent_whose_node_was_given_to_another_ends_and_touches_nothing()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage("orchestrator-report progress 0.1; sleep 1000"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Gateway.Heartbeats = HeartbeatVerdict.Replaced;

        await Should.ThrowAsync<AgentRefusedException>(world.AgentEnd);
        world.Processes(attempt).ShouldNotBeEmpty();
        world.Gateway.Heartbeats = HeartbeatVerdict.Known;
        world.StartAgent();
    }

    [Fact]
    public async Task A_node_that_only_holds_its_share_kills_the_ranks_that_a_launcher_left_on_it()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = AgentWorld.Attempt();
        world.Gateway.Want(new WantedLease { Attempt = attempt, Share = new() { Node = AgentWorld.Node, Cores = [0] }, IsLead = false });
        await world.Gateway.HeartbeatAsync(heartbeat => !heartbeat.Running.IsEmpty);
        var start = new System.Diagnostics.ProcessStartInfo("setsid", ["sleep", "1000"]);
        start.Environment["ORCHESTRATOR_RUN_DIR"] = world.RunDirectory(attempt);
        using var rank = System.Diagnostics.Process.Start(start)!;

        await world.TakeLeaseAsync(attempt);

        await rank.WaitForExitAsync(TestContext.Current.CancellationToken);
        rank.ExitCode.ShouldBe(137);
    }

    [Fact]
    public async Task Nothing_that_the_gateway_answers_ends_the_agent()
    {
        await using var world = AgentWorld.WithAgent();
        world.Gateway.Fault = () => new System.Text.Json.JsonException("no JSON");
        world.Gateway.Away = true;
        await world.Log.WaitForAsync(1403);

        world.Gateway.Away = false;
        world.Run(AgentWorld.Stage("exit 0"));

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        world.AgentEnd.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_gateway_that_forgot_the_node_is_introduced_to_it_again()
    {
        await using var world = AgentWorld.WithAgent();
        await world.Gateway.HeartbeatAsync(_ => true);

        world.Gateway.Heartbeats = HeartbeatVerdict.Register;

        await world.Gateway.RegistrationAsync(count: 2);
        world.Gateway.Heartbeats = HeartbeatVerdict.Known;
        world.Gateway.Registrations.ShouldAllBe(registration => registration.Instance == world.Gateway.Registrations[0].Instance);
        world.Gateway.Registrations[0].Capabilities.Cores.ShouldBe(2);
        world.Gateway.Registrations[0].Capabilities.Memory.ShouldBe(1 << 30);
    }
}
