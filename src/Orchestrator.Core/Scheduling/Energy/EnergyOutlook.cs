using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>What energy costs from now on, in money or carbon.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.energy-outlook")]
public sealed record EnergyOutlook
{
    /// <summary>Absent: energy decides nothing.</summary>
    [Id(0)] public EnergyMode Mode { get; init; }

    /// <summary>Cost of a kilowatt-hour from each moment on until the next, ascending; the first holds before it too. Without any the tariff of the settings holds.</summary>
    [Id(1)] public ImmutableArray<EnergyPrice> Prices { get; init; } = [];
}

/// <summary>The cost of a kilowatt-hour from a moment on.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.energy-price")]
public sealed record EnergyPrice
{
    [Id(0)] public DateTimeOffset From { get; init; }

    /// <summary>Money or grams of CO2; only comparisons count.</summary>
    [Id(1)] public double PerKilowattHour { get; init; }
}
