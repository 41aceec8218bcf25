using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Forecasting;

namespace Orchestrator.Cli.Forecasting;

/// <summary>Forecasts for people and for programs.</summary>
internal sealed class ForecastReport(ForecastOptions options, ImmutableArray<SeriesForecast> forecasts, ImmutableArray<(string Name, string Problem)> problems)
{
    private const string Digits = "#,0.###";

    public void Write(CommandContext context)
    {
        if (context.Json)
        {
            context.WriteJson(new
            {
                step = forecasts.IsEmpty ? null : forecasts[0].Step.ToString().ToLowerInvariant(),
                horizon = options.Horizon,
                level = options.Level,
                series = forecasts.Select(static each => new
                {
                    name = each.Name,
                    method = each.Method,
                    reason = each.Reason,
                    history = each.History,
                    points = each.Points.Select(static point => new { time = point.Time, value = point.Value, lower = point.Lower, upper = point.Upper }),
                    total = new { value = each.Total.Value, lower = each.Total.Lower, upper = each.Total.Upper },
                    notes = each.Notes,
                }),
                problems = problems.Select(static each => new { name = each.Name, problem = each.Problem }),
            });
            return;
        }

        foreach (var forecast in forecasts)
        {
            var time = forecast.Step switch
            {
                Core.Forecasting.Series.SeriesStep.Month => "yyyy-MM",
                Core.Forecasting.Series.SeriesStep.Hour => "yyyy-MM-dd HH:mm",
                _ => "yyyy-MM-dd",
            };
            context.Output.WriteLine($"{(forecast.Name.Length > 0 ? forecast.Name + ": " : "")}{forecast.Method} ({forecast.Reason})");
            var table = new TextTable(forecast.Step.ToString().ToUpperInvariant(), "VALUE", "LOWER", "UPPER");
            foreach (var point in forecast.Points)
            {
                table.Add(point.Time.ToString(time, CultureInfo.InvariantCulture), Number(point.Value), Number(point.Lower), Number(point.Upper));
            }

            table.Add("total", Number(forecast.Total.Value), Number(forecast.Total.Lower), Number(forecast.Total.Upper));
            table.Write(context.Output, context.Style);
            foreach (var note in forecast.Notes)
            {
                context.Output.WriteLine($"  {note}");
            }

            context.Output.WriteLine();
        }

        foreach (var (_, problem) in problems)
        {
            context.Error.WriteLine(problem);
        }
    }

    private static string Number(double value) => value.ToString(Digits, CultureInfo.InvariantCulture);
}
