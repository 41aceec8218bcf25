using Orchestrator.CheckpointStore.Compression;

namespace Orchestrator.Cli.Machine;

/// <summary>By what checkpoints can be compressed here.</summary>
internal static class CompressionCheck
{
    public static Finding All()
    {
        var ways = CompressionChoice.Detect();
        var here = string.Join(", ", ways.Where(way => way.Version is not null).Select(way => way.Version!.Length > 0 ? $"{way.Name} {way.Version}" : way.Name));
        var missing = ways.Where(way => way.Version is null).Select(way => way.Name).ToList();
        return missing.Count == 0
            ? Finding.Ok("compression", here)
            : Finding.Warn("compression", $"{here}; {string.Join(" and ", missing)} is refused, since the library is missing (Debian: libzstd1, liblz4-1)");
    }
}
