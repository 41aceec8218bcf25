using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Kept;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class KeptForecastTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_came_is_compared_with_what_was_said_as_far_as_it_is_over()
    {
        var book = ForecastBook.Empty.With(Of(Start, 10, 10, 10, 10));
        var came = new TimeSeries { Step = SeriesStep.Day, First = SeriesCalendar.IndexOf(Start, SeriesStep.Day) - 1, Values = [7, 8, 10, 14] };

        var outcome = book.Compare("service", came).ShouldHaveSingleItem();

        outcome.Actual.ShouldBe([8, 10, 14]);
        outcome.TotalErrorPercent!.Value.ShouldBe(100 * (30.0 - 32) / 32, 1e-9);
        var accuracy = outcome.Accuracy();
        accuracy.Count.ShouldBe(3);
        accuracy.MeanAbsoluteError.ShouldBe(2);
        accuracy.RootMeanSquareError.ShouldBe(Math.Sqrt(20.0 / 3), 1e-9);
        accuracy.MeanPercentageError.ShouldNotBeNull();
        accuracy.Coverage.ShouldBe(2.0 / 3, 1e-9);
        outcome.Accuracy(1, 2).MeanAbsoluteError.ShouldBe(0);
        outcome.Accuracy(3).Count.ShouldBe(0);
    }

    [Fact]
    public void Nothing_is_said_of_what_is_to_come_or_of_other_sources()
    {
        var book = ForecastBook.Empty.With(Of(Start.AddDays(30), 1)).With(Of(Start, 1) with { Source = "logs" });
        var came = new TimeSeries { Step = SeriesStep.Day, First = SeriesCalendar.IndexOf(Start, SeriesStep.Day), Values = [1, 2, 3] };

        book.Compare("service", came).ShouldBeEmpty();
    }

    [Fact]
    public void The_same_day_is_kept_once_and_the_newest_word_counts()
    {
        var book = ForecastBook.Empty.With(Of(Start, 1)).With(Of(Start, 2));

        book.Forecasts.ShouldHaveSingleItem().Values.ShouldBe([2]);
    }

    [Fact]
    public void A_look_at_a_week_does_not_undo_what_was_said_of_more()
    {
        var book = ForecastBook.Empty.With(Of(Start, 1, 1, 1)).With(Of(Start, 2));

        book.Forecasts.ShouldHaveSingleItem().Values.ShouldBe([1, 1, 1]);
        book.With(Of(Start, 3, 3, 3, 3)).Forecasts.ShouldHaveSingleItem().Values.ShouldBe([3, 3, 3, 3]);
    }

    [Fact]
    public void Days_on_which_nothing_ended_are_known_to_be_idle()
    {
        var records = Enumerable.Range(0, 30).Select(static day => new UsageRecord { From = Start.AddDays(day), Until = Start.AddDays(day + 1), User = "ann", Amounts = new() { Cores = 3600 * (100 + (day % 7)), Attempts = 1 } }).ToArray();
        var book = ForecastBook.Empty.With(KeptForecast.Of("service", Reporter.ForecastOf(new ReportRequest { Kind = ReportKind.Forecast, Records = [.. records], Horizon = 20 })));

        var report = AccuracyReporter.Make(book, "service", [.. records], Start.AddDays(35));

        report.Tables[0].Rows.ShouldHaveSingleItem()[1].ShouldBe(5.0);
        report.Tables[0].Rows[0][5].ShouldBe(0.0);
    }

    [Fact]
    public void The_book_is_bounded_and_thins_out_what_is_old()
    {
        var book = ForecastBook.Empty;
        for (var day = 0; day < 1000; day++)
        {
            book = book.With(Of(Start.AddDays(day), 1));
        }

        book.Forecasts.Length.ShouldBeLessThanOrEqualTo(ForecastBook.Most);
        book.Forecasts[^1].From.ShouldBe(Start.AddDays(999));
        book.Forecasts.Count(forecast => forecast.From >= Start.AddDays(999 - 60)).ShouldBe(61);
        book.Forecasts[0].From.ShouldBeLessThan(Start.AddDays(999 - 200), "what is older is there too, one a week");
    }

    [Fact]
    public void The_report_says_how_forecasts_came_true_and_how_far_ahead()
    {
        var records = Enumerable.Range(0, 40).Select(static day => new UsageRecord { From = Start.AddDays(day), Until = Start.AddDays(day + 1), User = "ann", Amounts = new() { Cores = 3600 * (100 + (day % 7)), Attempts = 1 } }).ToArray();
        var before = new ReportRequest { Kind = ReportKind.Forecast, Records = [.. records[..30]], Horizon = 20 };
        var book = ForecastBook.Empty.With(KeptForecast.Of("service", Reporter.ForecastOf(before)));

        var report = AccuracyReporter.Make(book, "service", [.. records]);

        report.Tables[0].Rows.ShouldHaveSingleItem();
        report.Tables[1].Rows.Length.ShouldBe(2, "a week, and what is beyond");
        report.Tables.ShouldAllBe(static table => table.Rows.All(row => row.Length == table.Columns.Length));
        report.Plots[0].Lines.ShouldAllBe(static line => line.Times.Length == 10 && line.Values.Length == 10);
        Should.Throw<ForecastException>(() => AccuracyReporter.Make(ForecastBook.Empty, "service", [.. records])).Message.ShouldContain("no forecast was kept");
        Should.Throw<ForecastException>(() => AccuracyReporter.Make(book, "service", [.. records[..30]])).Message.ShouldContain("no day is over");
    }

    [Fact]
    public void Numbers_are_kept_to_six_digits()
    {
        var forecast = new SeriesForecast { Step = SeriesStep.Day, Points = [new(Start, 123456.789, 0.000123456789, double.PositiveInfinity)] };

        var kept = KeptForecast.Of("service", forecast);

        kept.Values.ShouldBe([123457]);
        kept.Lower[0].ShouldBe(0.000123457, 1e-12);
        kept.Upper[0].ShouldBe(double.MaxValue);
    }

    private static KeptForecast Of(DateTimeOffset from, params double[] values) => new()
    {
        Source = "service",
        From = from,
        Step = SeriesStep.Day,
        Level = 0.9,
        Method = "mean",
        Values = [.. values],
        Lower = [.. values.Select(static value => value - 3)],
        Upper = [.. values.Select(static value => value + 3)],
    };
}
