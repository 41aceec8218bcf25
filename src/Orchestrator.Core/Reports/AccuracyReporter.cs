using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Kept;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>How forecasts that were kept came true.</summary>
public static class AccuracyReporter
{
    /// <summary>Days ahead, from and before.</summary>
    private static readonly (int From, int Until)[] Leads = [(0, 7), (7, 30), (30, 90), (90, 180), (180, int.MaxValue)];

    /// <param name="book">What was kept.</param>
    /// <param name="source">Of what.</param>
    /// <param name="records">What was used since.</param>
    /// <param name="until">Up to then all use is known; null: up to the newest.</param>
    /// <exception cref="ForecastException">Nothing was kept, or nothing of it is over.</exception>
    public static Report Make(ForecastBook book, string source, ImmutableArray<UsageRecord> records, DateTimeOffset? until = null)
    {
        ArgumentNullException.ThrowIfNull(book);
        if (!book.Forecasts.Any(known => known.Source == source))
        {
            throw new ForecastException("no forecast was kept yet: each `report forecast` of the service is");
        }

        var came = records.IsEmpty ? throw new ForecastException("nothing was used since: there is nothing to compare forecasts with") : UsageTimeline.Of(records, static amounts => amounts.Cores / 3600, SeriesStep.Day, new ReportRequest { Records = records, Until = until }.End());
        var outcomes = book.Compare(source, came);
        if (outcomes.IsEmpty)
        {
            throw new ForecastException("of the forecasts that were kept no day is over yet");
        }

        var leads = Leads.Select(lead => (lead.From, lead.Until, Parts: outcomes.Select(outcome => outcome.Accuracy(lead.From, lead.Until)).Where(static part => part.Count > 0).ToArray())).Where(static lead => lead.Parts.Length > 0).ToArray();
        var totals = outcomes.Where(static outcome => outcome.TotalErrorPercent is not null).Select(static outcome => Math.Abs(outcome.TotalErrorPercent!.Value)).ToArray();
        var days = outcomes.Sum(static outcome => outcome.Actual.Length);
        var covered = outcomes.Select(static outcome => outcome.Accuracy()).Sum(static part => part.Coverage * part.Count) / days;
        var longest = outcomes.MaxBy(static outcome => outcome.Actual.Length)!;
        return Reporter.Named(new Report
        {
            Kind = ReportKind.Forecast,
            Title = "Accuracy of forecasts",
            At = records.Max(static record => record.Until),
            Summary =
            [
                string.Create(CultureInfo.InvariantCulture, $"{outcomes.Length} forecast{(outcomes.Length == 1 ? "" : "s")} {(outcomes.Length == 1 ? "was" : "were")} compared with what came{(totals.Length == 0 ? "" : FormattableString.Invariant($": their totals were {totals.Average():0.#} % off on average"))}"),
                string.Create(CultureInfo.InvariantCulture, $"{covered:0 %} of {days:#,0} days lay in their intervals, which shall cover {longest.Forecast.Level:0 %}"),
            ],
            Tables =
            [
                new()
                {
                    Name = "forecasts",
                    Columns = ["made_for", "days_over", "of_days", "method", "total_forecast", "total_actual", "total_error_percent", "mean_absolute_error", "mean_percentage_error", "rms_error", "coverage"],
                    Rows =
                    [
                        .. outcomes.Select(static outcome =>
                        {
                            var accuracy = outcome.Accuracy();
                            return (ImmutableArray<object?>)
                            [
                                outcome.Forecast.From, (double)outcome.Actual.Length, (double)outcome.Forecast.Values.Length, outcome.Forecast.Method, outcome.TotalForecast, outcome.TotalActual, outcome.TotalErrorPercent,
                                accuracy.MeanAbsoluteError, accuracy.MeanPercentageError, accuracy.RootMeanSquareError, accuracy.Coverage,
                            ];
                        }),
                    ],
                },
                new()
                {
                    Name = "by_days_ahead",
                    Columns = ["from_day", "to_day", "days", "mean_absolute_error", "rms_error", "coverage"],
                    Rows =
                    [
                        .. leads.Select(static lead =>
                        {
                            var count = lead.Parts.Sum(static part => part.Count);
                            return (ImmutableArray<object?>)
                            [
                                (double)lead.From + 1, lead.Until == int.MaxValue ? null : (double)lead.Until, (double)count, lead.Parts.Sum(static part => part.MeanAbsoluteError * part.Count) / count,
                                Math.Sqrt(lead.Parts.Sum(static part => part.RootMeanSquareError * part.RootMeanSquareError * part.Count) / count), lead.Parts.Sum(static part => part.Coverage * part.Count) / count,
                            ];
                        }),
                    ],
                },
            ],
            Plots = [Plot(longest)],
            Notes = [FormattableString.Invariant($"kept are the forecasts of the last two months, and one a week of what is older, {ForecastBook.Most} in all")],
        });
    }

    private static ReportPlot Plot(ForecastOutcome outcome)
    {
        var first = SeriesCalendar.IndexOf(outcome.Forecast.From, outcome.Forecast.Step);
        ImmutableArray<DateTimeOffset> times = [.. Enumerable.Range(0, outcome.Actual.Length).Select(at => SeriesCalendar.StartOf(first + at, outcome.Forecast.Step))];
        return new()
        {
            Title = FormattableString.Invariant($"The forecast from {outcome.Forecast.From:yyyy-MM-dd} and what came"),
            Unit = "core-hours a day",
            Lines =
            [
                new() { Name = "forecast", Times = times, Values = outcome.Forecast.Values[..times.Length], Lower = outcome.Forecast.Lower[..times.Length], Upper = outcome.Forecast.Upper[..times.Length] },
                new() { Name = "what came", Times = times, Values = outcome.Actual },
            ],
        };
    }
}
