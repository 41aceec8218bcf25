using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Agent.Checkpoints;

/// <summary>A checkpoint directory that is in place, with what the program said of it.</summary>
internal sealed record FoundCheckpoint
{
    /// <summary>The name of its directory.</summary>
    public required string Name { get; init; }

    public required string Directory { get; init; }

    /// <summary>-1: not said.</summary>
    public long Step { get; init; } = -1;

    /// <summary>-1: not said.</summary>
    public double Progress { get; init; } = -1;

    public DateTimeOffset FirstWrite { get; init; }

    /// <summary>When its last byte was written.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The order that it answers; 0: none.</summary>
    public long Order { get; init; }

    /// <summary>What was asked for.</summary>
    public CheckpointKind Kind { get; init; } = CheckpointKind.Full;

    /// <summary>When that order was given.</summary>
    public DateTimeOffset? OrderedAt { get; init; }

    /// <summary>How long the files were that the program only appends to, as far as it is known.</summary>
    public IReadOnlyDictionary<string, long> Appended { get; init; } = new Dictionary<string, long>();

    /// <summary>What the program said of them.</summary>
    public IReadOnlyDictionary<string, long>? AppendedSaid { get; init; }

    /// <summary>Reads the times of its files.</summary>
    public static (DateTimeOffset First, DateTimeOffset Last) Times(string directory)
    {
        var top = new DirectoryInfo(directory);
        DateTime first = top.CreationTimeUtc, last = top.LastWriteTimeUtc;
        foreach (var file in top.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }))
        {
            first = file.CreationTimeUtc < first ? file.CreationTimeUtc : first;
            last = file.LastWriteTimeUtc > last ? file.LastWriteTimeUtc : last;
        }

        return (first < last ? first : last, last);
    }
}
