namespace Orchestrator.Core.Failures;

/// <summary>Distributions that were fitted to what happened, by maximum likelihood.</summary>
public static class FailureFit
{
    private const double ShapeMin = 0.01;
    private const double ShapeMax = 100;

    /// <summary>The Weibull distribution under which these times between failures are most likely.</summary>
    /// <param name="intervals">Times between two failures; those of zero (two reports of one failure) are left out. At least two that differ.</param>
    /// <param name="survived">Times for which something has not failed yet: they count as longer than that.</param>
    /// <exception cref="ArgumentException">Too few intervals, all the same, or a negative one.</exception>
    public static TimeDistribution.Weibull Weibull(IEnumerable<TimeSpan> intervals, IEnumerable<TimeSpan>? survived = null)
    {
        var failed = Positive(intervals, nameof(intervals));
        var all = new List<double>(failed);
        all.AddRange(survived is null ? [] : Positive(survived, nameof(survived)));
        if (failed.Count < 2 || failed.TrueForAll(time => time == failed[0]))
        {
            throw new ArgumentException($"There are {failed.Count} intervals above zero; at least two that differ are needed.", nameof(intervals));
        }

        // In units of the longest, so that no power overflows.
        var unit = all.Max();
        var meanLog = 0.0;
        foreach (var time in failed)
        {
            meanLog += Math.Log(time / unit);
        }

        meanLog /= failed.Count;
        var logs = all.ConvertAll(time => Math.Log(time / unit));

        // The derivative of the likelihood by the shape grows with the shape: its zero is found by halving.
        double low = ShapeMin, high = ShapeMax;
        for (var step = 0; step < 100 && high - low > 1e-12 * high; step++)
        {
            var middle = (low + high) / 2;
            var (powers, byLog) = Powers(logs, middle);
            if ((byLog / powers) - (1 / middle) - meanLog > 0)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        var shape = (low + high) / 2;
        return new(shape, TimeSpan.FromSeconds(unit * Math.Pow(Powers(logs, shape).Sum / failed.Count, 1 / shape)));
    }

    /// <summary>The lognormal distribution under which these times are most likely, such as those of repairs.</summary>
    /// <param name="times">Those of zero are left out. At least two that differ.</param>
    /// <exception cref="ArgumentException">Too few, all the same, or a negative one.</exception>
    public static TimeDistribution.Lognormal Lognormal(IEnumerable<TimeSpan> times)
    {
        var logs = Positive(times, nameof(times)).ConvertAll(Math.Log);
        if (logs.Count < 2 || logs.TrueForAll(log => log == logs[0]))
        {
            throw new ArgumentException($"There are {logs.Count} times above zero; at least two that differ are needed.", nameof(times));
        }

        var mu = logs.Average();
        var squares = 0.0;
        foreach (var log in logs)
        {
            squares += (log - mu) * (log - mu);
        }

        return new(TimeSpan.FromSeconds(Math.Exp(mu)), Math.Sqrt(squares / logs.Count));
    }

    private static (double Sum, double ByLog) Powers(List<double> logs, double shape)
    {
        double sum = 0, byLog = 0;
        foreach (var log in logs)
        {
            var power = Math.Exp(shape * log);
            sum += power;
            byLog += power * log;
        }

        return (sum, byLog);
    }

    private static List<double> Positive(IEnumerable<TimeSpan> times, string name)
    {
        ArgumentNullException.ThrowIfNull(times, name);
        var found = new List<double>();
        foreach (var time in times)
        {
            if (time < TimeSpan.Zero)
            {
                throw new ArgumentException($"A time of {time} is negative; zero or more is allowed.", name);
            }

            if (time > TimeSpan.Zero)
            {
                found.Add(time.TotalSeconds);
            }
        }

        return found;
    }
}
