using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Agent.Tests;

public class LeavingTests
{
    private const string Forever = "while :; do sleep 0.02; done";

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 85", 85)]
    public async Task A_program_that_is_asked_to_leave_half_way_exits_as_it_likes(string onTerm, int status)
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"trap '{onTerm}' TERM; orchestrator-report progress 0.5 step=50; {Forever}")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>(report => report.Step == 50);

        world.AskToLeave(attempt, TimeSpan.FromMinutes(5), StopReason.Drain);

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBe(status);
        exited.AskedToLeave.ShouldBeTrue();
        exited.Asked.ShouldBe(StopReason.Drain);
        exited.Progress.ShouldBe(0.5);
    }

    [Fact]
    public async Task A_line_of_several_programs_passes_on_how_the_one_that_runs_left()
    {
        await using var world = AgentWorld.WithAgent();
        var program = world.Script($"trap 'sleep 0.1; exit 85' TERM; orchestrator-report progress 0.5; {Forever}");
        var attempt = world.Run(AgentWorld.Stage($"{program} && echo finished > done; echo more > more"));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.AskToLeave(attempt, TimeSpan.FromMinutes(5));

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(85);
        Directory.EnumerateFiles(world.RunDirectory(attempt)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_that_does_not_leave_in_time_is_killed_with_all_its_children()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"trap '' TERM; (trap '' TERM; setsid sleep 1000) & orchestrator-report progress 0.5; {Forever}")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.AskToLeave(attempt, TimeSpan.FromMilliseconds(200), StopReason.Cancel);

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.Signal.ShouldBe(9);
        exited.Asked.ShouldBe(StopReason.Cancel);
        world.Processes(attempt).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_end_of_the_walltime_asks_to_leave_by_itself()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script($"trap 'exit 85' TERM; {Forever}")) with { Grace = TimeSpan.FromMinutes(10) };

        var attempt = world.Run(stage, launch => launch with { EndTime = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(9) });

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.Asked.ShouldBe(StopReason.Walltime);
        File.ReadAllText(world.AttemptFile(attempt, "control.jsonl")).ShouldContain("\"order\":\"stop\"");
    }

    [Fact]
    public async Task Orders_reach_the_control_file_once_each_and_no_signal_is_sent_that_was_not_declared()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script(
            $"trap 'echo USR1 >> got' USR1; trap 'exit 85' TERM; orchestrator-report progress 0.1; until grep -q '\"id\":4' \"$ORCHESTRATOR_CONTROL_FILE\"; do sleep 0.02; done; orchestrator-report progress 0.2; {Forever}")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Order(attempt, new() { Checkpoint = 2 });
        world.Order(attempt, new() { Checkpoint = 2 });
        world.Order(attempt, new() { Checkpoint = 4 });
        await world.Gateway.ReportAsync<AttemptReport.Progressed>(report => report.Progress == 0.2);
        world.AskToLeave(attempt, TimeSpan.FromMinutes(5));

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(85);
        var orders = File.ReadAllLines(world.AttemptFile(attempt, "control.jsonl"));
        orders[^2].ShouldBe("""{"order":"checkpoint","id":4}""");
        orders[^1].ShouldStartWith("""{"order":"stop","by":"20""");
        orders.Length.ShouldBeLessThanOrEqualTo(3);
        orders.ShouldBeUnique();
        File.Exists(Path.Combine(world.RunDirectory(attempt), "got")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_preview_order_reaches_the_program_and_what_it_wrote_is_reported_with_its_cost()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            """
            orchestrator-report progress 0.3
            until order=$(orchestrator-report preview); do sleep 0.02; done
            path=${order#* * }
            echo picture > "$path.ppm"
            orchestrator-report artifact "$path.ppm" seconds=1.5
            while :; do sleep 0.02; done
            """));
        var attempt = world.Run(stage with { Preview = new() });
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Order(attempt, new() { Preview = 3, PreviewLevel = 25 });

        var preview = (await world.Gateway.ReportAsync<AttemptReport.Progressed>(report => !report.Previews.IsEmpty)).Previews.ShouldHaveSingleItem();
        (preview.Level, preview.Order, preview.Quality, preview.Size).ShouldBe((25, 3L, 0.25, 8L));
        preview.Cost.ShouldBe(TimeSpan.FromSeconds(1.5));
        File.ReadAllText(Path.Combine(world.Data, preview.Path)).ShouldBe("picture\n");
        preview.Path.ShouldEndWith("/run/progressive_25pct_3.ppm");
        File.ReadAllLines(world.AttemptFile(attempt, "control.jsonl")).ShouldBe([$"{{\"order\":\"preview\",\"level\":25,\"id\":3,\"path\":\"{world.RunDirectory(attempt)}/progressive_25pct_3\"}}"]);
    }

    [Theory]
    [InlineData(SignalTarget.Leader)]
    [InlineData(SignalTarget.Group)]
    public async Task A_declared_signal_asks_for_a_checkpoint_and_ends_no_shell_in_between(SignalTarget target)
    {
        await using var world = AgentWorld.WithAgent();
        var program = world.Script($"trap 'orchestrator-report progress 0.7' USR1; orchestrator-report progress 0.1; {Forever}", "program");
        var stage = AgentWorld.Stage($"cd . && {program}; exit 3") with { Signals = new() { Checkpoint = "USR1", Target = target } };
        var attempt = world.Run(stage);
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Order(attempt, new() { Checkpoint = 1 });

        await world.Gateway.ReportAsync<AttemptReport.Progressed>(report => report.Progress == 0.7);
        world.Gateway.Reports.ShouldNotContain(report => report is AttemptReport.Exited);
    }

    [Fact]
    public async Task A_program_with_a_signal_for_checkpoints_gets_it_first_and_is_asked_to_leave_once_the_checkpoint_is_there()
    {
        await using var world = AgentWorld.WithAgent();
        var program = world.Script(
            $$"""
            save() { mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/x.partial"; echo state > "$ORCHESTRATOR_CHECKPOINT_DIR/x.partial/state"; mv "$ORCHESTRATOR_CHECKPOINT_DIR/x.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/x"; orchestrator-report checkpoint x; }
            trap save USR1; trap '[ -d "$ORCHESTRATOR_CHECKPOINT_DIR/x" ] && exit 85; exit 1' TERM; orchestrator-report progress 0.5; {{Forever}}
            """);
        var attempt = world.Run(AgentWorld.Stage(program) with { Signals = new() { Checkpoint = "USR1", Target = SignalTarget.Group } });
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.AskToLeave(attempt, TimeSpan.FromMinutes(5), StopReason.Preemption);

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(85);
        world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().ShouldHaveSingleItem();
    }
}
