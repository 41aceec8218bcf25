using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>What the energy of work that is put off costs at once, and then: by what it is likely to run, the watts of the budgets' rates, and the prices in force.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.deferred-cost")]
public sealed record DeferredCost
{
    /// <summary>In the prices' currency, or grams of CO2.</summary>
    [Id(0)] public double Now { get; init; }

    /// <summary>The same, from <see cref="Start"/> on.</summary>
    [Id(1)] public double Then { get; init; }

    [Id(2)] public DateTimeOffset Start { get; init; }

    [Id(3)] public double KilowattHours { get; init; }

    /// <summary>Null: nobody knows how long it runs.</summary>
    internal static DeferredCost? Of(ISchedulingView view, PendingRequest request, DateTimeOffset now, DateTimeOffset start)
    {
        if ((request.DurationExpected ?? request.DurationEstimate) is not { } duration)
        {
            return null;
        }

        var kilowatts = BudgetAmounts.ToUnits(view.Settings.Shares.Rates.PerHour(request.Resources).Energy);
        var calendar = Deferral.Calendar(view, now);
        return new()
        {
            Now = EnergyWatts.Cost(kilowatts * 1000, now, duration, calendar),
            Then = EnergyWatts.Cost(kilowatts * 1000, start, duration, calendar),
            Start = start,
            KilowattHours = kilowatts * duration.TotalHours,
        };
    }
}
