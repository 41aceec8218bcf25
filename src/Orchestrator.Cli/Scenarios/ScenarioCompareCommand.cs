using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios compare NAME ONE OTHER</c>.</summary>
internal static class ScenarioCompareCommand
{
    public static DocumentedCommand Create()
    {
        var name = ScenarioName.Argument();
        var one = new Argument<string>("ONE") { Description = "A scenario of it." };
        var other = new Argument<string>("OTHER") { Description = "The scenario that it is compared with." };
        var method = new Option<string>("--method") { Description = "direct, weighted, relative, rankBased, pareto, multiCriteria or ensemble.", HelpName = "METHOD", DefaultValueFactory = static _ => "weighted" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "compare", "Compare two scenarios by what is known of them now.", ["orchestrator scenarios compare co2-ensemble 4xCO2 control", "orchestrator scenarios compare co2-ensemble 4xCO2 control --method pareto --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { name, one, other, method, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var comparison = await client.CompareScenariosAsync(
                ScenarioName.Parse(parsed.GetRequiredValue(name)), parsed.GetRequiredValue(one), parsed.GetRequiredValue(other), parsed.GetRequiredValue(method), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(comparison);
                return ExitCodes.Success;
            }

            var table = new TextTable("CRITERION", comparison.One, comparison.Other, "DIFFERENCE");
            foreach (var criterion in comparison.Criteria)
            {
                table.Add(Words.Status(criterion.Criterion), Number(criterion.One), Number(criterion.Other), criterion.Difference.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture));
            }

            table.Write(context.Output, context.Style);
            context.Output.WriteLine(comparison.Recommendation);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
