using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class SeriesTests
{
    private static readonly DateTimeOffset Start = new(2024, 2, 26, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Repeats_gaps_disorder_and_unknown_values_are_repaired_and_told()
    {
        var points = Enumerable.Range(0, 40).Where(static day => day != 7).Select(day => new SeriesPoint(Start.AddDays(day), day == 9 ? double.NaN : day)).ToList();
        points.Add(points[3]);
        (points[1], points[2]) = (points[2], points[1]);

        var series = new SeriesBuilder(SeriesStep.Day).Build("", points);

        series.Values.ShouldBe(Enumerable.Range(0, 40).Select(static day => (double)day), 1e-9);
        series.Filled.ShouldBe(2);
        series.Notes.ShouldBe(
        [
            "1 value not a finite number: taken as not measured", "the clock went back 2 times: sorted by time", "1 measurement repeated (same time and value): counted once",
            "2 steps without a measurement: filled in between the neighbours",
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
}
