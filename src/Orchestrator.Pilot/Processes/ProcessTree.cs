using System.Globalization;
using System.Text;

namespace Orchestrator.Pilot.Processes;

/// <summary>Finds processes by a mark in their environment, which also those keep that left their group and lost their parents.</summary>
internal static class ProcessTree
{
    /// <summary>Ids of living processes whose environment has an entry that starts so.</summary>
    public static List<int> WithEnvironment(string entryStart)
    {
        var wanted = Encoding.UTF8.GetBytes(entryStart);
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                var environment = File.ReadAllBytes($"{folder}/environ");
                var at = environment.AsSpan().IndexOf(wanted);
                if (at == 0 || (at > 0 && environment[at - 1] == 0))
                {
                    found.Add(id);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or another user's: neither is one of ours.
            }
        }

        return found;
    }

    /// <summary>Kills all of them, and those that they start meanwhile.</summary>
    /// <returns>How many were found at first.</returns>
    public static int Kill(string entryStart)
    {
        var first = -1;
        for (var round = 0; round < 20; round++)
        {
            var found = WithEnvironment(entryStart);
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
}
