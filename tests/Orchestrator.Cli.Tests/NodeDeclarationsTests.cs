using Orchestrator.Cli.Commands;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Cli.Tests;

public sealed class NodeDeclarationsTests
{
    private readonly List<string> problems = [];

    [Fact]
    public void Gpus_are_declared_by_count_model_memory_and_capability()
    {
        var gpus = NodeDeclarations.Gpus(["1", "2xA100-SXM4:80G:8.0", "1xMI250X:64G"], problems);

        problems.ShouldBeEmpty();
        gpus.ShouldBe(
        [
            new(),
            new() { Model = "A100-SXM4", Memory = 80L << 30, ComputeCapability = "8.0" },
            new() { Model = "A100-SXM4", Memory = 80L << 30, ComputeCapability = "8.0" },
            new() { Model = "MI250X", Memory = 64L << 30 },
        ]);
        NodeDeclarations.Gpus(["0"], problems).ShouldBeEmpty();
    }

    [Fact]
    public void Wrong_gpus_are_all_told()
    {
        NodeDeclarations.Gpus(["many", "2xA100:80", "2xA100:80G:x", "4:80G"], problems);

        problems.Count.ShouldBe(4);
        problems[0].ShouldStartWith("--gpus many: ");
        problems[1].ShouldContain("has no unit");
    }

    [Fact]
    public void Power_has_watts_times_and_a_rating()
    {
        var power = NodeDeclarations.Power("idle=110, busy=420,off=4.5,rating=70,on_time=90s,off_time=00:00:30,on_energy=12000", problems);

        problems.ShouldBeEmpty();
        power.ShouldBe(new NodePower
        {
            Idle = 110,
            Busy = 420,
            Off = 4.5,
            Rating = 70,
            SwitchOnTime = TimeSpan.FromSeconds(90),
            SwitchOffTime = TimeSpan.FromSeconds(30),
            SwitchOnEnergy = 12_000,
        });
    }

    [Theory]
    [InlineData("idle=110", "--power: busy is missing: watts")]
    [InlineData("idle=110,busy=50", "busy must not be less than idle")]
    [InlineData("idle=110,busy=150,off=200", "off must not be more than idle")]
    [InlineData("idle=110,busy=150,rating=101", "rating=101: a number of 0 to 100 is allowed")]
    [InlineData("idle=-1,busy=NaN", "busy=NaN")]
    [InlineData("idle=1,busy=2,busy=3", "busy is given twice")]
    [InlineData("idle=1,busy=2,watts=3", "--power watts=3: allowed: ")]
    [InlineData("idle=1,busy=2,on_time=5", "on_time=5: ")]
    public void Wrong_power_figures_are_told(string text, string expected)
    {
        NodeDeclarations.Power(text, problems).ShouldBeNull();

        problems.ShouldContain(problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_agent_with_wrong_figures_tells_them_all_and_does_not_start()
    {
        var (status, output, error) = await CommandLine.RunAsync("agent", "--power", "idle=5", "--network", "10G", "--storage", "5", "--kind", "a b", "--gpus", "x");

        status.ShouldBe(2);
        output.ShouldBeEmpty();
        foreach (var option in (string[])["--power", "--network", "--storage", "--kind", "--gpus"])
        {
            error.ShouldContain(option);
        }
    }
}
