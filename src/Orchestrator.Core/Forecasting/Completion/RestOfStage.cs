using MathNet.Numerics.Distributions;

namespace Orchestrator.Core.Forecasting.Completion;

/// <summary>
/// How long a stage still runs, as a distribution: the logarithm of the whole is normal on either side of its median, with the given one of ten below and above, under the condition that it runs for longer
/// than it did so far. What runs beyond all that was expected is taken to go on for a while in proportion.
/// </summary>
internal readonly struct RestOfStage
{
    /// <summary>Of the standard normal distribution: one of ten is above.</summary>
    private const double Tenth = 1.2815515655446004;

    /// <summary>Who says nothing of how sure he is may be off by twice.</summary>
    private const double Unsure = 2;

    /// <summary>An overdue stage needs at least so large a part of its time once more.</summary>
    private const double Least = 0.01;

    private readonly double median, below, above, done, passed;

    /// <param name="outlook">It is not over.</param>
    public RestOfStage(StageOutlook outlook)
    {
        var whole = outlook.Whole;
        median = Math.Max(0, (whole.Expected ?? outlook.Planned).TotalSeconds);
        done = Math.Max(0, outlook.Done.TotalSeconds);
        IsKnown = median <= 0 || (whole.Lower is not null && whole.Upper is not null);
        below = Math.Log(Math.Max(1, whole.Lower is { } low && low > TimeSpan.Zero ? median / low.TotalSeconds : Unsure)) / Tenth;
        above = Math.Log(Math.Max(1, whole.Upper is { } high ? high.TotalSeconds / Math.Max(median, 1e-3) : Unsure)) / Tenth;
        passed = done <= 0 || median <= 0 ? 0 : OverBy(Math.Log(done / median), below, above);
    }

    /// <summary>Somebody said how sure the whole is.</summary>
    public bool IsKnown { get; }

    /// <summary>Seconds, by a number of the standard normal distribution: 0 is the median.</summary>
    public double At(double normal)
    {
        if (median <= 0)
        {
            return 0;
        }

        var part = Math.Min(1 - 1e-9, passed + ((1 - passed) * Normal.CDF(0, 1, normal)));
        var at = passed <= 0 ? normal : Normal.InvCDF(0, 1, Math.Max(1e-9, part));
        var rest = (median * Math.Exp(at * (at < 0 ? below : above))) - done;
        return Math.Max(rest, done > 0 ? Least * done : 0);
    }

    /// <summary>How likely the whole is over, by the logarithm of the time to the median.</summary>
    private static double OverBy(double distance, double below, double above)
    {
        var spread = distance < 0 ? below : above;
        return spread <= 0 ? (distance < 0 ? 0 : 1) : Normal.CDF(0, 1, distance / spread);
    }
}
