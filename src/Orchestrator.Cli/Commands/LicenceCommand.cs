using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator licence list|set</c>.</summary>
internal static class LicenceCommand
{
    public static Command Create() => new("licence", "Licences: how many there are of each. A stage that asks for one starts only while it is free.") { List(), Set() };

    private static DocumentedCommand List()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", "List the licences, and how many there are of each, in use or not.", ["orchestrator licence list"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            Write(context, await client.GetLicencesAsync(cancellationToken));
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Set()
    {
        var counts = new Argument<string[]>("NAME=N") { Description = "A licence and how many there are of it; none takes it out of the list. What is not named stays.", Arity = ArgumentArity.OneOrMore };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "set", "Say how many there are of some licences; in force with the next plan. Others change others meanwhile: what is not named stays. For operators.", ["orchestrator licence set ansys=4 fluent=20", "orchestrator licence set ansys=none"],
            (ExitCodes.Success, "set, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { counts, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var changes = Read(parsed.GetRequiredValue(counts));
            using var client = context.Connect();
            await client.ChangeLicencesAsync(changes.ToImmutableSortedDictionary(static one => one.Name, static one => one.Count), cancellationToken: cancellationToken);
            Write(context, await client.GetLicencesAsync(cancellationToken));
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>What is to change; null: it goes out of the list.</summary>
    /// <exception cref="CommandException">Something is wrong: all of it is told.</exception>
    internal static List<(string Name, int? Count)> Read(string[] texts)
    {
        var (changes, mistakes) = (new List<(string Name, int? Count)>(), new List<string>());
        foreach (var text in texts)
        {
            var at = text.LastIndexOf('=');
            var (name, count) = at < 0 ? ("", "") : (text[..at], text[(at + 1)..]);
            if (name.Length > 0 && changes.Exists(one => one.Name == name))
            {
                mistakes.Add($"\"{text}\": {name} is named twice; allowed: each licence once");
            }
            else if (name.Length > 0 && count == "none")
            {
                changes.Add((name, null));
            }
            else if (name.Length > 0 && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                changes.Add((name, number));
            }
            else
            {
                mistakes.Add($"\"{text}\" is not of the form NAME=N; allowed: a name and a whole number from 0 on, or none, as in ansys=4");
            }
        }

        return mistakes.Count == 0 ? changes : throw new CommandException(string.Join(Environment.NewLine, mistakes), ExitCodes.Unreadable);
    }

    private static void Write(CommandContext context, ImmutableSortedDictionary<string, int> licences)
    {
        if (context.Json)
        {
            context.WriteJson(licences);
            return;
        }

        if (licences.IsEmpty)
        {
            context.Output.WriteLine("no licences; a stage that asks for one waits until there are: `orchestrator licence set NAME=N`");
            return;
        }

        var table = new TextTable("LICENCE", "COUNT");
        foreach (var (name, count) in licences)
        {
            table.Add(name, ReportText.Count(count));
        }

        table.Write(context.Output, context.Style);
    }
}
