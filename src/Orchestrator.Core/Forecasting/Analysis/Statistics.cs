namespace Orchestrator.Core.Forecasting.Analysis;

/// <summary>Moments and quantiles of plain values.</summary>
public static class Statistics
{
    public static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    public static double Mean(ReadOnlySpan<double> values) => values.IsEmpty ? 0 : Sum(values) / values.Length;

    public static double Max(ReadOnlySpan<double> values)
    {
        var max = double.NegativeInfinity;
        foreach (var value in values)
        {
            max = Math.Max(max, value);
        }

        return max;
    }

    public static double Min(ReadOnlySpan<double> values)
    {
        var min = double.PositiveInfinity;
        foreach (var value in values)
        {
            min = Math.Min(min, value);
        }

        return min;
    }

    /// <summary>Of the sample, with n - 1; 0 for fewer than two.</summary>
    public static double Deviation(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return 0;
        }

        var mean = Mean(values);
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return Math.Sqrt(squares / (values.Length - 1));
    }

    /// <summary>With linear interpolation between neighbours (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996).</summary>
    /// <param name="sorted">Ascending, at least one.</param>
    /// <param name="part">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<double> sorted, double part)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, nameof(sorted));
        var place = part * (sorted.Length - 1);
        var below = (int)Math.Floor(place);
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }

    public static double Median(ReadOnlySpan<double> values)
    {
        var copy = values.ToArray();
        Array.Sort(copy);
        return Quantile(copy, 0.5);
    }

    /// <summary>The mean without a part of the values at both ends.</summary>
    /// <param name="values">They are sorted in place.</param>
    /// <param name="cut">How many are left out at each end.</param>
    internal static double TrimmedMean(Span<double> values, int cut)
    {
        values.Sort();
        return Mean(values[cut..^cut]);
    }

    /// <summary>Slope and mean of the least squares line over 0, 1, 2, …</summary>
    internal static (double Slope, double Mean) Line(ReadOnlySpan<double> values)
    {
        var middle = (values.Length - 1) / 2.0;
        var mean = Mean(values);
        double cross = 0, squares = 0;
        for (var at = 0; at < values.Length; at++)
        {
            cross += (at - middle) * (values[at] - mean);
            squares += (at - middle) * (at - middle);
        }

        return (squares == 0 ? 0 : cross / squares, mean);
    }
}
