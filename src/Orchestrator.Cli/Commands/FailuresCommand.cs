using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator failures list|show|report|complete|cancel</c>: what failed, and what was done about it.</summary>
internal static class FailuresCommand
{
    public static Command Create() => new("failures", "What failed, what was done about it, and how that went.") { List(), Show(), Report(), Complete(), Cancel() };

    private static Argument<string> Simulation() => new("SIMULATION") { Description = "A simulation (s-…)." };

    private static Argument<long> Number() => new("NUMBER") { Description = "Of the failure, in its stage, as the list has it." };

    private static Option<string?> Stage() => new("--stage") { Description = "The stage. Default: the only one.", HelpName = "NAME" };

    private static DocumentedCommand Show()
    {
        var (simulation, number, stage, data, json) = (Simulation(), Number(), Stage(), CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand(
            "show", "Show everything about one failure.", ["orchestrator failures show s-co2-ensemble-control-1 2", "orchestrator failures show s-co2-ensemble-control-1 2 --stage coupled --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound)
        { simulation, number, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (id, wanted, only) = (parsed.GetRequiredValue(simulation), parsed.GetRequiredValue(number), parsed.GetValue(stage));
            var list = await client.ListFailuresAsync(id, limit: 1000, cancellationToken: cancellationToken);
            FailureRecord[] found = [.. list.Failures.Where(failure => failure.Number == wanted && (only is null || failure.Stage == only))];
            if (found.Length != 1)
            {
                throw new CommandException(
                    found.Length == 0 ? $"the failure {wanted} of {id}{(only is null ? "" : $"/{only}")} was not found" : $"--stage is missing: {string.Join(", ", found.Select(static failure => failure.Stage))} are allowed",
                    found.Length == 0 ? ExitCodes.NotFound : ExitCodes.Unreadable);
            }

            if (context.Json)
            {
                context.WriteJson(found[0]);
                return ExitCodes.Success;
            }

            Write(context.Output, found[0], context.Clock.GetUtcNow());
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Report()
    {
        var (stage, data, json) = (Stage(), CommonOptions.Data(), CommonOptions.Json());
        var simulation = new Argument<string>("SIMULATION") { Description = "A simulation (s-…); left out with --node, it is about the node as such." };
        var text = new Argument<string?>("TEXT") { Description = "What was seen.", Arity = ArgumentArity.ZeroOrOne };
        var kind = new Option<string>("--kind") { Description = $"One of {string.Join(", ", KindNames.Keys)}. Default: unknown.", HelpName = "KIND", DefaultValueFactory = static _ => FailureKinds.NameOf(FailureKind.Unknown) };
        var severity = new Option<FailureSeverity>("--severity") { Description = "info, low, medium, high or critical. Default: that of the kind." };
        var node = new Option<string?>("--node") { Description = "Where. Default: where the stage runs.", HelpName = "NAME" };
        var command = new DocumentedCommand(
            "report", "Put on record a failure that a person saw. Nothing is done about it; it is open until somebody completes or cancels it, or the stage starts again or ends; of a node as such until `orchestrator node resume`.",
            ["orchestrator failures report s-co2-ensemble-control-1 melting-in-winter --kind unknown --severity high", "orchestrator failures report --node node-3 fan-dead --kind node-degraded"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, text, kind, severity, stage, node, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            if (!KindNames.TryGetValue(parsed.GetValue(kind)!, out var known))
            {
                throw new CommandException($"--kind {parsed.GetValue(kind)}: {string.Join(", ", KindNames.Keys)} are allowed", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            NodeId? on = parsed.GetValue(node) is { } name ? NodeCommand.Parse(name) : null;
            if (parsed.GetValue(text) is not { } seen)
            {
                // Of the two words the one that is there is what was seen.
                var about = on ?? throw new CommandException("TEXT is missing: SIMULATION TEXT, or --node NAME TEXT", ExitCodes.Unreadable);
                var answer = await client.ReportFailureAsync(
                    about, new() { Kind = known, Severity = parsed.GetValue(severity), Text = parsed.GetRequiredValue(simulation) }, cancellationToken: cancellationToken);
                return Tell(context, "the failure is on record", new() { Outcome = answer.Found ? ControlOutcome.Accepted : ControlOutcome.NotFound });
            }

            var reply = await client.ReportFailureAsync(
                new SimulationId(parsed.GetRequiredValue(simulation)), new() { Stage = parsed.GetValue(stage), Kind = known, Severity = parsed.GetValue(severity), Text = seen, Node = on },
                cancellationToken: cancellationToken);
            return Tell(context, "the failure is on record", reply);
        }));
        return command;
    }

    private static DocumentedCommand Complete()
    {
        var (simulation, number, stage, data, json) = (Simulation(), Number(), Stage(), CommonOptions.Data(), CommonOptions.Json());
        var failed = new Option<bool>("--failed") { Description = "It did not help." };
        var details = new Option<string?>("--details") { Description = "What was done; kept with the failure.", HelpName = "TEXT" };
        var command = new DocumentedCommand(
            "complete", "Say how the recovery from a failure went.", ["orchestrator failures complete s-co2-ensemble-control-1 2 --details rebooted"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, (ExitCodes.Refused, "no recovery is in progress"))
        { simulation, number, failed, details, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var reply = await client.EndRecoveryAsync(
                new(parsed.GetRequiredValue(simulation)),
                new() { Stage = parsed.GetValue(stage), Number = parsed.GetRequiredValue(number), Succeeded = !parsed.GetValue(failed), Details = parsed.GetValue(details) },
                cancel: false, cancellationToken: cancellationToken);
            return Tell(context, $"failure {parsed.GetRequiredValue(number)} is over", reply);
        }));
        return command;
    }

    private static DocumentedCommand Cancel()
    {
        var (simulation, number, stage, data, json) = (Simulation(), Number(), Stage(), CommonOptions.Data(), CommonOptions.Json());
        var reason = CommonOptions.Reason();
        var command = new DocumentedCommand(
            "cancel", "Give up the recovery from a failure: nobody waits for it any more. What the stage does is left to the stage.", ["orchestrator failures cancel s-co2-ensemble-control-1 2 --reason false-alarm"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, (ExitCodes.Refused, "no recovery is in progress"))
        { simulation, number, reason, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var reply = await client.EndRecoveryAsync(
                new(parsed.GetRequiredValue(simulation)),
                new() { Stage = parsed.GetValue(stage), Number = parsed.GetRequiredValue(number), Details = parsed.GetValue(reason) },
                cancel: true, cancellationToken: cancellationToken);
            return Tell(context, $"the recovery from failure {parsed.GetRequiredValue(number)} is given up", reply);
        }));
        return command;
    }

    private static int Tell(CommandContext context, string done, ControlReply reply)
    {
        if (context.Json)
        {
            context.WriteJson(reply);
        }
        else
        {
            context.Output.WriteLine(reply.Outcome == ControlOutcome.Accepted ? done : reply.Reason ?? "as before");
        }

        return reply.Outcome switch
        {
            ControlOutcome.NotFound => ExitCodes.NotFound,
            ControlOutcome.Refused => ExitCodes.Refused,
            _ => ExitCodes.Success,
        };
    }

    internal static void Write(TextWriter output, FailureRecord failure, DateTimeOffset now)
    {
        (string Name, string Text)[] lines =
        [
            ("failure", string.Create(CultureInfo.InvariantCulture, $"{failure.Number}{(failure.Simulation is { } simulation ? $" of {simulation}/{failure.Stage}" : "")}, epoch {failure.Epoch}")),
            ("what", failure.Text),
            ("kind", $"{FailureKinds.NameOf(failure.Kind)}, {ReportText.Word(failure.Severity.ToString())}{(failure.Explanation.Length > 0 ? $": {failure.Explanation}" : "")}"),
            ("node", failure.Node is { } node ? ReportText.Node(node.Value) + (failure.NodeAtFault ? ", which had a part in it" : "") : "-"),
            ("when", $"{Words.Time(failure.OccurredAt, now)}, noticed {(failure.TimeToDetect > TimeSpan.Zero ? "after " + DurationWords.Of(failure.TimeToDetect) : "at once")} by {ReportText.Word(failure.Detection.ToString())}"),
            ("done", failure.Strategy == RecoveryStrategy.Absent ? "-" : FailureKinds.NameOf(failure.Strategy) + (failure.Try > 0 ? string.Create(CultureInfo.InvariantCulture, $", try {failure.Try}") : "")),
            ("lost", failure.WorkLost > TimeSpan.Zero ? DurationWords.Of(failure.WorkLost) : "-"),
            ("ended", !failure.IsResolved ? "not yet" : $"{failure.Resolution}{(failure.ResolvedBy is { } by ? $", said by {by}" : "")}{(failure.TimeToRepair is { } repair ? $", in {DurationWords.Of(repair)}" : "")}"),
        ];
        foreach (var (name, text) in lines)
        {
            output.WriteLine($"{name,-8} {text}");
        }
    }

    private static readonly SortedDictionary<string, FailureKind> KindNames = new(
        Enum.GetValues<FailureKind>().Where(static kind => kind != FailureKind.Absent).ToDictionary(FailureKinds.NameOf), StringComparer.Ordinal);

    private static DocumentedCommand List()
    {
        var simulation = new Option<string?>("--simulation") { Description = "Of this simulation (s-…).", HelpName = "ID" };
        var node = new Option<string?>("--node") { Description = "On this node.", HelpName = "NAME" };
        var open = new Option<bool>("--open") { Description = "Only those of which nothing came yet." };
        var since = new Option<string?>("--since") { Description = "Of so long until now, as in 24h or 30d; with the checkpoints of that time.", HelpName = "TIME" };
        var limit = new Option<int>("--limit") { Description = "So many at most. Default: 100.", HelpName = "N", DefaultValueFactory = static _ => 100 };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "list", "List failures, the newest first, as far back as events are kept.",
            ["orchestrator failures list", "orchestrator failures list --simulation s-co2-ensemble-control-1", "orchestrator failures list --node node-3 --open", "orchestrator failures list --since 24h"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound)
        {
            simulation, node, open, since, limit, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var list = await client.ListFailuresAsync(
                parsed.GetValue(simulation), parsed.GetValue(node) is { } name ? NodeCommand.Parse(name) : null, parsed.GetValue(open), parsed.GetValue(limit), Since(parsed.GetValue(since), context.Clock.GetUtcNow()), cancellationToken);
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

    private static DateTimeOffset? Since(string? text, DateTimeOffset now) => text is null ? null
        : DurationText.TryParse(text, out var ago, out var problem) ? now - ago
        : throw new CommandException($"--since {text}: {problem}; allowed: {DurationText.Allowed}", ExitCodes.Unreadable);

    internal static void Write(TextWriter output, Style style, FailureList list, DateTimeOffset now)
    {
        if (list.Tally.Failures == 0)
        {
            output.WriteLine("no failures");
            WriteCheckpoints(output, list);
            return;
        }

        var table = new TextTable("AT", "NO", "KIND", "SEVERITY", "WHERE", "NODE", "NOTICED", "DONE", "REPAIRED", "LOST", "WHAT");
        foreach (var failure in list.Failures)
        {
            table.Add(
                Words.Time(failure.DetectedAt, now),
                failure.Number.ToString(CultureInfo.InvariantCulture),
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
        WriteCheckpoints(output, list);
        if (!list.First.IsEmpty)
        {
            output.WriteLine("first: " + string.Join("; ", list.First.Select(static failure => string.Create(
                CultureInfo.InvariantCulture, $"{failure.Simulation}/{failure.Stage} {failure.Number}, {FailureKinds.NameOf(failure.Kind)}, {ReportText.Word(failure.Severity.ToString())}"))));
        }
    }

    private static void WriteCheckpoints(TextWriter output, FailureList list)
    {
        if (list.Checkpoints is { } made)
        {
            output.WriteLine($"{ReportText.Of(made.Made, "checkpoint")} made at {DurationWords.Of(made.MeanCost)} on average, {ReportText.Of(made.Restores, "restore")}");
        }
    }

    /// <summary><c>7 failures, 1 open, 5 recovered, 1 left to a person; noticed after 10 s, repaired in 14 s on average; 3 min lost, at most 1 min at once</c>.</summary>
    internal static string Summary(FailureList list)
    {
        var tally = list.Tally;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{tally.Failures} {(tally.Failures == 1 ? "failure" : "failures")}, {list.Open} open, {tally.Recovered} recovered, {tally.Abandoned} left to a person ({tally.SuccessRate:P0} success); noticed after {DurationWords.Of(tally.MeanTimeToDetect)} and repaired in {DurationWords.Of(tally.MeanTimeToRepair)} on average; {DurationWords.Of(tally.WorkLost)} of work done again, {DurationWords.Of(tally.WorkLostMax)} at most at once; {DurationWords.Of(list.Downtime)} down in all, {list.LastDay} in the last 24 h");
    }
}
