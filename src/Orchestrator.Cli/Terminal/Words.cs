using System.Globalization;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Terminal;

/// <summary>How commands spell what they print.</summary>
internal static class Words
{
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100):0} %");

    public static string Status<T>(T status) where T : struct, Enum => ReportText.Word(status.ToString());

    /// <summary><c>3 completed, 1 running</c>.</summary>
    public static string Counts(IEnumerable<KeyValuePair<string, long>> counts) =>
        string.Join(", ", counts.Where(static pair => pair.Value > 0).Select(static pair => $"{ReportText.Count(pair.Value)} {ReportText.Word(pair.Key)}")) is { Length: > 0 } text ? text : "none";

    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var value = (double)bytes;
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    /// <summary>The local time of day; with the date when it is another day.</summary>
    public static string Time(DateTimeOffset moment, DateTimeOffset now)
    {
        var local = moment.ToLocalTime();
        return local.ToString(local.Date == now.ToLocalTime().Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    public static string Ago(DateTimeOffset? moment, DateTimeOffset now) => moment is { } at ? DurationWords.Of(now > at ? now - at : TimeSpan.Zero) + " ago" : "never";
}
