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

    /// <summary>Null when there is none, or one without a whole status: a full disk and a fall of the machine leave empty files, which must not pass for success.</summary>
    public static ExitRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var record = new ExitRecord { EndedAt = File.GetLastWriteTimeUtc(path) };
        var isWhole = false;
        // What follows the last end of a line may have been cut short.
        foreach (var line in File.ReadAllText(path).Split('\n')[..^1])
        {
            switch (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                case ["status", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status):
                    record = record with { Status = status };
                    isWhole = true;
                    break;
                case ["read_bytes:", var text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read):
                    record = record with { BytesRead = read };
                    break;
                case ["write_bytes:", var text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var written):
                    record = record with { BytesWritten = written };
                    break;
                case [var user, var system] when Time(user) is { } first && Time(system) is { } second:
                    record = record with { CpuTime = record.CpuTime + first + second };
                    break;
                default:
                    break;
            }
        }

        return isWhole ? record : null;
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
