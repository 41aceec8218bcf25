using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Methods;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class ForecasterTests
{
    private static readonly DateTimeOffset Monday = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Methods() => [.. ForecastMethods.Names];

    [Theory, MemberData(nameof(Methods))]
    public void Every_method_carries_a_month_of_hours_on(string method)
    {
        var forecast = Forecaster.Forecast(Days(SeriesStep.Hour, 720, static at => 0.5 + (0.2 * Math.Sin(at * Math.PI / 12))), new ForecastOptions { Horizon = 14 * 24, Method = method });

        forecast.Method.ShouldBe(method);
        forecast.Points.Length.ShouldBe(14 * 24);
        forecast.Points[0].Time.ShouldBe(Monday.AddHours(720));
        forecast.Points.ShouldAllBe(static point => point.Value >= 0 && point.Value <= 1 && point.Lower <= point.Value && point.Value <= point.Upper);
    }

    [Theory]
    [InlineData(SeriesStep.Hour, 90 * 24, 180 * 24)]
    [InlineData(SeriesStep.Day, 365, 180)]
    [InlineData(SeriesStep.Week, 104, 26)]
    public void Six_months_of_a_trend_with_days_and_weeks_and_noise_are_foreseen_within_15_percent(SeriesStep step, int history, int horizon)
    {
        double Pure(int at)
        {
            var day = at * SeriesCalendar.Usual(step).TotalDays;
            return 100 * (1 + (0.5 * day / 365)) + (step == SeriesStep.Hour ? 20 * Math.Sin(2 * Math.PI * day) : 0) + (step == SeriesStep.Week ? 0 : 15 * Math.Sin(2 * Math.PI * day / 7));
        }

        foreach (var seed in Enumerable.Range(0, 5))
        {
            var random = new Random(seed);

            var forecast = Forecaster.Forecast(Days(step, history, at => Pure(at) + (20 * (random.NextDouble() - 0.5))), new ForecastOptions { Horizon = horizon });

            forecast.Points.Select((point, ahead) => Math.Abs((point.Value / Pure(history + ahead)) - 1)).Average().ShouldBeLessThan(0.15, $"seed {seed}");
        }
    }

    [Fact]
    public void The_same_series_gives_the_same_forecast()
    {
        var random = new Random(7);
        var series = Days(SeriesStep.Day, 400, _ => random.NextDouble());

        var (first, second) = (Forecaster.Forecast(series, new ForecastOptions { Horizon = 30 }), Forecaster.Forecast(series, new ForecastOptions { Horizon = 30 }));

        second.Points.ShouldBe(first.Points);
        second.Total.ShouldBe(first.Total);
    }

    [Fact]
    public void Three_values_get_a_wide_answer_that_says_why()
    {
        var forecast = Forecaster.Forecast(Days(SeriesStep.Day, 3, static at => 10 + at), new ForecastOptions { Horizon = 5 });

        forecast.Points.ShouldAllBe(static point => point.Value == 11 && point.Upper - point.Lower > 5);
        forecast.Notes.ShouldContain(static note => note.Contains("3 values are too few", StringComparison.Ordinal));
    }

    [Fact]
    public void Three_zeros_promise_no_wide_interval()
    {
        var forecast = Forecaster.Forecast(Days(SeriesStep.Day, 3, static _ => 0), new ForecastOptions { Horizon = 5 });

        forecast.Points.ShouldAllBe(static point => point.Value == 0 && point.Upper == 0);
        forecast.Notes.ShouldContain("3 values are too few to see a trend or a season, and all of them are 0: so is the forecast, and nothing says how far off it may be; from 8 on more is learned");
    }

    [Fact]
    public void All_zeros_stay_zero_and_say_so()
    {
        var forecast = Forecaster.Forecast(Days(SeriesStep.Day, 60, static _ => 0), new ForecastOptions { Horizon = 5 });

        forecast.Points.ShouldAllBe(static point => point.Value == 0 && point.Lower == 0 && point.Upper == 0);
        forecast.Notes.ShouldContain("all values are 0: so is the forecast");
    }

    [Fact]
    public void Five_years_ahead_of_one_year_stay_finite_and_say_how_far_they_are_carried()
    {
        var random = new Random(1);

        var forecast = Forecaster.Forecast(Days(SeriesStep.Day, 365, at => 100 + at + (random.NextDouble() * 20)), new ForecastOptions { Horizon = 1825 });

        forecast.Points.ShouldAllBe(static point => double.IsFinite(point.Value) && double.IsFinite(point.Lower) && double.IsFinite(point.Upper) && point.Value < 2000);
        (forecast.Points[^1].Upper - forecast.Points[^1].Lower).ShouldBeGreaterThan(forecast.Points[0].Upper - forecast.Points[0].Lower);
        forecast.Notes.ShouldContain(static note => note.Contains("longer than the history", StringComparison.Ordinal));
    }

    [Fact]
    public void Wrong_options_are_all_told_at_once()
    {
        var fault = Should.Throw<ForecastException>(() => Forecaster.Forecast(Days(SeriesStep.Month, 24, static at => at), new ForecastOptions { Horizon = 61, Level = 1, Method = "prophet", Planned = [new PlannedWork { Name = "x", Probability = 2 }] }));

        fault.Message.ShouldContain("horizon is 61; allowed: 1 to 60");
        fault.Message.ShouldContain("level");
        fault.Message.ShouldContain("no method 'prophet'; allowed: combination");
        fault.Message.ShouldContain("planned work 'x'");
    }

    [Fact]
    public void Planned_work_is_at_least_what_is_foreseen_and_extra_work_comes_on_top()
    {
        var series = Days(SeriesStep.Day, 60, static at => 100 + (at % 2));
        var usual = Forecaster.Forecast(series, new ForecastOptions { Horizon = 4 });
        var from = usual.Points[1].Time;

        var floor = Forecaster.Forecast(series, new ForecastOptions { Horizon = 4, Planned = [new PlannedWork { From = from, Until = from.AddDays(2), Amount = 600 }] });
        var extra = Forecaster.Forecast(series, new ForecastOptions { Horizon = 4, Planned = [new PlannedWork { From = from, Until = from.AddDays(2), Amount = 600, Probability = 0.5, IsExtra = true }] });

        floor.Points.Select(static point => point.Value).ToArray()[1..3].ShouldBe([300, 300], 1e-9);
        floor.Points[0].ShouldBe(usual.Points[0]);
        extra.Points[1].Value.ShouldBe(usual.Points[1].Value + 150, 1e-9);
        extra.Total.Value.ShouldBe(usual.Total.Value + 300, 1e-9);
    }

    [Fact]
    public void A_closure_leaves_its_part_and_one_in_the_past_is_not_taken_for_a_fall()
    {
        var series = Days(SeriesStep.Day, 60, static at => at >= 50 ? 50 : 100 + (at % 2));
        var calendar = new CalendarFactor { Name = "half open", From = Monday.AddDays(50), Until = Monday.AddDays(62), Factor = 0.5 };

        var forecast = Forecaster.Forecast(series, new ForecastOptions { Horizon = 4, Calendar = [calendar] });

        forecast.Points.Select(static point => point.Value).ShouldBe([50, 50, 100, 100], 2);
    }

    [Fact]
    public void Months_of_steady_use_follow_their_days()
    {
        var first = SeriesCalendar.IndexOf(new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero), SeriesStep.Month);
        var series = new TimeSeries { Step = SeriesStep.Month, First = first, Values = [.. Enumerable.Range(0, 24).Select(at => 10 * SeriesCalendar.LengthOf(first + at, SeriesStep.Month).TotalDays)] };

        var forecast = Forecaster.Forecast(series, new ForecastOptions { Horizon = 3 });

        forecast.Points.Select(static point => point.Value).ShouldBe([310, 290, 310], 1e-6);
    }

    [Fact]
    public void Another_method_than_before_is_really_used()
    {
        var series = Days(SeriesStep.Day, 60, static at => at);

        var last = Forecaster.Forecast(series, new ForecastOptions { Horizon = 2, Method = "naive" });
        var linear = Forecaster.Forecast(series, new ForecastOptions { Horizon = 2, Method = "linear_regression" });

        last.Points[0].Value.ShouldBe(59);
        linear.Method.ShouldBe("linear");
        linear.Points[1].Value.ShouldBe(61, 1e-6);
    }

    [Fact]
    public void Tables_of_what_is_known_in_advance_tell_all_their_mistakes()
    {
        var work = PlannedTable.Work(new StringReader("name,from,until,amount,extra\nensemble,2024-03-01,2024-04-01,5000,yes\n"), "p.csv").Single();
        var fault = Should.Throw<ForecastException>(() => PlannedTable.Calendar(new StringReader("name,from,until,factor\nclosed,soon,2024-04-01,none\n"), "c.csv"));

        (work.Amount, work.IsExtra, work.Probability).ShouldBe((5000, true, 1));
        fault.Message.ShouldContain("c.csv:2: from: 'soon' is no moment");
        fault.Message.ShouldContain("c.csv:2: factor: 'none' is no number");
    }

    [Theory]
    [InlineData("seasonal-naive", 120), InlineData("holt-winters", 120), InlineData("damped-holt-winters", 40), InlineData("seasonal-naive", 28)]
    public void Years_of_months_are_enough_for_methods_that_know_seasons(string method, int count)
    {
        var forecast = Forecaster.Forecast(Months(count), new ForecastOptions { Horizon = 12, Method = method });

        forecast.Method.ShouldBe(method);
        forecast.Reason.ShouldBe("asked for");
        forecast.Points.Select(static point => point.Time.Month).Zip(forecast.Points.Select(static point => point.Value)).MaxBy(static each => each.Second).First.ShouldBeInRange(3, 5);
    }

    [Fact]
    public void A_method_that_really_needs_more_values_says_so()
    {
        var forecast = Forecaster.Forecast(Months(24), new ForecastOptions { Horizon = 6, Method = "seasonal-naive" });

        forecast.Method.ShouldBe("combination");
        forecast.Notes.ShouldContain(static note => note.StartsWith("seasonal-naive needs more than 24 values", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(120), InlineData(60), InlineData(40)]
    public void Intervals_are_as_narrow_as_the_errors_of_the_method_that_forecasts(int count)
    {
        var forecast = Forecaster.Forecast(Months(count), new ForecastOptions { Horizon = 6 });

        // The season swings by 1,000 hours, everything else by 50.
        forecast.Points.ShouldAllBe(static point => point.Upper - point.Lower < 400);
    }

    [Fact]
    public void Intervals_of_independent_values_cover_at_least_what_was_asked_for()
    {
        var (covered, all) = (0, 0);
        foreach (var seed in Enumerable.Range(0, 400))
        {
            var random = new Random(seed);
            var series = Days(SeriesStep.Day, 40, _ => random.NextDouble());

            var point = Forecaster.Forecast(series, new ForecastOptions { Horizon = 1, Method = "mean", Level = 0.8 }).Points[0];

            var came = random.NextDouble();
            (covered, all) = (covered + (came >= point.Lower && came <= point.Upper ? 1 : 0), all + 1);
        }

        (covered / (double)all).ShouldBeInRange(0.79, 0.9);
    }

    [Fact]
    public void Theta_starts_from_where_a_line_is_and_not_from_the_level_behind_it()
    {
        var forecast = Forecaster.Forecast(Days(SeriesStep.Day, 200, static at => 100 + at), new ForecastOptions { Horizon = 1, Method = "theta" });

        forecast.Points[0].Value.ShouldBe(300, 1);
    }

    /// <summary>Months with a season that is highest in April, and little noise.</summary>
    private static TimeSeries Months(int count)
    {
        var random = new Random(5);
        return Days(SeriesStep.Month, count, at => 1000 + (500 * Math.Sin(2 * Math.PI * at / 12)) + (50 * random.NextDouble()));
    }

    private static TimeSeries Days(SeriesStep step, int count, Func<int, double> value) =>
        new() { Step = step, First = SeriesCalendar.IndexOf(Monday, step), Values = [.. Enumerable.Range(0, count).Select(value)] };
}
