using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>What a directory holds, as text: two are alike exactly when these are equal.</summary>
internal static class Tree
{
    public static string Describe(string directory, bool times = true)
    {
        var lines = new StringBuilder();
        Describe(new DirectoryInfo(directory), "", times, lines);
        return lines.ToString();
    }

    private static void Describe(DirectoryInfo directory, string relative, bool times, StringBuilder lines)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = relative + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                lines.Append(name).Append(" -> ").Append(target).Append('\n');
                continue;
            }

            lines.Append(name).Append(' ').Append(entry.UnixFileMode).Append(' ').Append(times ? entry.LastWriteTimeUtc.Ticks : 0);
            if (entry is FileInfo file)
            {
                using var stream = file.OpenRead();
                lines.Append(' ').Append(file.Length).Append(' ').Append(Convert.ToHexStringLower(SHA256.HashData(stream)));
            }

            lines.Append('\n');
            if (entry is DirectoryInfo below)
            {
                Describe(below, name + "/", times, lines);
            }
        }
    }
}
