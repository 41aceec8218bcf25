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
    public static DateTimeOffset? Read()
    {
        try
        {
            var boot = File.ReadLines("/proc/stat").First(static line => line.StartsWith("btime ", StringComparison.Ordinal))["btime ".Length..];
            var ticks = long.Parse(Oldest(Stat("self") ?? throw new FormatException("no process of its own"))[StartField], CultureInfo.InvariantCulture);
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(boot, CultureInfo.InvariantCulture)).AddSeconds(ticks / TicksPerSecond);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string[] Oldest(string[] self)
    {
        var session = self[SessionField];
        if (Stat(session) is { } leader)
        {
            return leader;
        }
        var oldest = self;
        while (Stat(oldest[ParentField]) is { } parent && parent[SessionField] == session)
        {
            oldest = parent;
        }
        return oldest;
    }

    /// <summary>By their numbers from 1, as the manual counts (0 is empty). The second is a name in brackets, with blanks perhaps. Null: there is no such process here.</summary>
    private static string[]? Stat(string process)
    {
        if (process == "0" || !File.Exists($"/proc/{process}/stat"))
        {
            return null;
        }
        var text = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = ["", "", "", .. text[(text.LastIndexOf(')') + 2)..].Split(' ')];
        return fields.Length > StartField ? fields : throw new FormatException("too short");
    }
}
