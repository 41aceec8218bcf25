using System.CommandLine;
using System.Globalization;
using System.Text;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator node list|show|drain|resume</c>.</summary>
internal static class NodeCommand
{
    public static Command Create() => new("node", "List and show nodes, drain them, and use them again.") { List(), Show(), Drain(), Resume() };

    /// <summary>A node by its name as people write it: <c>node-3</c> for <c>n-node-3</c>.</summary>
    public static NodeId Parse(string name) => new(name.StartsWith("n-", StringComparison.Ordinal) ? name : "n-" + name);

    /// <summary>The name that others have for this machine, else its own, as far as it can be one of a node.</summary>
    public static string DefaultName(string? given = null)
    {
        var name = new StringBuilder();
        foreach (var letter in given ?? Environment.MachineName)
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '-');
        }

        return name.Length > 0 ? name.ToString() : "node";
    }

    public static TextTable Table(IEnumerable<NodeView> nodes, DateTimeOffset now)
    {
        var table = new TextTable("NODE", "STATUS", "CORES", "LOAD", "MEMORY", "DISK", "RUNNING", "LOST", "USER", "SEEN", "NOTE");
        foreach (var node in nodes)
        {
            table.Add(
                ReportText.Node(node.Id.Value),
                Words.Status(node.Status),
                node.Capabilities.Cores.ToString(CultureInfo.InvariantCulture),
                Words.Percent(node.CpuLoad),
                node.MemoryUsed > 0 ? $"{Words.Bytes(node.MemoryUsed)} of {Words.Bytes(node.Capabilities.Memory)}" : Words.Bytes(node.Capabilities.Memory),
                node.Pressure?.Disk is { } disk ? Words.Percent(disk) : "",
                node.Running.Count(static attempt => attempt.HasProcesses).ToString(CultureInfo.InvariantCulture),
                node.Failures.IsEmpty ? "" : node.Failures.Length.ToString(CultureInfo.InvariantCulture),
                node.User,
                Words.Ago(node.LastSeen, now),
                string.Join("; ", Notes(node)));
        }

        return table;
    }

    public static TextTable Table(IEnumerable<NodeEfficiency> nodes)
    {
        var table = new TextTable("NODE", "KIND", "RELIABILITY", "FAILURES", "SPEEDS");
        foreach (var node in nodes)
        {
            table.Add(
                ReportText.Node(node.Node.Value),
                node.Kind,
                node.Reliability.ToString("0.00", CultureInfo.InvariantCulture),
                ReportText.Count(node.Failures),
                node.Speeds.IsEmpty ? "nothing learned yet" : string.Join(", ", node.Speeds.Select(static speed => string.Create(CultureInfo.InvariantCulture, $"{speed.Key} {speed.Value:0.##}"))));
        }

        return table;
    }

    internal static IEnumerable<string> Notes(NodeView node)
    {
        if (node.Drain is NodeVerb.Drain or NodeVerb.DrainWhenIdle)
        {
            yield return $"draining{(node.DrainReason is { } reason ? $": {reason}" : "")}";
        }

        if (node.Condition != NodeCondition.Sound)
        {
            yield return $"{Words.Status(node.Condition)}: {node.ConditionReason}";
        }

        if (node.Pressure?.NetworkErrors is { } errors && errors > 0)
        {
            yield return $"{ReportText.Of(errors, "network error")} since its boot";
        }
    }

    private static DocumentedCommand List()
    {
        var speeds = new Option<bool>("--speeds") { Description = "How fast each kind of work runs on each node, by what was learned (1 is the usual speed), and how far the node is trusted." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the nodes.", ["orchestrator node list", "orchestrator node list --speeds"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { speeds, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            if (parsed.GetValue(speeds))
            {
                var efficiency = await client.ListEfficiencyAsync(cancellationToken).ToListAsync(cancellationToken);
                if (context.Json)
                {
                    context.WriteJson(efficiency);
                }
                else
                {
                    Table(efficiency).Write(context.Output, context.Style);
                }

                return ExitCodes.Success;
            }

            var nodes = await client.ListNodesAsync(cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(nodes);
            }
            else if (nodes.Count == 0)
            {
                context.Output.WriteLine("no nodes; start one with `orchestrator agent`");
            }
            else
            {
                Table(nodes, context.Clock.GetUtcNow()).Write(context.Output, context.Style, statusColumn: 1);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Show()
    {
        var name = new Argument<string>("NODE") { Description = "Its name, as in `orchestrator node list`." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "show", "Show everything known of a node: what it has, how it is, and what runs on it.", ["orchestrator node show node-3"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var node = await client.GetNodeAsync(Parse(parsed.GetRequiredValue(name)), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(node);
            }
            else
            {
                NodeText.Write(node, context.Clock.GetUtcNow(), context.Output, context.Style);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Drain()
    {
        var whenIdle = new Option<bool>("--when-idle") { Description = "Let what runs end by itself, instead of leaving with a checkpoint." };
        return Order(
            "drain", "Start nothing new on a node; what runs leaves with a checkpoint and goes on elsewhere.", ["orchestrator node drain node-3 --reason 'new disk'"], whenIdle,
            parsed => parsed.GetValue(whenIdle) ? NodeVerb.DrainWhenIdle : NodeVerb.Drain);
    }

    private static DocumentedCommand Resume() => Order("resume", "Use a drained node again.", ["orchestrator node resume node-3"], null, static _ => NodeVerb.Resume);

    private static DocumentedCommand Order(string verb, string description, string[] examples, Option<bool>? extra, Func<ParseResult, NodeVerb> order)
    {
        var name = new Argument<string>("NODE") { Description = "Its name, as in `orchestrator node list`." };
        var reason = CommonOptions.Reason();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            verb, description, examples,
            (ExitCodes.Success, "done, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, reason, data, json,
        };
        if (extra is not null)
        {
            command.Options.Add(extra);
        }

        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var node = Parse(parsed.GetRequiredValue(name));
            using var client = context.Connect();
            var reply = await client.ControlNodeAsync(node, order(parsed), parsed.GetValue(reason), cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(reply);
            }
            else
            {
                context.Output.WriteLine($"{ReportText.Node(node.Value)}: {(reply.Changed ? verb == "drain" ? "draining" : "in use again" : "it was so already")}");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
