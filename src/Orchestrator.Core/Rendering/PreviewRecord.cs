using System.Collections.Immutable;

namespace Orchestrator.Core.Rendering;

/// <summary>A preview that a program wrote.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.preview-record")]
public sealed record PreviewRecord
{
    /// <summary>In percent of the final quality, as its name says.</summary>
    [Id(0)] public int Level { get; init; }

    /// <summary>The file or directory, relative to the data directory.</summary>
    [Id(1)] public string Path { get; init; } = "";

    /// <summary>0 to 1, as the program said; by its level where it did not.</summary>
    [Id(2)] public double Quality { get; init; }

    /// <summary>The epoch of the attempt that made it.</summary>
    [Id(3)] public int Epoch { get; init; }

    /// <summary>The order of this attempt that it answers; 0: the program made it by itself.</summary>
    [Id(4)] public long Order { get; init; }

    [Id(5)] public DateTimeOffset MadeAt { get; init; }

    /// <summary>What it took of the program's time; null: not known.</summary>
    [Id(6)] public TimeSpan? Cost { get; init; }

    /// <summary>Bytes; -1 while unknown.</summary>
    [Id(7)] public long Size { get; init; } = -1;
}

/// <summary>The previews of a stage.</summary>
public static class PreviewRegistry
{
    /// <summary>So many are kept on record; of those that have to go, the oldest of which there is a newer one of the same level, if there is one.</summary>
    public const int Max = 32;

    /// <summary>The newest word on each file, in the order in which they were made.</summary>
    public static ImmutableArray<PreviewRecord> Add(ImmutableArray<PreviewRecord> known, PreviewRecord made)
    {
        ImmutableArray<PreviewRecord> all = [.. known.Where(other => other.Path != made.Path), made];
        if (all.Length <= Max)
        {
            return all;
        }

        var superseded = all.FirstOrDefault(old => all.Last(other => other.Level == old.Level) != old);
        return all.Remove(superseded ?? all[0]);
    }

    /// <summary>The best one first, of equal ones the newest.</summary>
    public static ImmutableArray<PreviewRecord> BestFirst(ImmutableArray<PreviewRecord> previews) =>
        [.. previews.OrderByDescending(static preview => preview.Quality).ThenByDescending(static preview => preview.MadeAt)];
}
