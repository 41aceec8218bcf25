using System.IO.Enumeration;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Storing;

/// <content>Goes through files and directories, and reads what may have changed.</content>
internal sealed partial class PutOperation
{
    /// <summary>File times count no finer on some file systems.</summary>
    private static readonly TimeSpan CoarsestTick = TimeSpan.FromSeconds(2);

    private void Walk(string source, FileReader reader, CancellationToken stopped)
    {
        var facts = Native.Look(source);
        if (facts.Type == FileType.Link)
        {
            // The path that was named may be a link; those below are kept as links.
            source = Path.GetFullPath(new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)!.FullName);
            facts = Native.Look(source);
        }

        if (facts.Type == FileType.Regular)
        {
            AddFile(source, Path.GetFileName(source), facts, reader);
            return;
        }

        AddDirectory(source, "", facts, reader, stopped);
    }

    private void AddDirectory(string path, string relative, FileFacts facts, FileReader reader, CancellationToken stopped)
    {
        entries.Add((new() { Path = relative, Type = StoredEntryType.Directory, Mode = (int)facts.Mode, Modified = facts.Modified }, null));
        var names = Directory.GetFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!).ToList();
        names.Sort(StringComparer.Ordinal);
        foreach (var name in names)
        {
            stopped.ThrowIfCancellationRequested();
            var (below, relativeBelow) = (Path.Combine(path, name), relative.Length == 0 ? name : $"{relative}/{name}");
            if (name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                throw new StoreException($"The name of {below} is not UTF-8, so the checkpoint would not have it as it is: rename it.");
            }

            var found = Native.Look(below);
            switch (found.Type)
            {
                case FileType.Directory:
                    AddDirectory(below, relativeBelow, found, reader, stopped);
                    break;
                case FileType.Link:
                    var target = new FileInfo(below).LinkTarget;
                    if (target?.Contains('\uFFFD', StringComparison.Ordinal) == true)
                    {
                        throw new StoreException($"Where the link {below} leads is not UTF-8, so the checkpoint would not have it as it is: change it.");
                    }

                    entries.Add((new() { Path = relativeBelow, Type = StoredEntryType.Link, Modified = found.Modified, Target = target }, null));
                    break;
                case FileType.Regular:
                    AddFile(below, relativeBelow, found, reader);
                    break;
                default:
                    skipped.Add(relativeBelow);
                    break;
            }
        }
    }

    private void AddFile(string path, string relative, FileFacts facts, FileReader reader)
    {
        var entry = Of(new() { Path = relative, Type = StoredEntryType.File }, facts);
        if (request.Kind == CheckpointKind.MetadataOnly || (request.Kind == CheckpointKind.CriticalState && !request.Critical.Any(glob => FileSystemName.MatchesSimpleExpression(glob, relative, ignoreCase: false))))
        {
            entries.Add((entry, null));
            return;
        }

        before.TryGetValue(relative, out var earlier);
        if (request.Kind == CheckpointKind.Incremental && earlier is not null && IsUnchanged(earlier, entry, out var same))
        {
            entries.Add((entry with { Chunks = same, Chunking = earlier.Chunking }, null));
            unchanged++;
            return;
        }

        // The same length: most likely the same array, changed in place, so cut where it was cut. Another one: cut in the same way.
        var cuts = earlier is null || earlier.Size != facts.Size ? [] : previous!.ChunksOf(earlier);
        var wish = request.Chunking == Chunking.Automatic && cuts.Length == 0 && earlier?.Chunking == Chunking.Fixed ? Chunking.Fixed : request.Chunking;
        for (var attempt = 1; ; attempt++)
        {
            var chunks = new FileChunks();
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            string change;
            try
            {
                var chunking = reader.Read(handle, facts, chunks, wish, cuts);
                var after = Native.Look(path);
                if (after.Size == facts.Size && after.Modified == facts.Modified && after.Inode == facts.Inode)
                {
                    readFiles++;
                    // How it was cut first: when it grows, the cuts of the version before no longer help.
                    entries.Add((entry with { Chunking = chunking == Chunking.Previous && earlier?.Chunking is Chunking.Fixed or Chunking.Content ? earlier!.Chunking : chunking }, chunks));
                    return;
                }

                change = "it changed while it was read";
            }
            catch (StoreException shorter) when (shorter.GetType() == typeof(StoreException))
            {
                change = shorter.Message;
            }

            if (attempt == 3)
            {
                throw new StoreException($"{path} cannot be stored: {change}. Store it when nobody writes it.");
            }

            facts = Native.Look(path);
            entry = Of(entry, facts);
        }
    }

    private static StoredEntry Of(StoredEntry entry, FileFacts facts) =>
        entry with { Mode = (int)facts.Mode, Modified = facts.Modified, Changed = facts.Changed, Size = facts.Size, Inode = facts.Inode, Device = facts.Device };

    /// <summary>
    /// Whether a file is the same, and was not touched: size, file, both its times; and last changed so long before the checkpoint before was begun that a change beside it would
    /// have given it another time (two seconds on the coarsest file systems).
    /// </summary>
    private bool IsUntouched(StoredEntry earlier, StoredEntry now) =>
        earlier.Modified == now.Modified && earlier.Changed == now.Changed && earlier.Inode == now.Inode && earlier.Device == now.Device
        && previous!.Checkpoint.BeganAt is { } then && DateTimeOffset.UnixEpoch.AddTicks(Math.Max(now.Modified, now.Changed) / TimeSpan.NanosecondsPerTick) < then - CoarsestTick;

    /// <summary>Whether a file is still the one of the checkpoint before, and the store has all of it in lasting places.</summary>
    private bool IsUnchanged(StoredEntry earlier, StoredEntry now, out byte[]? chunks)
    {
        chunks = null;
        var word = request.Unchanged?.Invoke(now.Path) ?? false;
        if (earlier.Size != now.Size || (!word && !IsUntouched(earlier, now)))
        {
            return false;
        }

        lock (index)
        {
            foreach (var chunk in previous!.ChunksOf(earlier))
            {
                if (!chunk.Hash.IsHole && !index.TryGetLasting(chunk.Hash, out _))
                {
                    return false;
                }
            }
        }

        chunks = earlier.Chunks;
        return true;
    }
}
