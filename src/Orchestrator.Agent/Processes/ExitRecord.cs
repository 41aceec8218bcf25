using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Agent.Processes;

/// <summary>What the wrapper left when the program had ended.</summary>
internal sealed partial record ExitRecord
{
    /// <summary>As the shell says it: 128 and the number for a signal.</summary>
    public int Status { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Of all processes that were waited for.</summary>
    public TimeSpan CpuTime { get; init; }

    public long BytesRead { get; init; }

    public long BytesWritten { get; init; }

    /// <summary>The number of the signal that ended the program, by the shell's convention; null when it exited.</summary>
    public int? Signal => Status is > 128 and < 128 + 32 ? Status - 128 : null;

    /// <summary>Null when there is none.</summary>
    public static ExitRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var record = new ExitRecord { EndedAt = File.GetLastWriteTimeUtc(path) };
        foreach (var line in File.ReadLines(path))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            record = words switch
            {
                ["status", var status] => record with { Status = int.Parse(status, CultureInfo.InvariantCulture) },
                ["read_bytes:", var bytes] => record with { BytesRead = long.Parse(bytes, CultureInfo.InvariantCulture) },
                ["write_bytes:", var bytes] => record with { BytesWritten = long.Parse(bytes, CultureInfo.InvariantCulture) },
                [var user, var system] when Time(user) is { } first && Time(system) is { } second => record with { CpuTime = record.CpuTime + first + second },
                _ => record,
            };
        }

        return record;
    }

    /// <summary>As <c>times</c> prints it: 1m2.500000s.</summary>
    private static TimeSpan? Time(string text)
    {
        var match = TimesShape().Match(text);
        return match.Success
            ? TimeSpan.FromMinutes(double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
                + TimeSpan.FromSeconds(double.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : null;
    }

    [GeneratedRegex("^([0-9]+)m([0-9.]+)s$")]
    private static partial Regex TimesShape();
}
