using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator failures list</c>: what failed, and what was done about it.</summary>
internal static class FailuresCommand
{
    public static Command Create() => new("failures", "What failed, what was done about it, and how that went.") { List() };

    private static DocumentedCommand List()
    {
        var simulation = new Option<string?>("--simulation") { Description = "Of this simulation (s-…).", HelpName = "ID" };
        var node = new Option<string?>("--node") { Description = "On this node.", HelpName = "NAME" };
        var open = new Option<bool>("--open") { Description = "Only those of which nothing came yet." };
        var limit = new Option<int>("--limit") { Description = "So many at most. Default: 100.", HelpName = "N", DefaultValueFactory = static _ => 100 };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "list", "List failures, the newest first, as far back as events are kept.",
            ["orchestrator failures list", "orchestrator failures list --simulation s-co2-ensemble-control-1", "orchestrator failures list --node node-3 --open"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            simulation, node, open, limit, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var list = await client.ListFailuresAsync(
                parsed.GetValue(simulation), parsed.GetValue(node) is { } name ? NodeCommand.Parse(name) : null, parsed.GetValue(open), parsed.GetValue(limit), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(list);
            }
            else
            {
                Write(context.Output, context.Style, list, context.Clock.GetUtcNow());
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    internal static void Write(TextWriter output, Style style, FailureList list, DateTimeOffset now)
    {
        if (list.Tally.Failures == 0)
        {
            output.WriteLine("no failures");
            return;
        }

        var table = new TextTable("AT", "KIND", "SEVERITY", "WHERE", "NODE", "NOTICED", "DONE", "REPAIRED", "LOST", "WHAT");
        foreach (var failure in list.Failures)
        {
            table.Add(
                Words.Time(failure.DetectedAt, now),
                FailureKinds.NameOf(failure.Kind),
                ReportText.Word(failure.Severity.ToString()),
                failure.Simulation is { } simulation ? $"{simulation}/{failure.Stage}" : "",
                failure.Node is { } node ? ReportText.Node(node.Value) : "",
                failure.TimeToDetect > TimeSpan.Zero ? "after " + DurationWords.Of(failure.TimeToDetect) : "at once",
                failure.Strategy == RecoveryStrategy.Absent ? "-" : FailureKinds.NameOf(failure.Strategy),
                failure.TimeToRepair is { } repair ? "in " + DurationWords.Of(repair) : failure.Simulation is null ? "" : failure.IsResolved ? "no" : "not yet",
                failure.WorkLost > TimeSpan.Zero ? DurationWords.Of(failure.WorkLost) : "",
                failure.Text + (failure.Explanation.Length > 0 ? $" ({failure.Explanation})" : ""));
        }

        table.Write(output, style);
        output.WriteLine(Summary(list));
    }

    /// <summary><c>7 failures, 1 open, 5 recovered, 1 left to a person; noticed after 10 s, repaired in 14 s on average; 3 min lost, at most 1 min at once</c>.</summary>
    internal static string Summary(FailureList list)
    {
        var tally = list.Tally;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Failures} {(tally.Failures == 1 ? "failure" : "failures")}, {list.Open} open, {tally.Recovered} recovered, {tally.Abandoned} left to a person ({tally.SuccessRate:P0} success); noticed after {DurationWords.Of(tally.MeanTimeToDetect)} and repaired in {DurationWords.Of(tally.MeanTimeToRepair)} on average; {DurationWords.Of(tally.WorkLost)} of work done again, {DurationWords.Of(tally.WorkLostMax)} at most at once");
    }
}
