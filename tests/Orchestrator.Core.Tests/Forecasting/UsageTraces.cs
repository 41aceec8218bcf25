using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Forecasting;

/// <summary>Use of real machines as series.</summary>
internal static class UsageTraces
{
    private static readonly DateTimeOffset Epoch = new(1996, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Processor hours of a machine by month.</summary>
    public static TimeSeries Monthly(string machine) => new SeriesBuilder(SeriesStep.Month).Build(machine, Traces.Rows("usage-monthly.csv.gz").Where(row => row("trace").StartsWith(machine, StringComparison.Ordinal))
        .Select(static row => new SeriesPoint(DateTimeOffset.Parse(row("month_utc") + "-01", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), double.Parse(row("proc_hours_used"), CultureInfo.InvariantCulture))));

    /// <summary>Processor hours of each user by the day of submission; users who came less than <paramref name="daysMin"/> days before the end are left out.</summary>
    public static ImmutableArray<TimeSeries> DailyByUser(string trace, int daysMin)
    {
        var users = new SortedDictionary<string, List<SeriesPoint>>(StringComparer.Ordinal);
        var newest = Epoch;
        foreach (var row in Traces.Rows(trace))
        {
            var moment = Epoch.AddSeconds(double.Parse(row("submit"), CultureInfo.InvariantCulture));
            newest = moment > newest ? moment : newest;
            if (!users.TryGetValue(row("user"), out var points))
            {
                users[row("user")] = points = [];
            }

            points.Add(new SeriesPoint(moment, double.Parse(row("run"), CultureInfo.InvariantCulture) * double.Parse(row("procs"), CultureInfo.InvariantCulture) / 3600));
        }

        var builder = new SeriesBuilder(SeriesStep.Day, missing: MissingSteps.Zero);
        return [.. users.Select(each => builder.Build(each.Key, each.Value, newest)).Where(series => series.Values.Length >= daysMin)];
    }
}
