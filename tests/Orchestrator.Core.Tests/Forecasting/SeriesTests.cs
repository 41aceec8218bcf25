using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Backtests;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class SeriesTests
{
    private static readonly DateTimeOffset Start = new(2024, 2, 26, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Gaps_disorder_and_unknown_values_are_repaired_and_told()
    {
        var points = Enumerable.Range(0, 40).Where(static day => day != 7).Select(day => new SeriesPoint(Start.AddDays(day), day == 9 ? double.NaN : day)).ToList();
        (points[1], points[2]) = (points[2], points[1]);

        var series = new SeriesBuilder(SeriesStep.Day).Build("", points);

        series.Values.ShouldBe(Enumerable.Range(0, 40).Select(static day => (double)day), 1e-9);
        series.Filled.ShouldBe(2);
        series.Notes.ShouldBe(
        [
            "1 value not a finite number: taken as not measured", "the clock went back 1 time: sorted by time", "2 steps without a measurement: filled in between the neighbours",
        ]);
    }

    [Fact]
    public void Events_with_days_between_them_are_days_without_use()
    {
        var series = new SeriesBuilder(SeriesStep.Day).Build("", [new(Start, 1), new(Start.AddDays(4), 2)], Start.AddDays(6));

        series.Values.ShouldBe([1, 0, 0, 0, 2, 0]);
        series.Notes.ShouldContain(static note => note.Contains("taken as 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Aggregation.Sum, 10), InlineData(Aggregation.Mean, 2.5), InlineData(Aggregation.Median, 2.5), InlineData(Aggregation.Max, 4), InlineData(Aggregation.Min, 1), InlineData(Aggregation.P90, 3.7)]
    public void Measurements_of_one_step_are_taken_together(Aggregation aggregation, double expected)
    {
        var series = new SeriesBuilder(SeriesStep.Day, aggregation).Build("", [new(Start, 4), new(Start.AddHours(1), 1), new(Start.AddHours(2), 3), new(Start.AddHours(3), 2)]);

        series.Values.ShouldBe([expected], 1e-9);
    }

    [Theory, InlineData(MissingSteps.Unknown), InlineData(MissingSteps.Guess), InlineData(MissingSteps.Zero)]
    public void Measurements_at_both_rims_alone_are_no_months_and_are_refused(MissingSteps missing)
    {
        var year = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        SeriesPoint[] rims = [.. new[] { 28, 29, 30, 120, 121 }.Select(day => new SeriesPoint(year.AddDays(day), 5))];

        Should.Throw<ForecastException>(() => new SeriesBuilder(SeriesStep.Month, Aggregation.Sum, missing).Build("", rims)).Message.ShouldContain("no whole month was measured");
    }

    [Fact]
    public void A_week_of_hours_is_seven_days_and_one_or_two_weeks()
    {
        var points = Enumerable.Range(0, 168).Select(static hour => new SeriesPoint(Start.AddHours(36 + hour), 1)).ToArray();

        new SeriesBuilder(SeriesStep.Day).Build("", points).Values.Length.ShouldBeInRange(7, 8);
        new SeriesBuilder(SeriesStep.Week).Build("", points).Values.Length.ShouldBeInRange(1, 2);
    }

    [Fact]
    public void Steps_begin_on_the_first_of_months_and_on_mondays_before_and_after_1970()
    {
        SeriesCalendar.StartOf(SeriesCalendar.IndexOf(Start.AddDays(5), SeriesStep.Month), SeriesStep.Month).ShouldBe(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));
        SeriesCalendar.StartOf(SeriesCalendar.IndexOf(Start.AddDays(6.9), SeriesStep.Week), SeriesStep.Week).ShouldBe(Start);
        var old = new DateTimeOffset(1969, 12, 31, 23, 0, 0, TimeSpan.Zero);
        SeriesCalendar.StartOf(SeriesCalendar.IndexOf(old, SeriesStep.Day), SeriesStep.Day).ShouldBe(old.AddHours(-23));
        SeriesCalendar.StartOf(SeriesCalendar.IndexOf(old, SeriesStep.Week), SeriesStep.Week).ShouldBe(new DateTimeOffset(1969, 12, 29, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_series_without_any_number_is_refused_by_name() =>
        Should.Throw<ForecastException>(() => new SeriesBuilder(SeriesStep.Day).Build("ann", [new(Start, double.NaN)])).Message.ShouldBe("ann: no value is a finite number");

    [Fact]
    public void Equal_use_of_two_users_on_a_day_is_two_uses_and_a_row_that_came_twice_is_one()
    {
        var text = new System.Text.StringBuilder("day,user,hours\n");
        foreach (var day in Enumerable.Range(1, 20))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"2024-02-{day:00},alice,24\n2024-02-{day:00},bob,24\n");
        }

        text.Append("2024-02-07,bob,24\n");

        var together = Read(text.ToString()).Build(SeriesStep.Day).Single().Series!;
        var mean = Read(text.ToString()).Build(SeriesStep.Day, Aggregation.Mean).Single().Series!;
        var bob = Read(text.ToString(), "user").Build(SeriesStep.Day).Last().Series!;

        together.Values.ShouldAllBe(static value => value == 48);
        together.Notes.ShouldContain("1 row repeated with all cells: counted once");
        mean.Values.ShouldAllBe(static value => value == 24);
        bob.Values.ShouldAllBe(static value => value == 24);
    }

    [Theory]
    [InlineData("2099-12-31", "u.csv:42: day: nothing was measured from 2024-03-11 00:00:00Z to 2099-12-31 00:00:00Z")]
    [InlineData("1970-01-01", "u.csv:42: day: nothing was measured from 1970-01-01 00:00:00Z to 2024-02-01 00:00:00Z")]
    [InlineData("9999-12-31", "u.csv:42: day: '9999-12-31' is in the year 9999; allowed: 1900 to 2199")]
    public void One_wrong_year_is_refused_by_its_line_and_does_not_become_decades_without_use(string day, string problem) =>
        Should.Throw<ForecastException>(() => Read(Forty() + day + ",ann,5\n")).Message.ShouldContain(problem);

    [Fact]
    public void A_far_time_at_which_nothing_was_measured_moves_no_end()
    {
        var table = Read(Forty() + "2099-12-31,ann,NaN\n", "user");

        table.Newest.ShouldBe(new DateTimeOffset(2024, 3, 11, 0, 0, 0, TimeSpan.Zero));
        table.Build(SeriesStep.Day).Single().Series!.Values.Length.ShouldBe(40);
    }

    [Fact]
    public void Eight_digits_are_days_where_all_are_and_seconds_else()
    {
        var days = Read("day,user,hours\n20040731,ann,1\n20040801,ann,1\n");
        var seconds = Read("day,user,hours\n20040731,ann,1\n20048400,ann,1\n");

        days.Newest.ShouldBe(new DateTimeOffset(2004, 8, 1, 0, 0, 0, TimeSpan.Zero));
        seconds.Newest.ShouldBe(DateTimeOffset.UnixEpoch.AddSeconds(20048400));
    }

    [Fact]
    public void A_week_whose_last_day_was_measured_is_whole_and_one_that_began_or_ends_within_is_left_out()
    {
        var whole = new SeriesBuilder(SeriesStep.Week).Build("", Enumerable.Range(0, 35).Select(static day => new SeriesPoint(Start.AddDays(day), 1)));
        var cut = new SeriesBuilder(SeriesStep.Week).Build("", Enumerable.Range(4, 33).Select(static day => new SeriesPoint(Start.AddDays(day), 1)));

        whole.Values.ShouldBe([7, 7, 7, 7, 7]);
        cut.Values.ShouldBe([7, 7, 7, 7]);
        cut.First.ShouldBe(whole.First + 1);
        cut.Notes.ShouldContain(static note => note.StartsWith("the first week is not whole", StringComparison.Ordinal));
        cut.Notes.ShouldContain(static note => note.StartsWith("the last week is not over yet", StringComparison.Ordinal));
    }

    [Fact]
    public void Months_stay_whole_wherever_in_them_their_use_is_written_down()
    {
        foreach (var day in (int[])[1, 15, 28])
        {
            new SeriesBuilder(SeriesStep.Month).Build("", Enumerable.Range(0, 6).Select(month => new SeriesPoint(new DateTimeOffset(2024, month + 1, day, 0, 0, 0, TimeSpan.Zero), 10))).Values.ShouldBe([10, 10, 10, 10, 10, 10]);
        }
    }

    [Fact]
    public void The_month_in_which_the_table_ends_is_left_out_for_those_who_came_seldom_too()
    {
        var text = new System.Text.StringBuilder("day,user,hours\n");
        foreach (var day in Enumerable.Range(0, 190))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{new DateTime(2024, 1, 1).AddDays(day):yyyy-MM-dd},often,1\n");
        }

        text.Append("2024-01-05,seldom,9\n2024-05-05,seldom,9\n");

        var series = Read(text.ToString(), "user").Build(SeriesStep.Month).Select(static each => each.Series!).ToArray();

        series[0].Values.ShouldBe([31, 29, 31, 30, 31, 30]);
        series[1].Values.ShouldBe([9, 0, 0, 0, 9, 0]);
    }

    [Fact]
    public void A_backtest_neither_scores_what_nobody_knows_nor_learns_from_what_came_later()
    {
        var points = Enumerable.Range(0, 80).Where(static day => day is not (59 or 60 or 61)).Select(static day => new SeriesPoint(Start.AddDays(day), day < 60 ? 10 + (day % 2) : 1000)).ToArray();
        var series = new SeriesBuilder(SeriesStep.Day).Build("", points);

        series.Unknown.ShouldBe([59, 60, 61]);
        series.Until(61).Values[58..].ShouldBe([10, 10, 10]);
        series.Until(61).Unknown.ShouldBe([59, 60]);
        var backtest = Backtest.Of(series, new ForecastOptions { Horizon = 3, Method = "naive" }, originsMax: 1, historyMin: 77);
        backtest.Mae.ShouldBe(0, 1e-9);
        var over = Backtest.Of(series with { Values = series.Values[..62] }, new ForecastOptions { Horizon = 4, Method = "naive" }, originsMax: 1, historyMin: 58);
        over.Mae.ShouldBe(1, 1e-9);
    }

    [Fact]
    public void A_table_tells_all_its_mistakes_at_once()
    {
        using var text = new StringReader("day,hours\n2024-02-01,1\nyesterday,2\n2024-02-03,many\n2024-02-04\n");

        var fault = Should.Throw<ForecastException>(() => SeriesTable.Read(text, "u.csv", "day", "hours"));

        fault.Message.ShouldContain("u.csv:3: day: 'yesterday' is no time");
        fault.Message.ShouldContain("u.csv:4: hours: 'many' is no number");
        fault.Message.ShouldContain("u.csv:5: line: 1 cells; the heading has 2");
    }

    [Fact]
    public void A_table_without_the_columns_says_which_there_are()
    {
        using var text = new StringReader("day,hours\n2024-02-01,1\n");

        var fault = Should.Throw<ForecastException>(() => SeriesTable.Read(text, "u.csv", "month", "hours", "user"));

        fault.Message.ShouldContain("there is no column 'month' (--time); allowed: day, hours");
        fault.Message.ShouldContain("there is no column 'user' (--by)");
    }

    private static string Forty() =>
        "day,user,hours\n" + string.Concat(Enumerable.Range(0, 40).Select(static day => FormattableString.Invariant($"{new DateTime(2024, 2, 1).AddDays(day):yyyy-MM-dd},ann,{day}\n")));

    private static SeriesTable Read(string text, string? by = null) => SeriesTable.Read(new StringReader(text), "u.csv", "day", "hours", by);
}
