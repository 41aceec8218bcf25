using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios override NAME SCENARIO PRIORITY</c>.</summary>
internal static class ScenarioOverrideCommand
{
    private const string Evaluated = "evaluated";

    public static DocumentedCommand Create()
    {
        var name = ScenarioName.Argument();
        var scenario = new Argument<string>("SCENARIO") { Description = "A scenario of it." };
        var priority = new Argument<string>("PRIORITY") { Description = "0 to 1 (0.5: neither more nor less than others); evaluated: evaluations decide again." };
        var reason = CommonOptions.Reason();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "override", "Set the priority of a scenario by hand. It stays, whatever the evaluations say, until it is taken back.",
            ["orchestrator scenarios override co2-ensemble 4xCO2 0.9 --reason 'new disk'", "orchestrator scenarios override co2-ensemble 4xCO2 evaluated"],
            (ExitCodes.Success, "set, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, scenario, priority, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(priority);
            double? value = text == Evaluated ? null
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
                : throw new CommandException($"\"{text}\" is no priority; 0 to 1, or {Evaluated}", ExitCodes.Unreadable);
            using var client = context.Connect();
            var one = parsed.GetRequiredValue(scenario);
            var view = await client.OverridePriorityAsync(
                ScenarioName.Parse(parsed.GetRequiredValue(name)), new() { Variant = one, Priority = value, Note = parsed.GetValue(reason) ?? "" }, cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(view);
            }
            else
            {
                context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one}: priority {view.Priorities.Of(one):F2}{(value is null ? ", evaluated again from there" : "")}"));
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
