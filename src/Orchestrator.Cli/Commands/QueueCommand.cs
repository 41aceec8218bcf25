using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator queue</c>: what waits for nodes, in the order in which it is considered.</summary>
internal static class QueueCommand
{
    private const int RowsUsual = 50;

    public static Command Create()
    {
        var limit = new Option<int>("--limit") { Description = $"So many of them; the others are counted. Default: {RowsUsual}.", HelpName = "N", DefaultValueFactory = static _ => RowsUsual };
        var user = new Option<string?>("--user") { Description = "Only of this user; places are those among all.", HelpName = "USER" };
        limit.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1_000_000))
            {
                result.AddError("--limit must be a whole number from 1 to 1000000.");
            }
        });
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "queue", "List what waits for nodes in the order in which it is considered, with why it waits and when it starts by the plan. Of work that is not yours to see, only that it is there.",
            ["orchestrator queue", "orchestrator queue --user ada --limit 200"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            limit, user, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var cluster = (await client.GetStatusAsync(cancellationToken)).Cluster;
            var all = (await client.GetClusterAsync(cluster, cancellationToken)).Queue;
            var rows = all.Select(static (status, place) => (Place: place + 1, Status: status)).Where(row => parsed.GetValue(user) is not { } wanted || row.Status.Owner?.User == wanted).ToArray();
            if (context.Json)
            {
                context.WriteJson(rows.Take(parsed.GetValue(limit)).Select(static row => new { row.Place, row.Status }));
            }
            else
            {
                Write(rows, all.Length, parsed.GetValue(limit), context.Clock.GetUtcNow(), context.Output, context.Style);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    /// <param name="rows">What is to be shown, with its place among all.</param>
    /// <param name="all">How many wait.</param>
    /// <param name="most">So many are shown.</param>
    /// <param name="now">The present.</param>
    /// <param name="output">Gets a line for each.</param>
    /// <param name="style">Of the heading.</param>
    internal static void Write(IReadOnlyList<(int Place, LeaseStatus Status)> rows, int all, int most, DateTimeOffset now, TextWriter output, Style style)
    {
        if (rows.Count == 0)
        {
            output.WriteLine(all == 0 ? "nothing waits for nodes" : $"none of the {ReportText.Of(all, "attempt")} that wait");
            return;
        }

        var table = new TextTable("PLACE", "ATTEMPT", "USER", "CLASS", "WAITS", "STARTS", "WHY");
        foreach (var (place, status) in rows.Take(most))
        {
            table.Add(
                ReportText.Count(place),
                status.Attempt.Simulation.Value is null ? "(others)" : status.Attempt.ToString(),
                status.Owner?.User ?? "",
                status.Priority == PriorityClass.Absent ? "" : Words.Status(status.Priority),
                Words.Ago(status.Since, now).Replace(" ago", "", StringComparison.Ordinal),
                status.Reason?.PlannedStart is { } planned ? Words.Time(planned, now) : "",
                status.Attempt.Simulation.Value is null ? "" : status.Reason is { } reason ? $"{reason}{(reason.For is { } whom ? $" ({whom})" : "")}" : "not looked at yet");
        }

        table.Write(output, style);
        if (rows.Count > most)
        {
            output.WriteLine($"and {ReportText.Count(rows.Count - most)} more; --limit shows them");
        }
    }
}
