using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator reservation add|list|complete|cancel|conflicts|decide</c>.</summary>
internal static class ReservationCommand
{
    public static Command Create() => new("reservation", "Reservations: nodes, or parts of them, kept from one moment to another.") { Add(), List(), Complete(), Cancel(), Conflicts(), Decide() };

    private static DocumentedCommand Add()
    {
        var name = new Argument<string?>("NAME") { Description = "1 to 60 letters, digits, '.', '_' and '-'. Default: made from the moment.", Arity = ArgumentArity.ZeroOrOne };
        var start = new Option<string>("--start") { Description = "When it begins: 2026-08-01T08:00:00Z, or from now on, +2h.", HelpName = "MOMENT", Required = true };
        var end = new Option<string?>("--end") { Description = "When it ends; or --for.", HelpName = "MOMENT" };
        var length = new Option<string?>("--for") { Description = "How long it is, as in 4h or 1-12:00:00.", HelpName = "TIME" };
        var nodes = new Option<int>("--nodes") { Description = "So many nodes. Default: 1.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var cores = new Option<int>("--cores") { Description = "Cores of each, at least; of a partial one: so many. Default: 1.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var memory = new Option<string?>("--memory") { Description = "Memory of each, as in 4G.", HelpName = "SIZE" };
        var gpus = new Option<int>("--gpus") { Description = "GPUs of each.", HelpName = "N" };
        var gpuModel = new Option<string?>("--gpu-model") { Description = "Their model.", HelpName = "MODEL" };
        var feature = new Option<string[]>("--feature") { Description = "A feature that each has; can be repeated.", HelpName = "NAME" };
        var within = new Option<string?>("--within") { Description = "All of them in one part of this level of topology, as in rack.", HelpName = "LEVEL" };
        var kind = new Option<string>("--kind") { Description = "exclusive (default): whole nodes; shared: others may use them while they can leave in time; partial: parts of nodes; dynamic: chosen anew when nodes go.", HelpName = "KIND", DefaultValueFactory = static _ => "exclusive" };
        var project = new Option<string?>("--project") { Description = "Whose work may run in it, as institution/project. Default: the one of your token, if that is one.", HelpName = "PROJECT" };
        var user = new Option<string?>("--user") { Description = "For this user; all: everybody of the project. Default: you.", HelpName = "USER" };
        var priority = new Option<string>("--class") { Description = "background, low, medium (default), high or critical: who wins in a conflict.", HelpName = "CLASS", DefaultValueFactory = static _ => "medium" };
        var strategy = new Option<string>("--on-conflict")
        {
            Description = "priority-based (default), first-come-first-served, preemption, negotiation or admin-decision.",
            HelpName = "STRATEGY",
            DefaultValueFactory = static _ => "priority-based",
        };
        var firm = new Option<bool>("--firm") { Description = "It is not preempted by others of a higher class." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "add", "Ask for nodes at a time. Without them nothing changes, and the answer says when and where it would fit.",
            [
                "orchestrator reservation add workshop --start 2026-08-03T07:00:00Z --for 4h --nodes 4 --project eth/climate --user all",
                "orchestrator reservation add --start +1h --for 30m --nodes 2 --kind shared --project eth/climate",
            ],
            (ExitCodes.Success, "it has its nodes, or waits for a decision"), DocumentedCommand.Usage, DocumentedCommand.NotFound, (ExitCodes.Refused, "refused: no access, or others have the nodes"))
        {
            name, start, end, length, nodes, cores, memory, gpus, gpuModel, feature, within, kind, project, user, priority, strategy, firm, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var reply = await client.AddReservationAsync(
                new ReservationRequest
                {
                    Id = parsed.GetValue(name) ?? context.Clock.GetUtcNow().UtcDateTime.ToString("'reservation-'yyyyMMdd-HHmmss", CultureInfo.InvariantCulture),
                    Kind = parsed.GetRequiredValue(kind),
                    Start = parsed.GetRequiredValue(start),
                    End = parsed.GetValue(end),
                    Duration = parsed.GetValue(length),
                    Nodes = parsed.GetValue(nodes),
                    Cores = parsed.GetValue(cores),
                    Memory = parsed.GetValue(memory),
                    Gpus = parsed.GetValue(gpus),
                    GpuModel = parsed.GetValue(gpuModel),
                    Features = [.. parsed.GetValue(feature) ?? []],
                    Within = parsed.GetValue(within),
                    Project = parsed.GetValue(project),
                    User = parsed.GetValue(user) switch { "all" => "", var told => told },
                    Class = parsed.GetRequiredValue(priority),
                    Strategy = parsed.GetRequiredValue(strategy),
                    Preemptible = !parsed.GetValue(firm),
                },
                cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(reply);
                return ExitCodes.Success;
            }

            if (reply.Reservation is { } made)
            {
                context.Output.WriteLine($"{made.Id}: {Words.Status(made.State)}, {ReportText.Moment(made.Start)} to {ReportText.Moment(made.End)}{(NodesOf(made) is { Length: > 0 } places ? $" on {places}" : "")}");
            }

            foreach (var offer in reply.Offers)
            {
                context.Output.WriteLine($"  would fit {ReportText.Moment(offer.Start)} to {ReportText.Moment(offer.End)}{(offer.Nodes.IsDefaultOrEmpty ? "" : $" on {string.Join(", ", offer.Nodes.Select(static node => ReportText.Node(node.Value)))}")}");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand List()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the reservations.", ["orchestrator reservation list"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            var reservations = await client.ListReservationsAsync(cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(reservations);
                return ExitCodes.Success;
            }

            if (reservations.Count == 0)
            {
                context.Output.WriteLine("no reservations; ask for one with `orchestrator reservation add`");
                return ExitCodes.Success;
            }

            var table = new TextTable("RESERVATION", "KIND", "STATE", "START", "END", "NODES", "FOR", "CLASS", "NOTE");
            foreach (var one in reservations)
            {
                var owner = $"{one.Owner.Institution}/{one.Owner.Project}{(one.Owner.User.Length > 0 ? $" {one.Owner.User}" : "")}";
                table.Add(
                    one.Id, Words.Status(one.Kind), Words.Status(one.State), ReportText.Moment(one.Start), ReportText.Moment(one.End),
                    NodesOf(one) is { Length: > 0 } places ? places : ReportText.Count(one.Wanted.Nodes), one.Simulation.Length > 0 ? one.Simulation : owner, Words.Status(one.Priority), one.Reason);
            }

            table.Write(context.Output, context.Style, statusColumn: 2);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Cancel() => Ending(
        "cancel", "cancelled", "Give a reservation back; its nodes are free at once.",
        static (client, reservation, reason, cancellationToken) => client.CancelReservationAsync(reservation, reason, cancellationToken: cancellationToken));

    private static DocumentedCommand Complete() => Ending(
        "complete", "completed", "Say that a reservation in force is not needed until its end; its nodes are free at once.",
        static (client, reservation, reason, cancellationToken) => client.CompleteReservationAsync(reservation, reason, cancellationToken: cancellationToken));

    private static DocumentedCommand Ending(string word, string done, string description, Func<OrchestratorClient, string, string?, CancellationToken, Task<ArrangementReply>> end)
    {
        var name = new Argument<string>("NAME") { Description = "Its name, as in `orchestrator reservation list`." };
        var reason = CommonOptions.Reason();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            word, description, [$"orchestrator reservation {word} workshop"],
            (ExitCodes.Success, $"{done}, now or before"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var reservation = parsed.GetRequiredValue(name);
            return WindowCommand.Tell(context, reservation, done, await end(client, reservation, parsed.GetValue(reason), cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Conflicts()
    {
        var open = new Option<bool>("--open") { Description = "Those alone that nobody decided yet." };
        var resolved = new Option<bool>("--resolved") { Description = "Those alone that were decided." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "conflicts", "List what reservations and windows collided with, newest first, and how it was decided. For operators.", ["orchestrator reservation conflicts --open"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { open, resolved, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var (onlyOpen, onlyResolved) = (parsed.GetValue(open), parsed.GetValue(resolved));
            if (onlyOpen && onlyResolved)
            {
                throw new CommandException("--open and --resolved exclude each other; give one of them, or none for all", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var conflicts = await client.ListConflictsAsync(onlyOpen ? false : onlyResolved ? true : null, cancellationToken).ToListAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(conflicts);
            }
            else if (conflicts.Count == 0)
            {
                context.Output.WriteLine(onlyOpen ? "no open conflicts" : "no conflicts");
            }
            else
            {
                Table(conflicts).Write(context.Output, context.Style);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    internal static TextTable Table(IEnumerable<ReservationConflict> conflicts)
    {
        var table = new TextTable("CONFLICT", "RESERVATION", "WITH", "FROM", "UNTIL", "STRATEGY", "DETECTED", "DECIDED", "DETAILS");
        foreach (var conflict in conflicts)
        {
            table.Add(
                conflict.Id, conflict.Reservation, string.Join(",", conflict.With), ReportText.Moment(conflict.From), ReportText.Moment(conflict.Until), Words.Status(conflict.Strategy), ReportText.Moment(conflict.DetectedAt),
                conflict.Resolved ? conflict.ResolvedAt is { } at ? ReportText.Moment(at) : "yes" : "open", conflict.Resolved ? $"{conflict.Details}: {conflict.Resolution}" : conflict.Details);
        }

        return table;
    }

    private static DocumentedCommand Decide()
    {
        var name = new Argument<string>("CONFLICT") { Description = "Its id, as in `orchestrator reservation conflicts`." };
        var who = new Argument<string>("WINNER") { Description = "newer: the reservation that was asked for gets the nodes; older: the others keep them." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "decide", "Decide a conflict that was left to operators (--on-conflict admin-decision).", ["orchestrator reservation decide workshop/course newer"],
            (ExitCodes.Success, "decided, now or before"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, who, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var winner = parsed.GetRequiredValue(who);
            if (winner is not ("newer" or "older"))
            {
                throw new CommandException($"WINNER: \"{winner}\" is not allowed; allowed: newer, older", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var conflict = parsed.GetRequiredValue(name);
            return WindowCommand.Tell(context, conflict, $"the {winner} {(winner == "newer" ? "reservation gets" : "ones keep")} the nodes", await client.DecideConflictAsync(conflict, winner == "newer", cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static string NodesOf(Reservation reservation)
    {
        var nodes = reservation.Allocations.Select(static share => ReportText.Node(share.Node.Value)).ToArray();
        return nodes.Length <= 4 ? string.Join(",", nodes) : $"{nodes[0]} and {nodes.Length - 1} more";
    }
}
