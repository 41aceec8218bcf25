using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Packs;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Restores one checkpoint beside its target, and gives it the name when it is whole and durable.</summary>
internal sealed class GetOperation(ChunkStore store, string id, string target, IProgress<StoreProgress>? progress) : IDisposable
{
    private const int Ahead = 64;
    private const string PartialSuffix = ".partial";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>More files than this are made durable by one call for their whole file system.</summary>
    private const int SyncedOneByOne = 64;

    private readonly BlockingCollection<Job> jobs = new(Ahead);
    private readonly Lock finding = new();
    private StoreIndex index = null!;
    private ExceptionDispatchInfo? failure;
    private long written, bytesRead, filesDone, total;

    public GetResult Run(CancellationToken cancellationToken)
    {
        using (this)
        {
            var full = Path.GetFullPath(target);
            if (File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any()))
            {
                throw new StoreException($"{full} exists and is not empty; name a directory that is missing or empty.");
            }

            using var lease = StoreLease.TakeToRead(store.Files, store.Options, id);
            var manifest = store.ReadManifest(id);
            if (manifest.Checkpoint.Kind == CheckpointKind.MetadataOnly)
            {
                throw new StoreException($"The checkpoint {id} holds names, sizes and times, and no bytes: it cannot be restored.");
            }

            total = manifest.Checkpoint.Bytes;
            index = StoreIndex.Load(store.Files);
            var partial = $"{full}.{lease.Id}{PartialSuffix}";
            RemoveLeftOver(full);

            // What is restored may be open to its owner alone, and gets its permissions only when it is whole.
            Directory.CreateDirectory(partial, OwnerOnly);
            try
            {
                Restore(manifest, partial, cancellationToken);
                if (Directory.Exists(full))
                {
                    Directory.Delete(full);
                }

                Directory.Move(partial, full);
                DurableFile.SyncDirectory(Path.GetDirectoryName(full)!);
            }
            catch
            {
                RemoveAll(partial);
                throw;
            }

            return new(manifest.Checkpoint, full, bytesRead);
        }
    }

    public void Dispose() => jobs.Dispose();

    /// <summary>What a restore to the same place left when it was killed: a whole checkpoint may lie there.</summary>
    private void RemoveLeftOver(string full)
    {
        var beginning = $"{Path.GetFileName(full)}.{StoreLease.ReadPrefix}";
        if (Path.GetDirectoryName(full) is not { } parent || !Directory.Exists(parent))
        {
            return;
        }

        var found = Directory.EnumerateDirectories(parent, "*" + PartialSuffix).Where(path => Path.GetFileName(path).StartsWith(beginning, StringComparison.Ordinal)).ToList();
        if (found.Count > 0)
        {
            var living = StoreLease.Living(store.Files, store.Options).Select(lease => lease.Record.Id).ToHashSet();
            found.Where(path => !living.Contains(Path.GetFileName(path)[(Path.GetFileName(full).Length + 1)..^PartialSuffix.Length])).ToList().ForEach(RemoveAll);
        }
    }

    private static void RemoveAll(string partial)
    {
        try
        {
            // Restored directories may be closed to their owner.
            foreach (var directory in Directory.EnumerateDirectories(partial, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Prepend(partial))
            {
                File.SetUnixFileMode(directory, OwnerOnly);
            }

            Directory.Delete(partial, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Why it failed matters more than what is left of it, under a name that says partial.
        }
    }

    private void Restore(Manifest manifest, string partial, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var threads = Math.Max(1, store.Options.Workers);
        var workers = Enumerable.Range(0, threads)
            .Select(_ => Task.Factory.StartNew(() => Work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var open = new List<RestoredFile>();
        var many = manifest.Checkpoint.Files > SyncedOneByOne;
        var (seen, directories) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal) { "" });
        try
        {
            foreach (var entry in manifest.Entries)
            {
                Require(entry, seen, directories);
                Begin(manifest, entry, At(partial, entry.Path), open, many, stop.Token);
            }
        }
        catch (OperationCanceledException) when (failure is not null)
        {
            // Thrown below.
        }
        catch
        {
            stop.Cancel();
            throw;
        }
        finally
        {
            jobs.CompleteAdding();
            Task.WaitAll(workers, CancellationToken.None);
            foreach (var file in open)
            {
                file.Dispose();
            }
        }

        failure?.Throw();
        stop.Token.ThrowIfCancellationRequested();
        if (many)
        {
            SyncAll(manifest, partial);
        }

        // Deepest first: a directory's time changes with what is put into it, and its permissions may not allow more.
        foreach (var entry in manifest.Entries.Where(entry => entry.Type == StoredEntryType.Directory).Reverse())
        {
            var path = At(partial, entry.Path);
            DurableFile.SyncDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)entry.Mode | (entry.Path.Length == 0 ? UnixFileMode.UserWrite | UnixFileMode.UserExecute : 0));
            Native.SetModified(path, entry.Modified);
        }
    }

    /// <summary>Everything lies in directories that this restore has made, under a name of its own: nothing is written through a link.</summary>
    private static void Require(StoredEntry entry, HashSet<string> seen, HashSet<string> directories)
    {
        var slash = entry.Path.LastIndexOf('/');
        var name = entry.Path[(slash + 1)..];
        var isTop = entry.Path.Length == 0 && entry.Type == StoredEntryType.Directory;
        if (!seen.Add(entry.Path) || !directories.Contains(entry.Path[..Math.Max(0, slash)]) || (!isTop && name is "" or "." or ".."))
        {
            throw new DamagedCheckpointException($"The manifest names '{entry.Path}', which lies in no directory of the checkpoint, or twice.");
        }

        if (entry.Type == StoredEntryType.Directory)
        {
            directories.Add(entry.Path);
        }
    }

    private static string At(string partial, string relative)
    {
        var path = relative.Length == 0 ? partial : Path.Combine(partial, relative);
        return relative.Split('/').Contains("..") || Path.IsPathRooted(relative)
            ? throw new DamagedCheckpointException($"The manifest names '{relative}', which lies outside of the checkpoint.")
            : path;
    }

    private void Begin(Manifest manifest, StoredEntry entry, string path, List<RestoredFile> open, bool many, CancellationToken stopped)
    {
        switch (entry.Type)
        {
            case StoredEntryType.Directory:
                Directory.CreateDirectory(path);
                return;
            case StoredEntryType.Link:
                File.CreateSymbolicLink(path, entry.Target!);
                Native.SetModified(path, entry.Modified);
                return;
            case StoredEntryType.File when entry.Chunks is not null:
                break;
            default:
                return;
        }

        var chunks = manifest.ChunksOf(entry);
        if (chunks.Sum(chunk => (long)chunk.Length) != entry.Size)
        {
            throw new DamagedCheckpointException($"The manifest of {id} is damaged: the chunks of {entry.Path} are not as long as the file.");
        }

        var file = new RestoredFile(path, entry, chunks.Count(chunk => !chunk.Hash.IsHole), durable: !many);
        open.RemoveAll(earlier => earlier.IsWhole);
        open.Add(file);
        long offset = 0;
        foreach (var chunk in chunks)
        {
            if (!chunk.Hash.IsHole)
            {
                jobs.Add(new(file, entry.Path, offset, chunk), stopped);
            }

            offset += chunk.Length;
        }

        file.Done();
        filesDone++;
    }

    private void Work(CancellationTokenSource stop)
    {
        using var reader = new ChunkReader(store.Files);
        try
        {
            foreach (var job in jobs.GetConsumingEnumerable(stop.Token))
            {
                var bytes = Read(reader, job);
                job.File.Write(job.Offset, bytes);
                progress?.Report(new(Interlocked.Add(ref written, bytes.Length), total, filesDone));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another thread, or the caller, tells why.
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(fault), null);
            stop.Cancel();
        }
        finally
        {
            Interlocked.Add(ref bytesRead, reader.Bytes);
        }
    }

    /// <summary>Reads a chunk from any place that has it. A collection may have moved it since the index was read; a damaged place is noted, and the next one tried.</summary>
    private ReadOnlySpan<byte> Read(ChunkReader reader, Job job)
    {
        var reason = "the store does not have it";
        IOException? unreadable = null;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            StoreIndex current;
            ChunkPlace place;
            string pack;
            lock (finding)
            {
                current = index;
                if (!current.TryGetReadable(job.Chunk.Hash, out place))
                {
                    break;
                }

                pack = current.Packs[place.Pack];
            }

            try
            {
                var bytes = reader.Read(pack, job.Chunk.Hash, place, out var damage);
                if (damage is null)
                {
                    return bytes.Length == job.Chunk.Length ? bytes : throw new DamagedCheckpointException($"The manifest of {id} is damaged at {job.Path}: a chunk has another length.");
                }

                (reason, unreadable) = (damage, reader.Unreadable);
                if (unreadable is null)
                {
                    DamageLog.Note(store, [DamageNote.Of(pack, place, job.Chunk.Hash)]);
                }
            }
            catch (FileNotFoundException)
            {
                (reason, unreadable) = ($"its pack {pack} is missing", null);
            }

            lock (finding)
            {
                if (ReferenceEquals(current, index))
                {
                    index = StoreIndex.Load(store.Files);
                }
            }
        }

        throw unreadable is not null
            ? new UnreadableCheckpointException($"The checkpoint {id} cannot be read: {job.Path}, {job.Chunk.Length} bytes at {job.Offset}: {reason}", unreadable)
            : new DamagedCheckpointException(
            $"The checkpoint {id} is damaged: {job.Path} lacks {job.Chunk.Length} bytes at {job.Offset}, chunk {job.Chunk.Hash.ToString()[..12]}: {reason}. An earlier checkpoint may be whole (`checkpoint verify` tells).");
    }

    private static void SyncAll(Manifest manifest, string partial)
    {
        using var any = File.OpenHandle(At(partial, manifest.Entries.First(entry => entry is { Type: StoredEntryType.File, Chunks: not null }).Path));
        if (Native.SyncFileSystem(any))
        {
            return;
        }

        foreach (var entry in manifest.Entries.Where(entry => entry is { Type: StoredEntryType.File, Chunks: not null }))
        {
            using var file = File.OpenHandle(At(partial, entry.Path));
            DurableFile.Sync(file);
        }
    }

    private readonly record struct Job(RestoredFile File, string Path, long Offset, ChunkReference Chunk);
}
