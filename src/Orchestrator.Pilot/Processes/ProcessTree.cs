using System.Globalization;
using System.Text;

namespace Orchestrator.Pilot.Processes;

/// <summary>Finds processes by a mark in their environment, which also those keep that left their group and lost their parents.</summary>
internal static class ProcessTree
{
    /// <summary>Ids of living processes by the first entry of their environment that starts so.</summary>
    public static Dictionary<string, List<int>> ByEntry(string entryStart)
    {
        var wanted = Encoding.UTF8.GetBytes(entryStart);
        var found = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                if (EntryOf(File.ReadAllBytes($"{folder}/environ"), wanted) is { } entry)
                {
                    if (!found.TryGetValue(entry, out var ids))
                    {
                        found.Add(entry, ids = []);
                    }

                    ids.Add(id);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or another user's: neither is one of ours.
            }
        }

        return found;
    }

    /// <summary>Kills all that have such an entry, and those that they start meanwhile.</summary>
    /// <returns>How many were found at first.</returns>
    public static int Kill(string entryStart)
    {
        var first = -1;
        for (var round = 0; round < 20; round++)
        {
            var found = ByEntry(entryStart).Values.SelectMany(static ids => ids).ToList();
            first = first < 0 ? found.Count : first;
            if (found.Count == 0)
            {
                break;
            }

            foreach (var id in found)
            {
                _ = Native.SendSignal(id, Native.Kill);
            }
        }

        return Math.Max(0, first);
    }

    private static string? EntryOf(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> wanted)
    {
        for (var from = 0; from < environment.Length;)
        {
            var at = environment[from..].IndexOf(wanted);
            if (at < 0)
            {
                return null;
            }

            at += from;
            if (at == 0 || environment[at - 1] == 0)
            {
                var entry = environment[at..];
                return Encoding.UTF8.GetString(entry.IndexOf((byte)0) is >= 0 and var end ? entry[..end] : entry);
            }

            from = at + 1;
        }

        return null;
    }
}
