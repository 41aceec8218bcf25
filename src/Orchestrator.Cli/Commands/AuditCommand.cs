using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var who = new Option<string?>("--who") { Description = "Of this user. Others than oneself are for operators.", HelpName = "USER" };
        var action = new Option<string?>("--action") { Description = "Of this kind, as simulation.cancel.", HelpName = "ACTION" };
        var subject = new Option<string?>("--subject") { Description = "About this: a simulation, a node, or the name of a campaign, window, reservation or account.", HelpName = "NAME" };
        var since = new Option<string?>("--since") { Description = "Of so long until now, as in 24h or 30d.", HelpName = "TIME" };
        var from = new Option<string?>("--from") { Description = "Not earlier than this, as in 2031-08-01T08:00:00Z.", HelpName = "MOMENT" };
        var until = new Option<string?>("--until") { Description = "Earlier than this.", HelpName = "MOMENT" };
        var limit = new Option<int>("--limit") { Description = "So many at most. Default: 100, with --csv all.", HelpName = "N" };
        var csv = new Option<bool>("--csv") { Description = "Print CSV (RFC 4180) with a heading." };
        var (data, json) = (CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand(
            "audit", "List changes that were asked for, granted or not, the newest first: one's own, for operators those of all. They are kept for 400 days unless the silo is told otherwise.",
            ["orchestrator audit", "orchestrator audit --subject s-co2-ensemble-control-1", "orchestrator audit --action simulation.cancel --since 7d --csv"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            who, action, subject, since, from, until, limit, csv, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var now = context.Clock.GetUtcNow();
            var problems = new List<string>();
            var earliest = Moment("--from", parsed.GetValue(from), now, problems);
            var latest = Moment("--until", parsed.GetValue(until), now, problems);
            if (parsed.GetValue(since) is { } text)
            {
                if (!DurationText.TryParse(text, out var ago, out var problem))
                {
                    problems.Add($"--since {text}: {problem}; allowed: {DurationText.Allowed}");
                }
                else if (earliest is not null)
                {
                    problems.Add("--since and --from contradict each other: one of them is allowed");
                }
                else
                {
                    earliest = now - ago;
                }
            }

            var most = parsed.GetResult(limit) is null ? parsed.GetValue(csv) ? int.MaxValue : 100 : parsed.GetValue(limit);
            if (most < 1)
            {
                problems.Add("--limit must be at least 1");
            }

            if (parsed.GetValue(csv) && context.Json)
            {
                problems.Add("--csv and --json contradict each other: one of them is allowed");
            }

            if (problems.Count > 0)
            {
                throw new CommandException(string.Join(Environment.NewLine, problems), ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var found = client.ReadAuditAsync(parsed.GetValue(who), parsed.GetValue(action), parsed.GetValue(subject), earliest, latest, cancellationToken).Take(most);
            if (parsed.GetValue(csv))
            {
                await WriteCsvAsync(found, context.Output);
            }
            else if (context.Json)
            {
                context.WriteJson(await found.ToListAsync(cancellationToken));
            }
            else
            {
                Write(await found.ToListAsync(cancellationToken), context);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    internal static async Task WriteCsvAsync(IAsyncEnumerable<AuditEntry> entries, TextWriter output)
    {
        await output.WriteAsync("number,at,who,institution,action,subject,outcome,details,request_id\r\n");
        await foreach (var entry in entries)
        {
            string?[] cells =
            [
                entry.Number.ToString(CultureInfo.InvariantCulture), entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), entry.Who, entry.Institution,
                entry.Action, entry.Subject, entry.Outcome, entry.Details, entry.RequestId,
            ];
            await output.WriteAsync(string.Join(',', cells.Select(Cell)) + "\r\n");
        }
    }

    private static void Write(List<AuditEntry> entries, CommandContext context)
    {
        if (entries.Count == 0)
        {
            context.Output.WriteLine("no changes");
            return;
        }

        var table = new TextTable("WHEN", "WHO", "ACTION", "SUBJECT", "OUTCOME", "DETAILS");
        foreach (var entry in entries)
        {
            table.Add(ReportText.Moment(entry.At), entry.Who, entry.Action, entry.Subject ?? "-", entry.Outcome, (entry.Details ?? "").ReplaceLineEndings(" "));
        }

        table.Write(context.Output, context.Style);
    }

    /// <summary>What a spreadsheet would take for a formula is text to it.</summary>
    private static string Cell(string? text) =>
        text is null ? ""
        : text.AsSpan().ContainsAny(",\"\r\n") || text is ['=' or '+' or '-' or '@', ..] ? $"\"{(text is ['=' or '+' or '-' or '@', ..] ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;

    private static DateTimeOffset? Moment(string option, string? text, DateTimeOffset now, List<string> problems)
    {
        if (text is null)
        {
            return null;
        }

        if (MomentText.TryParse(text, now, out var moment, out var problem))
        {
            return moment;
        }

        problems.Add($"{option} {text}: {problem}; allowed: {MomentText.Allowed}");
        return null;
    }
}
