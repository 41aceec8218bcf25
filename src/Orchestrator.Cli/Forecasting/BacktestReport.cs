using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Backtests;

namespace Orchestrator.Cli.Forecasting;

/// <summary>How forecasts would have come true, for people and for programs. Errors and coverages are parts of 1 in JSON.</summary>
internal sealed class BacktestReport(ForecastOptions options, ImmutableArray<SeriesBacktest> backtests, ImmutableArray<(string Name, string Problem)> problems)
{
    public void Write(CommandContext context)
    {
        var judged = backtests.Where(static each => each.Origins > 0).ToArray();
        var pairs = judged.Sum(static each => each.Origins);
        if (context.Json)
        {
            context.WriteJson(new
            {
                horizon = options.Horizon,
                level = options.Level,
                series = backtests.Select(static each => new
                {
                    name = each.Name,
                    method = each.Method,
                    methods = each.Methods,
                    origins = each.Origins,
                    mape = each.Mape,
                    totalError = each.TotalError,
                    totalBias = each.TotalBias,
                    mae = each.Mae,
                    rmse = each.Rmse,
                    coverage = each.Origins == 0 ? (double?)null : each.Coverage,
                    totalCoverage = each.Origins == 0 ? (double?)null : each.TotalCoverage,
                    baselineTotalErrors = each.Baselines,
                    notes = each.Notes,
                }),
                summary = new
                {
                    series = judged.Length,
                    pairs,
                    mape = Mean(judged, static each => each.Mape),
                    totalError = Mean(judged, static each => each.TotalError),
                    coverage = pairs == 0 ? (double?)null : judged.Sum(static each => each.Coverage * each.Origins) / pairs,
                    totalCoverage = pairs == 0 ? (double?)null : judged.Sum(static each => each.TotalCoverage * each.Origins) / pairs,
                },
                problems = problems.Select(static each => new { name = each.Name, problem = each.Problem }),
            });
            return;
        }

        var table = new TextTable("SERIES", "ORIGINS", "METHOD", "MAPE", "TOTAL", "COVERED", "BASELINES OF THE TOTAL");
        foreach (var each in backtests)
        {
            table.Add(
                each.Name.Length > 0 ? each.Name : "-", each.Origins.ToString(CultureInfo.InvariantCulture), each.Method.Length > 0 ? each.Method : "-", Percent(each.Mape), Percent(each.TotalError),
                each.Origins == 0 ? "-" : Percent(each.Coverage), each.Origins == 0 ? each.Notes[^1] : string.Join(", ", each.Baselines.Select(static baseline => $"{baseline.Key} {Percent(baseline.Value)}")));
        }

        table.Write(context.Output, context.Style);
        context.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{judged.Length} series, {pairs} forecasts of {options.Horizon} steps: error of a step {Percent(Mean(judged, static each => each.Mape))}, of the total {Percent(Mean(judged, static each => each.TotalError))}; {(pairs == 0 ? "-" : Percent(judged.Sum(static each => each.Coverage * each.Origins) / pairs))} of the steps lay in their {options.Level:0 %} intervals"));
        foreach (var (_, problem) in problems)
        {
            context.Error.WriteLine(problem);
        }
    }

    private static double? Mean(IEnumerable<SeriesBacktest> backtests, Func<SeriesBacktest, double?> of) => backtests.Select(of).Average();

    private static string Percent(double? part) => part is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 100:0.0} %") : "-";
}
