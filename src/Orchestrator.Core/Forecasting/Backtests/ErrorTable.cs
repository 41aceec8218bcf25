using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Forecasting.Methods;

namespace Orchestrator.Core.Forecasting.Backtests;

/// <summary>Errors of a method at several origins: what came less what was forecast, by origin and lead. Parameters are chosen on what lies before the first origin alone.</summary>
internal sealed class ErrorTable
{
    private ErrorTable(int[] origins, int leads)
    {
        Origins = origins;
        Leads = leads;
        Errors = new double[origins.Length][];
        Totals = new double[origins.Length];
        Scales = new double[origins.Length];
    }

    /// <summary>How many values lay before, ascending.</summary>
    public int[] Origins { get; }

    public int Leads { get; }

    /// <summary>By origin, then lead.</summary>
    public double[][] Errors { get; }

    /// <summary>Errors of the sum over all leads, by origin.</summary>
    public double[] Totals { get; }

    /// <summary>How large use was before each origin: errors are compared in this unit.</summary>
    public double[] Scales { get; }

    /// <param name="method">It needs no more history than lies before the first origin.</param>
    /// <param name="values">The series.</param>
    /// <param name="shape">What fits before the first origin.</param>
    /// <param name="origins">Ascending, at least one.</param>
    /// <param name="leads">Steps ahead.</param>
    /// <param name="isNonNegative">Forecasts below 0 are 0.</param>
    public static ErrorTable Of(IForecastMethod method, ReadOnlySpan<double> values, SeriesShape shape, int[] origins, int leads, bool isNonNegative)
    {
        var table = new ErrorTable(origins, leads);
        var fitted = method.Fit(values[..origins[0]], shape);
        var forecast = new double[leads];
        for (var each = 0; each < origins.Length; each++)
        {
            var origin = origins[each];
            fitted.Forecast(values[..origin], forecast);
            var errors = table.Errors[each] = new double[leads];
            for (var lead = 0; lead < leads; lead++)
            {
                errors[lead] = values[origin + lead] - (isNonNegative ? Math.Max(0, forecast[lead]) : forecast[lead]);
                table.Totals[each] += errors[lead];
            }

            table.Scales[each] = Scale(values[..origin]);
        }

        return table;
    }

    /// <summary>How large use has been: of late and ever, half each, so that neither a quiet week nor a long gone peak decides alone.</summary>
    public static double Scale(ReadOnlySpan<double> values)
    {
        double all = 0, late = 0;
        var recent = Math.Min(values.Length, 28);
        for (var at = 0; at < values.Length; at++)
        {
            all += Math.Abs(values[at]);
            late += at >= values.Length - recent ? Math.Abs(values[at]) : 0;
        }

        return (all / values.Length / 2) + (late / recent / 2);
    }

    /// <summary>So many origins, evenly spread from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static int[] Spread(int first, int last, int most)
    {
        var count = Math.Min(most, last - first + 1);
        var origins = new int[count];
        for (var each = 0; each < count; each++)
        {
            origins[each] = count == 1 ? last : first + (int)((long)(last - first) * each / (count - 1));
        }

        return origins;
    }

    /// <summary>What an origin cost: root mean square error by steps and the error of the total, both by step.</summary>
    public double Loss(int origin) =>
        Math.Sqrt(Statistics.Mean(Array.ConvertAll(Errors[origin], static error => error * error))) + Math.Abs(Totals[origin] / Leads);
}
