using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios compare NAME ONE OTHER</c>.</summary>
internal static class ScenarioCompareCommand
{
    public static DocumentedCommand Create()
    {
        var name = ScenarioName.Argument();
        var one = new Argument<string>("ONE") { Description = "A scenario of it." };
        var other = new Argument<string?>("OTHER") { Description = "The scenario that it is compared with.", Arity = ArgumentArity.ZeroOrOne };
        var evaluations = new Option<string?>("--evaluations") { Description = "In place of OTHER: two evaluations of the one scenario, by their places; 0 is the oldest that is kept.", HelpName = "FIRST,SECOND" };
        var method = new Option<string>("--method") { Description = "direct, weighted, relative, rankBased, pareto, multiCriteria or ensemble.", HelpName = "METHOD", DefaultValueFactory = static _ => "weighted" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "compare", "Compare two scenarios by what is known of them now, or two evaluations of one.", ["orchestrator scenarios compare co2-ensemble 4xCO2 control", "orchestrator scenarios compare co2-ensemble 4xCO2 --evaluations 0,3", "orchestrator scenarios compare co2-ensemble 4xCO2 control --method pareto --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { name, one, other, method, evaluations, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var (against, places) = Against(parsed.GetValue(other), parsed.GetValue(evaluations));
            using var client = context.Connect();
            if (places is { } two)
            {
                var view = await client.GetScenarioAsync(ScenarioName.Parse(parsed.GetRequiredValue(name)), cancellationToken);
                WriteEvaluations(context, view.History, parsed.GetRequiredValue(one), two.First, two.Second);
                return ExitCodes.Success;
            }

            var comparison = await client.CompareScenariosAsync(ScenarioName.Parse(parsed.GetRequiredValue(name)), parsed.GetRequiredValue(one), against, parsed.GetRequiredValue(method), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(comparison);
                return ExitCodes.Success;
            }

            var table = new TextTable("CRITERION", comparison.One, comparison.Other, "DIFFERENCE");
            foreach (var criterion in comparison.Criteria)
            {
                table.Add(Words.Status(criterion.Criterion), Number(criterion.One), Number(criterion.Other), Signed(criterion.Difference));
            }

            table.Write(context.Output, context.Style);
            context.Output.WriteLine(comparison.Recommendation);
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <exception cref="CommandException">It is not said with what, or it is said twice, or the places are none.</exception>
    private static (string Other, (int First, int Second)? Evaluations) Against(string? other, string? evaluations)
    {
        if ((other is null) == (evaluations is null))
        {
            throw new CommandException("compare: say with what; allowed: a second scenario, or --evaluations FIRST,SECOND", ExitCodes.Unreadable);
        }

        if (evaluations is null)
        {
            return (other!, null);
        }

        return evaluations.Split(',') is [var first, var second] && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var one) && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var two)
            ? ("", (one, two))
            : throw new CommandException($"--evaluations {evaluations}: it is no pair of places; allowed: 0,3", ExitCodes.Unreadable);
    }

    private static void WriteEvaluations(CommandContext context, AssessmentHistory history, string scenario, int first, int second)
    {
        var (differences, refusal) = history.Compare(scenario, first, second);
        if (refusal is not null)
        {
            throw new CommandException(refusal, ExitCodes.Unreadable);
        }

        if (context.Json)
        {
            context.WriteJson(differences);
            return;
        }

        var (before, after) = (history.Of(scenario)[first], history.Of(scenario)[second]);
        var table = new TextTable("CRITERION", ReportText.Moment(before.At), ReportText.Moment(after.At), "DIFFERENCE");
        foreach (var criterion in before.Criteria.Where(criterion => differences.ContainsKey(criterion.Criterion.ToString().ToLowerInvariant())))
        {
            var difference = differences[criterion.Criterion.ToString().ToLowerInvariant()];
            table.Add(Words.Status(criterion.Criterion), Number(criterion.Score!.Value), Number(criterion.Score.Value + difference), Signed(difference));
        }

        table.Add("overall", Number(before.Score), Number(after.Score), Signed(differences["overall"]));
        table.Write(context.Output, context.Style);
    }

    private static string Signed(double value) => value.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
