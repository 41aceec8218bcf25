using System.Globalization;
using System.Text;
using Climate.Output;

namespace Climate.Commands;

/// <summary>What a history amounts to: the end state, the change over the run, and the trend of the area mean temperature.</summary>
internal sealed record Diagnostics
{
    public required int Records { get; init; }

    public required long Step { get; init; }

    /// <summary>Area mean air and slab temperature of the last record, K.</summary>
    public required double Tas { get; init; }

    public required double Sst { get; init; }

    /// <summary>Last less first record, K.</summary>
    public required double TasChange { get; init; }

    /// <summary>Least squares slope of the area mean air temperature, K per year of 365 days; 0 for a single record.</summary>
    public required double TasTrend { get; init; }

    /// <summary>Standard deviation of the wind of the last record, m/s.</summary>
    public required double WindDeviation { get; init; }

    public IReadOnlyList<(string Name, double Value)> Metrics =>
        [("tas", Tas), ("sst", Sst), ("tas_change", TasChange), ("tas_trend", TasTrend), ("wind_deviation", WindDeviation)];

    /// <exception cref="InvalidDataException">The file lacks the variables of a history, or has no record.</exception>
    public static Diagnostics Of(NetCdfReader history)
    {
        if (history.Records == 0)
        {
            throw new InvalidDataException("the history has no record");
        }

        var years = new double[history.Records];
        var tas = new double[history.Records];
        for (var r = 0; r < history.Records; r++)
        {
            years[r] = history.Read("time", r)[0] / 365;
            tas[r] = history.Read("tas_mean", r)[0];
        }

        var last = history.Records - 1;
        double[] u = history.Read("u", last), v = history.Read("v", last);
        return new Diagnostics
        {
            Records = history.Records,
            Step = (long)history.Read("step", last)[0],
            Tas = tas[last],
            Sst = history.Read("sst_mean", last)[0],
            TasChange = tas[last] - tas[0],
            TasTrend = Slope(years, tas),
            WindDeviation = Math.Sqrt(Variance(u) + Variance(v)),
        };
    }

    /// <summary>One JSON object, written by rename.</summary>
    public void WriteTo(string path)
    {
        File.WriteAllText(path + ".partial", ToJson() + "\n");
        File.Move(path + ".partial", path, overwrite: true);
    }

    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\"records\":{Records},\"step\":{Step}");
        foreach (var (name, value) in Metrics)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"{name}\":{value:R}");
        }

        return text.Append('}').ToString();
    }

    private static double Slope(double[] x, double[] y)
    {
        double meanX = x.Average(), meanY = y.Average(), above = 0, below = 0;
        for (var i = 0; i < x.Length; i++)
        {
            above += (x[i] - meanX) * (y[i] - meanY);
            below += (x[i] - meanX) * (x[i] - meanX);
        }

        return below > 0 ? above / below : 0;
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / values.Length;
    }
}
