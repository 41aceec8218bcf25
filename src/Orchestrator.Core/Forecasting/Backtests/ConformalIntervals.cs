using MathNet.Numerics.Distributions;

namespace Orchestrator.Core.Forecasting.Backtests;

/// <summary>
/// Intervals of what was really missed at origins of the past (split conformal prediction: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005), in units of how large use was
/// then, and the shortest that covers the level, since use has a hard floor at 0. No distribution is assumed where there are enough errors for the level (19 for 90 %); with fewer, Student's t.
/// </summary>
internal sealed class ConformalIntervals(ErrorTable table, double scale, double level, bool isNonNegative)
{
    /// <summary>Neighbouring leads are taken together up to so many errors.</summary>
    private const int Enough = 40;

    private int lastIndependent;
    private double lastWider = 1;

    /// <param name="lead">From 0. Beyond those of the table, spreads grow with the root of the distance.</param>
    /// <param name="forecast">What is expected.</param>
    public (double Lower, double Upper) Of(int lead, double forecast)
    {
        var last = table.Leads - 1;
        var middle = Math.Min(lead, last);
        var spread = Math.Sqrt(Math.Max(1, (lead + 1.0) / table.Leads));
        var reach = 0;
        while ((2 * reach) + 1 < table.Leads && ((2 * reach) + 1) * table.Origins.Length < Enough)
        {
            reach++;
        }

        var from = Math.Max(0, Math.Min(middle - reach, last - (2 * reach)));
        var to = Math.Min(last, from + (2 * reach));
        var outcomes = new double[table.Origins.Length * (to - from + 1)];
        var count = 0;
        for (var origin = 0; origin < table.Origins.Length; origin++)
        {
            for (var each = from; each <= to; each++)
            {
                outcomes[count++] = forecast + (spread * Scaled(table.Errors[origin][each], origin));
            }
        }

        return Interval(outcomes, forecast, table.Origins.Length);
    }

    /// <param name="horizon">Steps; beyond those of the table, errors are taken to go on as they were.</param>
    /// <param name="forecast">The expected sum.</param>
    public (double Lower, double Upper) OfTotal(int horizon, double forecast)
    {
        var outcomes = new double[table.Origins.Length];
        for (var origin = 0; origin < outcomes.Length; origin++)
        {
            outcomes[origin] = forecast + (horizon / (double)table.Leads * Scaled(table.Totals[origin], origin));
        }

        // Sums over windows that overlap tell little more than so many that do not, and those of shorter windows less again.
        var apart = Math.Max(2, ((table.Origins[^1] - table.Origins[0]) / Math.Max(horizon, table.Leads)) + 1);
        return Interval(outcomes, forecast, Math.Min(apart, outcomes.Length));
    }

    /// <summary>Part of the scale now, part as it was.</summary>
    private double Scaled(double error, int origin) => table.Scales[origin] > 0 ? error * Math.Sqrt(scale / table.Scales[origin]) : error;

    /// <param name="outcomes">What may come.</param>
    /// <param name="forecast">What is expected.</param>
    /// <param name="independent">So many of them tell something of their own: with few, the interval is as much wider as Student's t is beside the normal distribution.</param>
    private (double Lower, double Upper) Interval(double[] outcomes, double forecast, int independent)
    {
        // Between the i-th and the j-th of n exchangeable outcomes the next one lies with probability (j - i) / (n + 1), so that j - i + 1 of them span the level.
        var within = (int)Math.Ceiling((outcomes.Length + 1) * level) + 1;
        if (within > outcomes.Length)
        {
            var squares = 0.0;
            foreach (var outcome in outcomes)
            {
                squares += (outcome - forecast) * (outcome - forecast);
            }

            var half = StudentT.InvCDF(0, 1, independent, (1 + level) / 2) * Math.Sqrt(squares / outcomes.Length * (1 + (1.0 / outcomes.Length)));
            return (Floor(forecast - half), forecast + half);
        }

        var wider = Wider(independent);
        for (var at = 0; at < outcomes.Length; at++)
        {
            outcomes[at] = Floor(forecast + (wider * (outcomes[at] - forecast)));
        }

        Array.Sort(outcomes);
        var best = 0;
        for (var from = 1; from + within <= outcomes.Length; from++)
        {
            best = outcomes[from + within - 1] - outcomes[from] < outcomes[best + within - 1] - outcomes[best] ? from : best;
        }

        return (Math.Min(outcomes[best], forecast), Math.Max(outcomes[best + within - 1], forecast));
    }

    private double Wider(int independent)
    {
        if (independent != lastIndependent)
        {
            (lastIndependent, lastWider) = (independent, StudentT.InvCDF(0, 1, independent, (1 + level) / 2) / Normal.InvCDF(0, 1, (1 + level) / 2));
        }

        return lastWider;
    }

    private double Floor(double value) => isNonNegative ? Math.Max(0, value) : value;
}
