using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Backtests;

/// <summary>How forecasts of a series would have come true, made at several moments of the past with nothing but what lay before.</summary>
public sealed record SeriesBacktest
{
    public string Name { get; init; } = "";

    /// <summary>The method that was chosen at the last origin.</summary>
    public string Method { get; init; } = "";

    /// <summary>How often each method was chosen.</summary>
    public ImmutableSortedDictionary<string, int> Methods { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>So many moments; 0: the series is too short, as <see cref="Notes"/> says.</summary>
    public int Origins { get; init; }

    /// <summary>Mean absolute error by step, as part of what came; steps without use are left out. Null: all were.</summary>
    public double? Mape { get; init; }

    /// <summary>Mean over the origins of the absolute error of the horizon's total, as part of it; null: nothing was used.</summary>
    public double? TotalError { get; init; }

    /// <summary>Mean over the origins of the signed error of the total: above 0, forecasts were too high.</summary>
    public double? TotalBias { get; init; }

    /// <summary>Root mean square error by step, in the unit of the series.</summary>
    public double Rmse { get; init; }

    /// <summary>Mean absolute error by step, in the unit of the series.</summary>
    public double Mae { get; init; }

    /// <summary>Steps that came to lie in their intervals, as part of all that are known.</summary>
    public double Coverage { get; init; }

    /// <summary>Totals that came to lie in their intervals, as part of all.</summary>
    public double TotalCoverage { get; init; }

    /// <summary>Errors of the total of plain methods at the same origins, by name.</summary>
    public ImmutableSortedDictionary<string, double> Baselines { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    public ImmutableArray<string> Notes { get; init; } = [];
}
