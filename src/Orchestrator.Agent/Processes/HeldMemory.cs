using System.Globalization;

namespace Orchestrator.Agent.Processes;

/// <summary>
/// Memory that a process takes from others: anonymous and shared memory that is resident, the latter by its part of it. Files that it mapped do not count: the kernel takes those pages
/// back when it needs them.
/// </summary>
internal static class HeldMemory
{
    /// <summary>
    /// Bytes; 0 where the process is gone. The kernel walks all pages of the process for it, and holds up what maps memory meanwhile: ask <see cref="AtMost"/> first.
    /// </summary>
    public static long Of(int id) => AtMost(id) is > 0 and var most ? Of(Lines(id, "smaps_rollup"), most) : 0;

    /// <summary>Bytes, never less than <see cref="Of(int)"/> and read at once; what several processes share counts whole for each of them. 0 where the process is gone.</summary>
    public static long AtMost(int id) => Sum(Lines(id, "status"), "RssAnon:", "RssShmem:");

    /// <summary>
    /// From the lines of <c>smaps_rollup</c>. Before Linux 5.4 these tell the part of all that is mapped, files too: neither that nor the sum of the whole is too little, so the lesser
    /// counts. Otherwise the ranks of one node, which share much, would seem to use it once each.
    /// </summary>
    /// <param name="rollup">None where it belongs to somebody else, or the kernel has no such file.</param>
    /// <param name="most">As <see cref="AtMost"/>.</param>
    internal static long Of(IReadOnlyCollection<string> rollup, long most) =>
        rollup.Any(static line => line.StartsWith("Pss_Anon:", StringComparison.Ordinal)) ? Sum(rollup, "Pss_Anon:", "Pss_Shmem:")
        : rollup.Any(static line => line.StartsWith("Pss:", StringComparison.Ordinal)) ? Math.Min(most, Sum(rollup, "Pss:", "Pss:"))
        : most;

    /// <summary>Lines as <c>Pss_Anon:   1234 kB</c>.</summary>
    internal static long Sum(IEnumerable<string> lines, string first, string second)
    {
        long bytes = 0;
        foreach (var line in lines)
        {
            var name = line.StartsWith(first, StringComparison.Ordinal) ? first : line.StartsWith(second, StringComparison.Ordinal) ? second : null;
            if (name is not null && line.EndsWith(" kB", StringComparison.Ordinal) && long.TryParse(line.AsSpan(name.Length, line.Length - name.Length - 3).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes))
            {
                bytes += kilobytes * 1024;
            }
        }

        return bytes;
    }

    private static string[] Lines(int id, string file)
    {
        try
        {
            return File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
