namespace Orchestrator.Core.Checkpoints;

/// <summary>
/// How much work lies between two checkpoints at best, when failures strike with exponentially distributed times
/// between them. Young 1974 gives the first order, Daly 2006 the higher order that stays good when a checkpoint
/// costs a sizeable part of the time between failures.
/// </summary>
public static class CheckpointInterval
{
    /// <summary>sqrt(2 d M).</summary>
    /// <param name="cost">d, the time one checkpoint takes; not negative.</param>
    /// <param name="meanTimeBetweenFailures">M, of the whole attempt: a gang fails as often as its nodes together; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is outside its range.</exception>
    public static TimeSpan Young(TimeSpan cost, TimeSpan meanTimeBetweenFailures)
    {
        Check(cost, meanTimeBetweenFailures);
        return Ticks(Math.Sqrt(2.0 * cost.Ticks * meanTimeBetweenFailures.Ticks));
    }

    /// <summary>sqrt(2 d M) [1 + 1/3 sqrt(d / 2M) + 1/9 (d / 2M)] - d for d &lt; 2M, else M.</summary>
    /// <param name="cost">d, the time one checkpoint takes; not negative.</param>
    /// <param name="meanTimeBetweenFailures">M, of the whole attempt; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is outside its range.</exception>
    public static TimeSpan Daly(TimeSpan cost, TimeSpan meanTimeBetweenFailures)
    {
        Check(cost, meanTimeBetweenFailures);
        double d = cost.Ticks;
        double m = meanTimeBetweenFailures.Ticks;
        if (d >= 2 * m)
        {
            return meanTimeBetweenFailures;
        }

        var part = d / (2 * m);
        return Ticks((Math.Sqrt(2 * d * m) * (1 + (Math.Sqrt(part) / 3) + (part / 9))) - d);
    }

    /// <summary>
    /// Expected wall time over time of useful work, M e^(R/M) (e^((tau+d)/M) - 1) / tau: 1 is no loss at all,
    /// and positive infinity is what no machine would finish.
    /// </summary>
    /// <param name="interval">tau, useful work between two checkpoints; above zero.</param>
    /// <param name="cost">d, the time one checkpoint takes; not negative.</param>
    /// <param name="restart">R, from a failure until work goes on from the checkpoint; not negative.</param>
    /// <param name="meanTimeBetweenFailures">M, of the whole attempt; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is outside its range.</exception>
    public static double ExpectedWallTimeRatio(TimeSpan interval, TimeSpan cost, TimeSpan restart, TimeSpan meanTimeBetweenFailures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(restart, TimeSpan.Zero);
        Check(cost, meanTimeBetweenFailures);
        double m = meanTimeBetweenFailures.Ticks;
        double tau = interval.Ticks;
        var half = (tau + cost.Ticks) / m / 2;

        // e^x - 1 = 2 e^(x/2) sinh(x/2), which keeps its digits when failures are so rare that e^x is nearly 1.
        return m / tau * Math.Exp(restart.Ticks / m) * 2 * Math.Exp(half) * Math.Sinh(half);
    }

    private static void Check(TimeSpan cost, TimeSpan meanTimeBetweenFailures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(meanTimeBetweenFailures, TimeSpan.Zero);
    }

    private static TimeSpan Ticks(double ticks) => ticks >= TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new((long)Math.Round(ticks));
}
