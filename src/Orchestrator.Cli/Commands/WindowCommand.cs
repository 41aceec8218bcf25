using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator window add|list|cancel|complete</c>.</summary>
internal static class WindowCommand
{
    public static Command Create() => new("window", "Maintenance windows: times in which nodes are not to be used.") { Add(), List(), Cancel(), Complete() };

    private static DocumentedCommand Add()
    {
        var name = new Argument<string?>("NAME") { Description = "1 to 60 letters, digits, '.', '_' and '-'. Default: made from the start.", Arity = ArgumentArity.ZeroOrOne };
        var start = new Option<string>("--start") { Description = "When it begins: 2026-08-01T08:00:00Z, or from now on, +2h.", HelpName = "MOMENT", Required = true };
        var end = new Option<string?>("--end") { Description = "When it ends; or --for.", HelpName = "MOMENT" };
        var length = new Option<string?>("--for") { Description = "How long it is, as in 4h or 1-12:00:00; of each group of a rolling one.", HelpName = "TIME" };
        var severity = new Option<string>("--severity")
        {
            Description = "critical: all work leaves before it; major (default): what can checkpoint leaves, protected work may delay it by a bounded time; minor: only background work leaves.",
            HelpName = "SEVERITY",
            DefaultValueFactory = static _ => "major",
        };
        var nodes = new Option<string[]>("--nodes") { Description = "Names of nodes, with commas, or all. Default: all.", HelpName = "NODES" };
        var rolling = new Option<int?>("--rolling") { Description = "Roll over groups of so many nodes, one after the other.", HelpName = "N" };
        var group = new Option<string[]>("--group") { Description = "Roll over groups: the nodes of one, with commas; give it once for each group.", HelpName = "NODES" };
        var gap = new Option<string?>("--gap") { Description = "Pause between two groups, as in 30m.", HelpName = "TIME" };
        var whenDone = new Option<bool>("--when-done") { Description = "A group begins when the one before is done, not by the clock alone." };
        var description = new Option<string?>("--description") { Description = "What is done in it; shown to others.", HelpName = "TEXT" };
        var firm = new Option<bool>("--firm") { Description = "It cannot be cancelled." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "add", "Add a maintenance window. Work that would run into it starts only if a checkpoint carries it over; what runs leaves with a checkpoint before it.",
            [
                "orchestrator window add kernel --start 2026-08-01T08:00:00Z --for 4h --nodes node-1,node-2",
                "orchestrator window add --start +2h --for 30m --severity critical",
                "orchestrator window add firmware --start +1d --for 1h --rolling 2 --gap 10m --when-done",
            ],
            (ExitCodes.Success, "added"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, start, end, length, severity, nodes, rolling, group, gap, whenDone, description, firm, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var added = await client.AddWindowAsync(
                new WindowRequest
                {
                    Id = parsed.GetValue(name) ?? context.Clock.GetUtcNow().UtcDateTime.ToString("'maintenance-'yyyyMMdd-HHmmss", CultureInfo.InvariantCulture),
                    Severity = parsed.GetRequiredValue(severity),
                    Start = parsed.GetRequiredValue(start),
                    End = parsed.GetValue(end),
                    Duration = parsed.GetValue(length),
                    Nodes = [.. (parsed.GetValue(nodes) ?? []).SelectMany(Names)],
                    Groups = [.. (parsed.GetValue(group) ?? []).Select(static some => Names(some).ToArray()).Select(static some => System.Collections.Immutable.ImmutableArray.Create(some))],
                    GroupSize = parsed.GetValue(rolling),
                    Gap = parsed.GetValue(gap),
                    WhenDone = parsed.GetValue(whenDone),
                    Description = parsed.GetValue(description) ?? "",
                    Cancellable = !parsed.GetValue(firm),
                },
                cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(added);
                return ExitCodes.Success;
            }

            foreach (var view in added)
            {
                var window = view.Window;
                context.Output.WriteLine($"{window.Id}: {Words.Status(window.Severity)}, {Words.Status(window.Status)}, {ReportText.Moment(window.Start)} to {ReportText.Moment(window.End)} on {NodesOf(window)}{(window.Reason.Length > 0 ? $": {window.Reason}" : "")}");
                WriteBlockers(context, view);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand List()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "list", "List the windows, and under each who is in its way, why, and until when at the latest.", ["orchestrator window list"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            var windows = await client.ListWindowsAsync(cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(windows);
                return ExitCodes.Success;
            }

            if (windows.Count == 0)
            {
                context.Output.WriteLine("no maintenance windows; add one with `orchestrator window add`");
                return ExitCodes.Success;
            }

            var table = new TextTable("WINDOW", "SEVERITY", "STATUS", "START", "END", "NODES", "BLOCKED BY", "DESCRIPTION");
            foreach (var view in windows)
            {
                var window = view.Window;
                table.Add(
                    window.Id, Words.Status(window.Severity), Words.Status(window.Status), ReportText.Moment(window.StartedAt ?? window.Start), ReportText.Moment(window.EndedAt ?? window.End), NodesOf(window),
                    view.Blockers.Length == 0 ? "" : ReportText.Of(view.Blockers.Length, "attempt"), window.Reason.Length > 0 ? window.Reason : window.Description);
            }

            table.Write(context.Output, context.Style, statusColumn: 2);
            foreach (var view in windows.Where(static view => view.Blockers.Length > 0))
            {
                context.Output.WriteLine($"{view.Window.Id}:");
                WriteBlockers(context, view);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Cancel()
    {
        var name = new Argument<string>("NAME") { Description = "Its name, as in `orchestrator window list`." };
        var reason = CommonOptions.Reason();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "cancel", "Call a window off before it begins; its nodes are used again at once.", ["orchestrator window cancel kernel"],
            (ExitCodes.Success, "cancelled, now or before"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var window = parsed.GetRequiredValue(name);
            return Tell(context, window, "cancelled", await client.CancelWindowAsync(window, parsed.GetValue(reason), cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Complete()
    {
        var name = new Argument<string>("NAME") { Description = "Its name, as in `orchestrator window list`." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "complete", "Say that the work of an active window is done before its end; its nodes are used again at once.", ["orchestrator window complete kernel"],
            (ExitCodes.Success, "completed, now or before"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var window = parsed.GetRequiredValue(name);
            return Tell(context, window, "completed", await client.CompleteWindowAsync(window, cancellationToken: cancellationToken));
        }));
        return command;
    }

    /// <summary>The words of a list with commas.</summary>
    public static IEnumerable<string> Names(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Prints what became of an order.</summary>
    public static int Tell(CommandContext context, string name, string done, ArrangementReply reply)
    {
        if (context.Json)
        {
            context.WriteJson(reply);
        }
        else
        {
            context.Output.WriteLine($"{name}: {done}{(reply.Changed ? "" : ", as before")}");
        }

        return ExitCodes.Success;
    }

    private static string NodesOf(MaintenanceWindow window) =>
        window.Nodes.IsDefaultOrEmpty ? "all" : window.Nodes.Length <= 4 ? string.Join(",", window.Nodes.Select(static node => ReportText.Node(node.Value))) : $"{ReportText.Node(window.Nodes[0].Value)} and {window.Nodes.Length - 1} more";

    private static void WriteBlockers(CommandContext context, WindowView view)
    {
        foreach (var blocker in view.Blockers)
        {
            var until = blocker.Until is { } moment ? $"until {ReportText.Moment(moment)} at the latest" : "with no known end";
            context.Output.WriteLine(
                $"  {blocker.Attempt} ({Words.Status(blocker.Priority)}{(blocker.Protected ? ", protected" : "")}) on {string.Join(", ", blocker.Nodes.Select(static node => ReportText.Node(node.Value)))} {until}: {blocker.Reason}{(blocker.Stuck ? "; it is stuck, and nothing waits for it any more" : "")}");
        }
    }
}
