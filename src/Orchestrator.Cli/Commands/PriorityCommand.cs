using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator priority [ID VALUE]</c>.</summary>
internal static class PriorityCommand
{
    private const string Taken = "computed";

    public static Command Create()
    {
        var name = new Argument<string?>("ID") { Description = "A simulation (s-…), a stage of one (s-…/stage), or a campaign. Default: all priorities and deadlines that were set are listed.", Arity = ArgumentArity.ZeroOrOne };
        var value = new Argument<string?>("VALUE") { Description = "0 to 1 in place of the computed priority; or background, low, medium, high or critical; or computed, to take back what was set.", Arity = ArgumentArity.ZeroOrOne };
        var deadline = new Option<string?>("--deadline") { Description = "Its deadline: 2026-08-01T08:00:00Z, or from now on, +2d; none: it has none any more.", HelpName = "MOMENT" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "priority", "Set the priority or the deadline of work, or list those that were set; in force with the next plan, also for what is asked for later. Of others' work: operators.",
            ["orchestrator priority", "orchestrator priority s-co2-ensemble-control-1 0.9", "orchestrator priority co2-ensemble high --deadline +5d", "orchestrator priority co2-ensemble computed"],
            (ExitCodes.Success, "set, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, value, deadline, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(name) is not { } target)
            {
                return parsed.GetValue(deadline) is null ? await ListAsync(context, cancellationToken) : throw new CommandException("ID is missing; --deadline is of a simulation or a campaign", ExitCodes.Unreadable);
            }

            var text = parsed.GetValue(value);
            var moment = parsed.GetValue(deadline);
            if (text is null && moment is null)
            {
                throw new CommandException("VALUE is missing; 0 to 1, a class, or computed; or give --deadline", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var said = new List<object>();
            if (text is not null)
            {
                var reply = await client.SetPriorityAsync(Read(target, text), cancellationToken: cancellationToken);
                said.Add(reply);
                Tell(context, $"{target}: priority {(text == Taken ? "computed again" : text)}{(reply.Changed ? "" : ", as before")}");
            }

            if (moment is not null)
            {
                var reply = await client.SetDeadlineAsync(new DeadlineRequest { Target = target, Deadline = moment == "none" ? null : moment }, cancellationToken: cancellationToken);
                said.Add(reply);
                Tell(context, $"{target}: {(moment == "none" ? "no deadline" : $"deadline {moment}")}{(reply.Changed ? "" : ", as before")}");
            }

            if (context.Json)
            {
                context.WriteJson(said.Count == 1 ? said[0] : said);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static async Task<int> ListAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        var priorities = await client.ListPrioritiesAsync(cancellationToken).ToListAsync(cancellationToken);
        var deadlines = await client.ListDeadlinesAsync(cancellationToken).ToListAsync(cancellationToken);
        if (context.Json)
        {
            context.WriteJson(new { priorities, deadlines });
        }
        else if (priorities.Count + deadlines.Count == 0)
        {
            context.Output.WriteLine("no priorities or deadlines were set");
        }
        else
        {
            Table(priorities, deadlines).Write(context.Output, context.Style);
        }

        return ExitCodes.Success;
    }

    internal static TextTable Table(IEnumerable<PrioritySetting> priorities, IEnumerable<DeadlineSetting> deadlines)
    {
        var table = new TextTable("ID", "PRIORITY", "CLASS", "DEADLINE", "BY", "AT");
        foreach (var one in priorities)
        {
            var value = one.Value is { } set ? set.ToString("0.###", CultureInfo.InvariantCulture) : one.Promise is { } promise ? string.Create(CultureInfo.InvariantCulture, $"promise {promise:0.###}") : "";
            table.Add(one.Target, value, one.Class == PriorityClass.Absent ? "" : Words.Status(one.Class), "", one.By, ReportText.Moment(one.At));
        }

        foreach (var one in deadlines)
        {
            table.Add(one.Simulation.Value, "", "", one.Deadline is { } moment ? ReportText.Moment(moment) : "none", one.By, ReportText.Moment(one.At));
        }

        return table;
    }

    private static PriorityRequest Read(string target, string text) =>
        text == Taken ? new() { Target = target }
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new() { Target = target, Value = number }
        : new() { Target = target, Class = text };

    private static void Tell(CommandContext context, string line)
    {
        if (!context.Json)
        {
            context.Output.WriteLine(line);
        }
    }
}
