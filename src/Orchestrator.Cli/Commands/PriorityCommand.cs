using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client.Events;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator priority [ID VALUE]</c>.</summary>
internal static class PriorityCommand
{
    private const string Taken = "computed";
    private const string Changes = $"{EventKinds.PriorityChanged},{EventKinds.DeadlineChanged},{EventKinds.StageChanged}";

    public static Command Create()
    {
        var name = new Argument<string?>("ID") { Description = "A simulation (s-…), a stage of one (s-…/stage), or a campaign. Default: all priorities and deadlines that were set are listed.", Arity = ArgumentArity.ZeroOrOne };
        var value = new Argument<string?>("VALUE") { Description = "0 to 1 in place of the computed priority; or background, low, medium, high or critical; or computed, to take back what was set.", Arity = ArgumentArity.ZeroOrOne };
        var deadline = new Option<string?>("--deadline") { Description = "Its deadline: 2026-08-01T08:00:00Z, or from now on, +2d; none: it has none any more.", HelpName = "MOMENT" };
        var history = new Option<bool>("--history") { Description = "List what was set of it, or of anything, when and by whom, with what there was before: the oldest first, as far back as events are kept." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "priority", "Set the priority or the deadline of work, or list those that were set; in force with the next plan, also for what is asked for later. Of others' work: operators.",
            [
                "orchestrator priority", "orchestrator priority s-co2-ensemble-control-1 0.9", "orchestrator priority co2-ensemble high --deadline +5d", "orchestrator priority co2-ensemble computed",
                "orchestrator priority s-co2-ensemble-control-1 --history",
            ],
            (ExitCodes.Success, "set, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, value, deadline, history, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(history))
            {
                return parsed.GetValue(value) is null && parsed.GetValue(deadline) is null
                    ? await TellHistoryAsync(context, parsed.GetValue(name), cancellationToken)
                    : throw new CommandException("--history lists and sets nothing; VALUE and --deadline are allowed without it alone", ExitCodes.Unreadable);
            }

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

    private static async Task<int> TellHistoryAsync(CommandContext context, string? name, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        var target = name is null ? null : await Target.FindAsync(client, name.Split('/')[0], cancellationToken);
        var campaign = target?.Campaign?.Name ?? (target?.Simulation?.Campaign is { Length: > 0 } of ? of : null);
        var filter = new EventFilter { Campaign = campaign, Simulation = campaign is null ? target?.Simulation?.Id : null, Kind = Changes };
        var last = (await client.GetStatusAsync(cancellationToken)).LastEvent;
        var told = await client.ReadStoredEventsAsync(filter, last, cancellationToken).Select(static read => read.Event).ToListAsync(cancellationToken);
        var history = Of(told, target?.Simulation?.Id, name?.Split('/', 2) is [_, var stage] ? stage : null).ToArray();
        if (context.Json)
        {
            context.WriteJson(history);
        }
        else if (history.Length == 0)
        {
            context.Output.WriteLine("nothing was set, as far back as events are kept");
        }
        else
        {
            var table = new TextTable("AT", "WHAT");
            foreach (var one in history)
            {
                table.Add(ReportText.Moment(one.At), one.Text);
            }

            table.Write(context.Output, context.Style);
        }

        return ExitCodes.Success;
    }

    /// <summary>Those that concern a simulation, or a stage of it: what was set of itself, and of all of its campaign. Null: all of them.</summary>
    internal static IEnumerable<OrchestratorEvent> Of(IEnumerable<OrchestratorEvent> events, SimulationId? simulation, string? stage) =>
        events.Where(one => (simulation is null || one.Simulation is null || one.Simulation == simulation) && (stage is null || one.Stage is null || one.Stage == stage));

    internal static TextTable Table(IEnumerable<PrioritySetting> priorities, IEnumerable<DeadlineSetting> deadlines)
    {
        var table = new TextTable("ID", "PRIORITY", "CLASS", "DEADLINE", "BY", "AT");
        foreach (var one in priorities)
        {
            string[] said =
            [
                .. one.Value is { } set ? [set.ToString("0.###", CultureInfo.InvariantCulture)] : Array.Empty<string>(),
                .. one.Promise is { } promise ? [string.Create(CultureInfo.InvariantCulture, $"promise {promise:0.###}")] : Array.Empty<string>(),
                .. one.Share is { } share ? [string.Create(CultureInfo.InvariantCulture, $"share {share.Share:0.###} of {share.Set}")] : Array.Empty<string>(),
            ];
            var value = string.Join(", ", said);
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
