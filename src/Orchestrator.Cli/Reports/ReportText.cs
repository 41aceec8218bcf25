using System.Globalization;

namespace Orchestrator.Cli.Reports;

/// <summary>How reports spell times, numbers and names.</summary>
internal static class ReportText
{
    /// <summary>With thousands: <c>1,800</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Five digits.</summary>
    public static string Value(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>Bytes with a decimal unit: <c>373 kB</c>.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };

    /// <summary>UTC, to the second.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The key of a node without its prefix: <c>node-3</c> of <c>n-node-3</c>.</summary>
    public static string Node(string key) => key.StartsWith("n-", StringComparison.Ordinal) ? key[2..] : key;

    /// <summary>An enumeration's word as people read it: <c>node lost</c> of <c>NodeLost</c> or <c>nodeLost</c>.</summary>
    public static string Word(string name) =>
        string.Concat(name.Select(static (letter, index) => (index > 0 && char.IsAsciiLetterUpper(letter) ? " " : "") + char.ToLowerInvariant(letter)));

    /// <summary><c>1 checkpoint</c>, <c>2 checkpoints</c>, <c>3 processes</c>.</summary>
    public static string Of(long count, string noun, string? plural = null) => $"{Count(count)} {(count == 1 ? noun : plural ?? noun + "s")}";
}
