using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>
/// When this session began: in a batch job that is the job. Its leader may have ended, or live outside of the container
/// that this process sees (its number is 0 then); the oldest forebear of the same session that can be seen stands for it.
/// </summary>
internal static class SessionStart
{
    private const int ParentField = 4;
    private const int SessionField = 6;
    private const int StartField = 22;

    /// <summary>Ticks of the kernel's interface: 100 a second on every Linux that .NET knows.</summary>
    private const double TicksPerSecond = 100;

    /// <returns>Null: this is no Linux, or its process table cannot be read.</returns>
    public static DateTimeOffset? Read() => Read(static path => File.Exists(path) ? File.ReadAllText(path) : null);

    /// <param name="text">Of a file; null: it is not there.</param>
    internal static DateTimeOffset? Read(Func<string, string?> text)
    {
        try
        {
            var boot = (text("/proc/stat") ?? "").Split('\n').First(static line => line.StartsWith("btime ", StringComparison.Ordinal))["btime ".Length..];
            var ticks = long.Parse(Oldest(Stat(text, "self") ?? throw new FormatException("no process of its own"), text)[StartField], CultureInfo.InvariantCulture);
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(boot, CultureInfo.InvariantCulture)).AddSeconds(ticks / TicksPerSecond);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string[] Oldest(string[] self, Func<string, string?> text)
    {
        var session = self[SessionField];
        if (Stat(text, session) is { } leader)
        {
            return leader;
        }
        var oldest = self;
        while (Stat(text, oldest[ParentField]) is { } parent && parent[SessionField] == session)
        {
            oldest = parent;
        }
        return oldest;
    }

    /// <summary>By their numbers from 1, as the manual counts (0 is empty). The second is a name in brackets, with blanks perhaps. Null: there is no such process here.</summary>
    private static string[]? Stat(Func<string, string?> text, string process)
    {
        if (process == "0" || text($"/proc/{process}/stat") is not { } line)
        {
            return null;
        }

        string[] fields = ["", "", "", .. line[(line.LastIndexOf(')') + 2)..].Split(' ')];
        return fields.Length > StartField ? fields : throw new FormatException("too short");
    }
}
