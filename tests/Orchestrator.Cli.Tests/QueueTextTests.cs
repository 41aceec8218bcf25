using Orchestrator.Abstractions.Nodes;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Tests;

/// <summary>The queue and a node, as they are printed.</summary>
public sealed class QueueTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_queue_is_told_in_its_order_and_of_others_work_only_that_it_is_there()
    {
        var own = new LeaseStatus
        {
            Attempt = new(new("s-co2-1"), "run", 2),
            State = LeaseState.Queued,
            Since = Now.AddHours(-2),
            Owner = new() { Institution = "eth", Project = "climate", User = "ada" },
            Priority = PriorityClass.High,
            Reason = new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 2, NodesLeft = 1 },
        };
        (int, LeaseStatus)[] rows = [(1, new LeaseStatus { State = LeaseState.Queued, Since = Now.AddMinutes(-5) }), (2, own), (3, own with { Reason = null })];

        var lines = Written(output => QueueCommand.Write(rows, 3, 2, Now, output, Style.For(output))).Split('\n');

        lines[0].ShouldStartWith("PLACE  ATTEMPT");
        lines[1].ShouldStartWith("1      (others)");
        lines[2].ShouldStartWith("2      s-co2-1/run@2  ada   high");
        lines[2].ShouldEndWith("not enough cores free now: 1 of 2 nodes");
        lines[3].ShouldBe("and 1 more; --limit shows them");
        Written(output => QueueCommand.Write([], 0, 2, Now, output, Style.For(output))).ShouldBe("nothing waits for nodes\n");
        Written(output => QueueCommand.Write([], 7, 2, Now, output, Style.For(output))).ShouldBe("none of the 7 attempts that wait\n");
    }

    [Fact]
    public void A_node_is_told_with_what_it_has_and_what_is_to_run_on_it()
    {
        var attempt = new AttemptId(new("s-co2-1"), "run", 2);
        var node = new NodeView
        {
            Id = new("n-one"),
            Status = NodeStatus.Alive,
            LastSeen = Now,
            User = "ada",
            AgentVersion = "1.2",
            Capabilities = new() { Cores = 64, Memory = 256L << 30, HostName = "one", Gpus = [new() { Model = "A100", Memory = 80L << 30 }, new() { Model = "A100", Memory = 80L << 30 }] },
            Wanted = [new() { Attempt = attempt, Share = new() { Cores = [0, 1], Gpus = [1] }, IsLead = true }, new() { Share = new() { Cores = [2] } }],
            Running = [new() { Attempt = attempt, HasProcesses = true }],
        };

        var text = Written(output => NodeText.Write(node, Now, output, Style.For(output)));

        text.ShouldStartWith("one: alive, seen ");
        text.ShouldContain("2 x A100 with 80 GiB");
        text.ShouldContain("agent       1.2 of ada");
        text.ShouldContain("s-co2-1/run@2  2              1     yes");
        text.ShouldContain("(others)       1");
        Written(output => NodeText.Write(node with { Wanted = [] }, Now, output, Style.For(output))).ShouldEndWith("nothing is to run on it\n");
    }

    private static string Written(Action<TextWriter> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(output);
        return output.ToString();
    }
}
