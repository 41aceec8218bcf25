using System.Globalization;

namespace Orchestrator.Agent.Processes;

/// <summary>A process for good: ids are used again, but not with the same start time in one boot.</summary>
internal readonly record struct ProcessIdentity(int Id, long StartTicks)
{
    public bool IsAlive => ProcessStat.Read(Id) is { IsAlive: true } now && now.StartTicks == StartTicks;

    /// <summary>Reads the pid file that the wrapper wrote: id and start time. Null when it is not there, or revoked.</summary>
    public static ProcessIdentity? FromFile(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var words = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
        return words.Length == 2
            && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? new(id, start)
            : null;
    }
}
