using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;

namespace Orchestrator.CheckpointStore;

/// <summary>
/// Checkpoints of simulations whose bytes are in the store of the data directory: <c>NAME.manifest</c> says under which id. The directory <c>NAME/</c> may go then, and is brought
/// back for a restart.
/// </summary>
public static partial class CheckpointCopies
{
    /// <summary>The store, relative to the data directory.</summary>
    public const string StoreDirectory = "checkpoint-store";
    private const int NameLengthMax = 100;

    /// <summary>Puts a checkpoint into the store and writes the manifest. A repeat gives the manifest that is there.</summary>
    /// <exception cref="StoreFullException">There is no room.</exception>
    /// <exception cref="IOException">A file could not be read, changed or vanished meanwhile, or could not be written.</exception>
    public static Task<SealedCheckpoint> SealAsync(
        string dataDirectory, AttemptId attempt, string directory, IEnumerable<ManifestFile> appended, CancellationToken cancellationToken = default) =>
        Apart(() => Seal(dataDirectory, attempt, directory, appended, cancellationToken), cancellationToken);

    /// <summary>
    /// Removes a checkpoint from the store, when its manifest says that it is there. To be called before the manifest goes. Only what belongs to the stage of the checkpoint is
    /// removed, whatever the manifest says. Space comes back with <see cref="CollectAsync"/>, which may take long. A repeat changes nothing.
    /// </summary>
    /// <returns>Whether there is anything to collect.</returns>
    /// <exception cref="IOException">The store does not answer; a repeat goes on.</exception>
    public static bool Delete(string dataDirectory, CheckpointRecord checkpoint)
    {
        var path = CheckpointFiles.DirectoryOf(dataDirectory, checkpoint) + CheckpointFiles.ManifestSuffix;
        if (!File.Exists(path) || !Directory.Exists(Path.Combine(dataDirectory, StoreDirectory)))
        {
            return false;
        }

        string? id;
        try
        {
            id = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(path), CheckpointFiles.Json)!.Stored;
        }
        catch (JsonException)
        {
            // Damaged; collection finds in the store what it stood for.
            return false;
        }

        if (id is null || !CheckpointId.TryParse(id, out var name, out _) || name != NameOf(checkpoint.Attempt))
        {
            return false;
        }

        ChunkStore.Open(new DirectoryFiles(Path.Combine(dataDirectory, StoreDirectory))).Forget(id);
        return true;
    }

    /// <summary>
    /// Gives back the space of what no checkpoint needs any more, beside whoever writes and restores; and forgets checkpoints that were stored from a run directory and that nothing
    /// there names: their agent died between the two, or their attempt was discarded. Null: there is no store.
    /// </summary>
    /// <param name="dataDirectory">Where the store is.</param>
    /// <param name="before">Only what was stored before is forgotten so: what is younger may get its name yet.</param>
    /// <param name="cancellationToken">Gives up; what was done so far stays done.</param>
    /// <exception cref="StoreBusyException">Somebody else collects.</exception>
    /// <exception cref="IOException">The store does not answer, or says why it collects nothing.</exception>
    public static Task<CollectResult?> CollectAsync(string dataDirectory, DateTimeOffset before, CancellationToken cancellationToken = default) => Apart(
        () =>
        {
            if (!Directory.Exists(Path.Combine(dataDirectory, StoreDirectory)))
            {
                return null;
            }

            var store = Open(dataDirectory);
            ForgetNameless(store, dataDirectory, before);
            return store.Collect(cancellationToken);
        },
        cancellationToken);

    /// <summary>The same on the other tier; null: none is set, or it is not to be had. A tier that hangs holds up whoever asks: nobody should wait for this one.</summary>
    /// <inheritdoc cref="CollectAsync"/>
    public static Task<CollectResult?> CollectFarAsync(string dataDirectory, DateTimeOffset before, CancellationToken cancellationToken = default) => Apart(
        () =>
        {
            if (TryOpenFar(dataDirectory) is not { } far)
            {
                return null;
            }

            ForgetNameless(far, dataDirectory, before);
            return far.Collect(cancellationToken);
        },
        cancellationToken);

    private static void ForgetNameless(ChunkStore store, string dataDirectory, DateTimeOffset before)
    {
        // Another machine may know the same files by another path; where nothing looks like ours, nothing is ours to judge.
        var runs = Path.Combine(Path.GetFullPath(dataDirectory), "runs") + Path.DirectorySeparatorChar;
        if (!Directory.Exists(runs))
        {
            return;
        }

        foreach (var found in store.List())
        {
            if (found is { Pinned: false, Checkpoint: { } checkpoint } && checkpoint.TakenAt < before && checkpoint.Source.StartsWith(runs, StringComparison.Ordinal)
                && !IsNamed(checkpoint.Source + CheckpointFiles.ManifestSuffix, found.Id))
            {
                store.Forget(found.Id);
            }
        }
    }

    /// <summary>Whether a manifest is there that says so; one that cannot be read may do, or one whose whole directory is away.</summary>
    private static bool IsNamed(string manifest, string id)
    {
        try
        {
            if (!File.Exists(manifest))
            {
                return !Directory.Exists(Path.GetDirectoryName(manifest));
            }

            return JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(manifest), CheckpointFiles.Json)?.Stored == id;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return true;
        }
    }

    /// <summary>What the checkpoints of a stage are called in the store.</summary>
    public static string NameOf(AttemptId attempt)
    {
        var name = new StringBuilder();
        foreach (var letter in $"{attempt.Simulation}.{attempt.Stage}")
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '@' or '+' or '-' ? letter : '_');
        }

        // Two that only differ in what was replaced, or behind the end, are still two.
        var exact = $"{attempt.Simulation}/{attempt.Stage}";
        if (name.Length > NameLengthMax || name.ToString() != $"{attempt.Simulation}.{attempt.Stage}")
        {
            name.Length = Math.Min(name.Length, NameLengthMax - 17);
            name.Append('.').Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(exact)))[..16]);
        }

        return name.ToString();
    }

    internal static async Task<string?> FindDamageAsync(string dataDirectory, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var id = manifest.Stored!;
        return await Apart(
            () =>
            {
                try
                {
                    var store = Open(dataDirectory);
                    Require(store, manifest);
                    return store.Verify(id, cancellationToken: cancellationToken).Damaged.GetValueOrDefault(id) is not { } damage || IsWholeFar(dataDirectory, manifest, cancellationToken) ? null : damage;
                }
                catch (StoreException) when (IsWholeFar(dataDirectory, manifest, cancellationToken))
                {
                    return null;
                }
            },
            cancellationToken);
    }

    private static bool IsWholeFar(string dataDirectory, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            if (TryOpenFar(dataDirectory) is not { } far || !far.Contains(manifest.Stored!))
            {
                return false;
            }

            Require(far, manifest);
            return far.Verify(manifest.Stored!, cancellationToken: cancellationToken).Damaged.Count == 0;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The store on the other tier; null where none is set, or it is not to be had at present.</summary>
    private static ChunkStore? TryOpenFar(string dataDirectory)
    {
        try
        {
            return StoreSettings.Read(dataDirectory).FlushTo is { } far && Directory.Exists(far) ? ChunkStore.Open(new DirectoryFiles(far)) : null;
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static SealedCheckpoint Seal(string dataDirectory, AttemptId attempt, string directory, IEnumerable<ManifestFile> appended, CancellationToken cancellationToken)
    {
        var store = ChunkStore.Open(new DirectoryFiles(Path.Combine(dataDirectory, StoreDirectory)), create: true);
        var path = directory + CheckpointFiles.ManifestSuffix;
        if (File.Exists(path))
        {
            var bytes = File.ReadAllBytes(path);
            if (JsonSerializer.Deserialize<CheckpointManifest>(bytes, CheckpointFiles.Json) is { Stored: { } known } there && store.Contains(known))
            {
                return new() { ManifestPath = path, ManifestHash = Convert.ToHexStringLower(SHA256.HashData(bytes)), Bytes = there.StoredBytes, Stored = known };
            }
        }

        var settings = StoreSettings.Read(dataDirectory);
        var put = store.Put(
            new() { Name = NameOf(attempt), Path = directory, Kind = CheckpointKind.Incremental, Quota = settings.Quota, LeaveFree = settings.LeaveFree }, cancellationToken);
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new CheckpointManifest
            {
                Appended = [.. appended.OrderBy(static file => file.Name, StringComparer.Ordinal)],
                Stored = put.Checkpoint.Id,
                StoredHash = put.ManifestHash,
                StoredBytes = put.Checkpoint.Bytes,
            },
            CheckpointFiles.Json);
        DurableFile.WriteByRename(path, manifest);

        // An earlier try that died before this line stored the same; nothing will ever name it.
        foreach (var earlier in store.List().Where(earlier => earlier.Name == put.Checkpoint.Name && earlier.Id != put.Checkpoint.Id && earlier.Checkpoint?.Source == put.Checkpoint.Source).ToList())
        {
            store.Forget(earlier.Id);
        }

        return new() { ManifestPath = path, ManifestHash = Convert.ToHexStringLower(SHA256.HashData(manifest)), Bytes = put.Checkpoint.Bytes, Stored = put.Checkpoint.Id };
    }

    private static int Count(DirectoryInfo directory) =>
        directory.EnumerateFileSystemInfos().Sum(static entry => entry is DirectoryInfo { LinkTarget: null } below ? 1 + Count(below) : 1);

    /// <exception cref="StoreException">There is no store: it is not mounted, or somebody moved all of it away. That is no damage of a checkpoint.</exception>
    private static ChunkStore Open(string dataDirectory)
    {
        try
        {
            return ChunkStore.Open(new DirectoryFiles(Path.Combine(dataDirectory, StoreDirectory)));
        }
        catch (NoSuchCheckpointException missing)
        {
            throw new StoreException(missing.Message, missing);
        }
    }

    /// <summary>On a thread of its own: the store blocks.</summary>
    private static Task<T> Apart<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
