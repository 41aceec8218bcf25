using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator plan [NAME]</c>: when it would start and end, and what if.</summary>
internal static class PlanCommand
{
    private const int RowsMax = 40;

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "A campaign, or a simulation (s-…). Default: everything that runs or waits.", Arity = ArgumentArity.ZeroOrOne };
        var addNodes = new Option<int>("--add-nodes") { Description = "What if there were so many nodes more.", HelpName = "N" };
        var like = new Option<string?>("--like") { Description = "With --add-nodes: like this node. Default: the first that is alive.", HelpName = "NODE" };
        var move = new Option<string[]>("--move-window")
        {
            Description = "What if a window were at another time: its name, then +2h or -2h from its start, or a moment. Can be repeated.",
            HelpName = "WINDOW MOMENT",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        var without = new Option<string[]>("--without-window") { Description = "What if a window were called off. Can be repeated.", HelpName = "WINDOW" };
        var priority = new Option<string[]>("--priority") { Description = "What if something had this priority, as in co2-ensemble=0.9 or s-…=high. Can be repeated.", HelpName = "ID=VALUE" };
        var with = new Option<FileInfo?>("--with") { Description = "What if this campaign were submitted now; it is not.", HelpName = "FILE.yaml" };
        var horizon = new Option<string?>("--horizon") { Description = "Play it forward so far at most, as in 90d. Default: 365d.", HelpName = "TIME" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "plan", "When would it start and end, if all runs as long as is expected, and what if? It changes nothing.",
            ["orchestrator plan co2-ensemble", "orchestrator plan co2-ensemble --add-nodes 20", "orchestrator plan --move-window kernel +2h", "orchestrator plan co2-ensemble --without-window kernel --priority co2-ensemble=high", "orchestrator plan --with next.yaml"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            name, addNodes, like, move, without, priority, with, horizon, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var question = new PlanRequest
            {
                Target = parsed.GetValue(name),
                AddNodes = parsed.GetValue(addNodes),
                Like = parsed.GetValue(like),
                MoveWindows = Moves(parsed.GetValue(move) ?? []),
                WithoutWindows = [.. parsed.GetValue(without) ?? []],
                Priorities = [.. (parsed.GetValue(priority) ?? []).Select(Priority)],
                Campaign = parsed.GetValue(with) is { } file ? await SubmitCommand.ReadAsync(file, cancellationToken) : null,
                Horizon = parsed.GetValue(horizon),
            };
            using var client = context.Connect();
            var answer = await client.PlanAsync(question, cancellationToken);
            if (context.Json)
            {
                context.WriteJson(answer);
            }
            else
            {
                Write(context, question, answer);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>Pairs of a name and a moment, as two words or as one with "=".</summary>
    /// <exception cref="CommandException">A moment is missing.</exception>
    internal static ImmutableSortedDictionary<string, string> Moves(IReadOnlyList<string> words)
    {
        var moves = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < words.Count; i++)
        {
            var equals = words[i].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                moves[words[i][..equals]] = words[i][(equals + 1)..];
            }
            else if (i + 1 < words.Count)
            {
                moves[words[i]] = words[++i];
            }
            else
            {
                throw new CommandException($"--move-window {words[i]}: where to is missing; allowed: +2h or -2h from its start, or a moment, as in --move-window {words[i]} +2h", ExitCodes.Unreadable);
            }
        }

        return moves.ToImmutable();
    }

    private static PriorityRequest Priority(string text)
    {
        var equals = text.LastIndexOf('=');
        return equals <= 0 || equals == text.Length - 1
            ? throw new CommandException($"--priority {text}: it is not of the form ID=VALUE; allowed: 0 to 1 or a class, as in co2-ensemble=0.9", ExitCodes.Unreadable)
            : double.TryParse(text[(equals + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? new() { Target = text[..equals], Value = value }
            : new() { Target = text[..equals], Class = text[(equals + 1)..] };
    }

    private static void Write(CommandContext context, PlanRequest question, PlanAnswer answer)
    {
        var output = context.Output;
        if (answer is { IsCutShort: true, PlayedUntil: { } until })
        {
            output.WriteLine($"Not played to the end: only until {ReportText.Moment(until)}, since more of so long a queue takes too long. What has no start before that starts later, or never.");
        }

        if (answer.AddedOutcome is { } added)
        {
            var hours = answer.Added.Sum(static each => each.CoreHours);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.AddedCampaign}, if it were submitted now: {Tell(added, answer.At)}; {hours:#,0.##} core-hours"));
        }

        if (answer.Runs.IsDefaultOrEmpty)
        {
            output.WriteLine($"{question.Target ?? "the cluster"}: nothing runs or waits for nodes");
            return;
        }

        output.WriteLine($"{question.Target ?? "all work"}, as it is: {Tell(answer.AsItIs, answer.At)}");
        if (answer.Changed is { } changed)
        {
            output.WriteLine($"{question.Target ?? "all work"}, if so: {Tell(changed, answer.At)}{Difference(answer.AsItIs, changed)}");
        }

        var table = answer.Changed is null ? new TextTable("ATTEMPT", "START", "END") : new TextTable("ATTEMPT", "START", "END", "START IF SO", "END IF SO");
        foreach (var run in answer.Runs.Take(RowsMax))
        {
            string[] cells = [run.Attempt.ToString(), run.Runs ? "runs" : Moment(run.Start), Moment(run.End)];
            table.Add(answer.Changed is null ? cells : [.. cells, run.Runs ? "runs" : Moment(run.ChangedStart), Moment(run.ChangedEnd)]);
        }

        table.Write(output, context.Style);
        if (answer.Runs.Length > RowsMax)
        {
            output.WriteLine($"and {ReportText.Count(answer.Runs.Length - RowsMax)} more; --json lists them");
        }

        if (answer is { IsWhole: false, IsCutShort: false })
        {
            output.WriteLine("It was played forward to its limit only; --horizon moves that.");
        }
    }

    private static string Tell(PlanOutcome outcome, DateTimeOffset at)
    {
        var start = outcome.Start is not { } first ? "nothing starts" : first <= at ? "starts now or runs already" : $"starts {ReportText.Moment(first)}";
        var end = outcome.End is { } last ? $", ends {ReportText.Moment(last)} ({DurationWords.Of(last - at)} from now)" : ", its end is not known";
        return start + end + (outcome.NeverStart > 0 ? $"; {ReportText.Of(outcome.NeverStart, "attempt")} without a start" : "");
    }

    private static string Difference(PlanOutcome before, PlanOutcome after) => before.End is not { } end || after.End is not { } changed || end == changed ? ""
        : changed < end ? $", {DurationWords.Of(end - changed)} sooner" : $", {DurationWords.Of(changed - end)} later";

    private static string Moment(DateTimeOffset? moment) => moment is { } at ? ReportText.Moment(at) : "not known";
}
