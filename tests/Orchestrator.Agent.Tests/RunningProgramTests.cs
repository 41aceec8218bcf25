using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class RunningProgramTests
{
    [Fact]
    public async Task A_program_that_succeeds_is_started_reported_and_published()
    {
        await using var world = AgentWorld.WithAgent();

        var attempt = world.Run(AgentWorld.Stage("mkdir -p deep && echo 42 > deep/answer.txt && echo words", "deep/answer.txt"));

        var published = await world.Gateway.ReportAsync<AttemptReport.Published>();
        var output = published.Outputs.ShouldHaveSingleItem();
        output.Path.ShouldBe("deep/answer.txt");
        output.Size.ShouldBe(3);
        output.Sha256.ShouldBe("084c799cd551dd1d8d5c5f9a5d593b2e931f5e36122ee5c793c1d08a19839cc0");
        File.ReadAllText(world.Result("deep/answer.txt")).ShouldBe("42\n");
        File.ReadAllText(Path.Combine(world.Data, RunLayout.StandardOutput(attempt))).ShouldBe("words\n");
        world.Gateway.Reports.Select(report => report.GetType().Name).ShouldBe(["Started", "Exited", "Published"]);
        world.Gateway.Reports.Select(report => report.Sequence).ShouldBe([1L, 2L, 3L]);
        world.Gateway.Reports.ShouldAllBe(report => report.Attempt == attempt && report.Node == AgentWorld.Node);
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 85", 85)]
    [InlineData("exit 255", 255)]
    [InlineData("sh -c 'exit 75'", 75)]
    public async Task The_exit_status_is_the_one_of_the_line(string line, int status)
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage(line));

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBe(status);
        exited.Signal.ShouldBeNull();
        exited.AskedToLeave.ShouldBeFalse();
    }

    [Fact]
    public async Task A_program_that_a_signal_ended_is_told_from_one_that_exited()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("echo last words >&2; sh -c 'kill -SEGV $$'"));

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBeNull();
        exited.Signal.ShouldBe(11);
        exited.LastWords!.ShouldStartWith("last words");
    }

    [Fact]
    public async Task Outputs_that_are_missing_are_named()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("echo 1 > there", "there", "folder/not-there", "nor-this"));

        var exited = await world.Gateway.ReportAsync<AttemptReport.Exited>();
        exited.ExitStatus.ShouldBe(0);
        exited.MissingOutputs.ShouldBe(["folder/not-there", "nor-this"]);
    }

    [Fact]
    public async Task What_a_line_leaves_in_the_background_ends_with_it()
    {
        await using var world = AgentWorld.WithAgent();

        var attempt = world.Run(AgentWorld.Stage("setsid sleep 1000 & sleep 1000 & exit 4"));

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(4);
        world.Processes(attempt).ShouldBeEmpty();
    }
}
