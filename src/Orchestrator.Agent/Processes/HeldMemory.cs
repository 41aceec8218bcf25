using System.Globalization;

namespace Orchestrator.Agent.Processes;

/// <summary>
/// Memory that a process takes from others: anonymous and shared memory that is resident, the latter by its part of it. Files that it mapped do not count: the kernel takes those pages
/// back when it needs them.
/// </summary>
internal static class HeldMemory
{
    /// <summary>Bytes; 0 where the process is gone or belongs to somebody else.</summary>
    public static long Of(int id) =>
        Read(id, "smaps_rollup", "Pss_Anon:", "Pss_Shmem:") is > 0 and var proportional ? proportional : Read(id, "status", "RssAnon:", "RssShmem:");

    private static long Read(int id, string file, string first, string second)
    {
        try
        {
            return Sum(File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}")), first, second);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

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
}
