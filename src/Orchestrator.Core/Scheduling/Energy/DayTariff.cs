using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>A price of energy that follows the hour: one by day, one by night.</summary>
public sealed record DayTariff
{
    /// <summary>The hour, local to the site, from which on energy is dear, 0 to 23,</summary>
    public int PeakFrom { get; init; } = 8;

    /// <summary>and the hour from which on it is not, after <see cref="PeakFrom"/>, up to 24.</summary>
    public int PeakUntil { get; init; } = 20;

    /// <summary>Of a kilowatt-hour.</summary>
    public double Peak { get; init; } = 0.15;

    /// <summary>Of a kilowatt-hour.</summary>
    public double OffPeak { get; init; } = 0.08;

    /// <summary>What the site's clocks show beyond UTC.</summary>
    public TimeSpan UtcOffset { get; init; }

    /// <summary>Of a kilowatt-hour at a moment.</summary>
    public double PriceAt(DateTimeOffset moment)
    {
        var hour = moment.ToOffset(UtcOffset).Hour;
        return hour >= PeakFrom && hour < PeakUntil ? Peak : OffPeak;
    }

    /// <summary>All prices that are in force between two moments.</summary>
    public ImmutableArray<EnergyPrice> Prices(DateTimeOffset from, DateTimeOffset until)
    {
        var prices = ImmutableArray.CreateBuilder<EnergyPrice>();
        prices.Add(new() { From = from, PerKilowattHour = PriceAt(from) });
        for (var day = new DateTimeOffset(from.ToOffset(UtcOffset).Date, UtcOffset); day < until; day = day.AddDays(1))
        {
            AddIfLater(day.AddHours(PeakFrom), Peak);
            AddIfLater(day.AddHours(PeakUntil), OffPeak);
        }

        return prices.ToImmutable();

        void AddIfLater(DateTimeOffset moment, double price)
        {
            if (moment > from && moment < until)
            {
                prices.Add(new() { From = moment.ToUniversalTime(), PerKilowattHour = price });
            }
        }
    }
}
