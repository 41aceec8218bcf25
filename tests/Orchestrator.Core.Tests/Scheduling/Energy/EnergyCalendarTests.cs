using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

public sealed class EnergyCalendarTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_cost_is_summed_over_every_change_of_price()
    {
        var calendar = Of((0, 0.08), (8, 0.15), (20, 0.08));

        calendar.Cost(At(6), TimeSpan.FromHours(15)).ShouldBe(2 * 0.08 + 12 * 0.15 + 1 * 0.08, 1e-12);
        calendar.Cost(At(7.5), TimeSpan.FromHours(1)).ShouldBe(0.5 * 0.08 + 0.5 * 0.15, 1e-12);
        calendar.Cost(At(-5), TimeSpan.FromHours(3)).ShouldBe(3 * 0.08, 1e-12);
        calendar.Cost(At(100), TimeSpan.FromHours(2)).ShouldBe(2 * 0.08, 1e-12);
        calendar.Cost(At(9), TimeSpan.Zero).ShouldBe(0);
    }

    [Fact]
    public void The_price_of_a_moment_is_the_last_one_before_it()
    {
        var calendar = Of((0, 1), (8, 2));

        calendar.PriceAt(At(-1)).ShouldBe(1);
        calendar.PriceAt(At(7.99)).ShouldBe(1);
        calendar.PriceAt(At(8)).ShouldBe(2);
        calendar.NextChange(At(-1)).ShouldBe(At(0));
        calendar.NextChange(At(0)).ShouldBe(At(8));
        calendar.NextChange(At(8)).ShouldBeNull();
    }

    [Theory]
    [InlineData(10, 23, 2, 20)]
    [InlineData(10, 18, 2, 10)]
    [InlineData(10, 19, 2, 19)]
    [InlineData(1, 5, 2, 1)]
    [InlineData(7, 30, 3, 20)]
    public void The_cheapest_start_of_one_piece_is_found_and_the_earliest_of_equal_ones(double earliest, double latest, double hours, double expected) =>
        Of((0, 0.08), (8, 0.15), (20, 0.08)).CheapestStart(At(earliest), At(latest), TimeSpan.FromHours(hours)).ShouldBe(At(expected));

    [Fact]
    public void The_cheapest_start_is_that_of_trying_every_quarter_of_an_hour()
    {
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            var calendar = new EnergyCalendar([.. Enumerable.Range(0, 40).Select(hour => new EnergyPrice { From = At(hour), PerKilowattHour = random.Next(1, 9) })]);
            var earliest = At(random.Next(-8, 100) / 4.0);
            var latest = earliest.AddHours(random.Next(0, 80) / 4.0);
            var duration = TimeSpan.FromHours(random.Next(1, 60) / 4.0);

            var found = calendar.CheapestStart(earliest, latest, duration);

            var tried = Enumerable.Range(0, (int)((latest - earliest).TotalMinutes / 15) + 1).Select(quarter => earliest.AddMinutes(15 * quarter)).ToArray();
            var least = tried.Min(start => calendar.Cost(start, duration));
            calendar.Cost(found, duration).ShouldBe(least, 1e-9);
            found.ShouldBe(tried.First(start => calendar.Cost(start, duration) <= least + 1e-9));
        }
    }

    [Fact]
    public void Work_that_can_be_stopped_takes_the_cheapest_hours()
    {
        var calendar = Of((0, 3), (1, 1), (2, 5), (3, 1), (4, 2), (5, 9));

        calendar.CheapestParts(At(0), At(6), TimeSpan.FromHours(2.5)).ShouldBe([new(At(1), At(2)), new(At(3), At(4.5))]);
        calendar.CheapestParts(At(0), At(2), TimeSpan.FromHours(5)).ShouldBe([new(At(0), At(2))]);
        calendar.CheapestParts(At(-2), At(0.5), TimeSpan.FromHours(1)).ShouldBe([new(At(-2), At(-1))]);
        calendar.CheapestParts(At(4), At(4), TimeSpan.FromHours(1)).ShouldBeEmpty();
    }

    [Fact]
    public void Prices_that_do_not_ascend_or_are_no_numbers_are_refused_by_name()
    {
        Should.Throw<ArgumentException>(() => new EnergyCalendar([])).ParamName.ShouldBe("prices");
        Should.Throw<ArgumentException>(() => Of((1, 1), (1, 2))).Message.ShouldContain("does not come after");
        Should.Throw<ArgumentException>(() => Of((1, double.NaN))).Message.ShouldContain("not a number");
    }

    [Theory]
    [InlineData(12, 0.15)]
    [InlineData(23, 0.08)]
    [InlineData(8, 0.15)]
    [InlineData(20, 0.08)]
    [InlineData(7.9, 0.08)]
    public void The_usual_tariff_is_dear_from_8_to_20(double hour, double price) => new DayTariff().PriceAt(At(hour)).ShouldBe(price);

    [Fact]
    public void The_prices_of_a_tariff_are_those_at_every_moment_also_away_from_UTC()
    {
        var tariff = new DayTariff { UtcOffset = TimeSpan.FromHours(5.5) };
        var calendar = new EnergyCalendar(tariff.Prices(At(3), At(75)));

        for (var at = At(3); at < At(75); at = at.AddMinutes(15))
        {
            calendar.PriceAt(at).ShouldBe(tariff.PriceAt(at));
        }
    }

    internal static DateTimeOffset At(double hours) => Midnight.AddHours(hours);

    internal static EnergyCalendar Of(params (double Hour, double Price)[] prices) =>
        new([.. prices.Select(price => new EnergyPrice { From = At(price.Hour), PerKilowattHour = price.Price })]);
}
