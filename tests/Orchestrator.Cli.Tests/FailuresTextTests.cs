using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Tests;

public sealed class FailuresTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_failure_is_a_line_and_the_last_line_adds_them_up()
    {
        FailureRecord[] failures =
        [
            new()
            {
                Number = 1, Kind = FailureKind.NodeOffline, Severity = FailureSeverity.Critical, Simulation = new SimulationId("s-a"), Stage = "coupled", Node = new NodeId("n-node-3"),
                Text = "coupled: n-node-3 was lost", Explanation = "its node was not heard of", OccurredAt = Now.AddSeconds(-10), DetectedAt = Now, Strategy = RecoveryStrategy.Migrate,
                WorkLost = TimeSpan.FromMinutes(3), RecoveredAt = Now.AddSeconds(4), IsResolved = true,
            },
            new() { Number = 2, Kind = FailureKind.ProcessCrash, Severity = FailureSeverity.High, Simulation = new SimulationId("s-b"), Stage = "x", Text = "x: exit status 3", OccurredAt = Now, DetectedAt = Now },
        ];
        var output = new StringWriter();

        FailuresCommand.Write(output, Style.For(output), new() { Failures = [.. failures], Tally = RecoveryTally.Of(failures), Open = 1 }, Now);

        var lines = output.ToString().Trim().Split('\n');
        lines.Length.ShouldBe(4);
        lines[1].ShouldContain("node-offline");
        lines[1].ShouldContain("after 10 s");
        lines[1].ShouldContain("in 4.0 s");
        lines[2].ShouldContain("not yet");
        lines[3].ShouldStartWith("2 failures, 1 open, 1 recovered, 0 left to a person");
    }
}
