using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>When the first process of this session was started: in a batch job that is the job.</summary>
internal static class SessionStart
{
    private const int SessionField = 6;
    private const int StartField = 22;

    /// <summary>Ticks of the kernel's interface: 100 a second on every Linux that .NET knows.</summary>
    private const double TicksPerSecond = 100;

    /// <returns>Null: this is no Linux, or the process is gone.</returns>
    public static DateTimeOffset? Read()
    {
        try
        {
            var boot = File.ReadLines("/proc/stat").First(static line => line.StartsWith("btime ", StringComparison.Ordinal))["btime ".Length..];
            var ticks = Field(Field("self", SessionField), StartField);
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(boot, CultureInfo.InvariantCulture)).AddSeconds(long.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>By its number from 1, as the manual counts. The second is a name in brackets, with blanks perhaps.</summary>
    private static string Field(string process, int number)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        var after = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return number - 3 < after.Length ? after[number - 3] : throw new FormatException("too short");
    }
}
