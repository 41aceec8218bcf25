using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore;

/// <content>A checkpoint back from the store.</content>
public static partial class CheckpointCopies
{
    private const string FreshSuffix = ".fresh.partial";

    /// <summary>
    /// Makes sure that the directory of a checkpoint holds its files: compares them where they stayed, or brings them back from the store, each chunk proven. Null when all is well,
    /// else what is wrong with the checkpoint, as a sentence.
    /// </summary>
    /// <exception cref="UnreadableCheckpointException">It lies on a bad sector, or the like: the one before is the way on.</exception>
    /// <exception cref="IOException">It cannot be read or written here and now, which says nothing of the checkpoint.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static async Task<string?> BringBackAsync(string dataDirectory, CheckpointRecord checkpoint, CancellationToken cancellationToken = default)
    {
        var writes = false;
        try
        {
            var manifest = await CheckpointFiles.ReadManifestAsync(dataDirectory, checkpoint, cancellationToken);
            writes = manifest.Stored is not null;
            return !writes
                ? await CheckpointFiles.FindDamageAsync(dataDirectory, checkpoint, cancellationToken)
                : await Apart(() => BringBack(dataDirectory, checkpoint, manifest, cancellationToken), cancellationToken);
        }
        catch (Exception damage) when (CheckpointFiles.IsDamage(damage))
        {
            return damage.Message;
        }
        catch (IOException medium) when (medium is not StoreException && UnreadableCheckpointException.IsOfMedium(medium) && !writes)
        {
            throw new UnreadableCheckpointException($"The checkpoint {checkpoint.Name} cannot be read: {medium.Message}", medium);
        }
    }

    /// <summary>Removes what a restore that was cut off left beside the directory of a checkpoint.</summary>
    internal static void RemoveHalf(string directory)
    {
        if (Path.GetDirectoryName(directory) is { } parent && Directory.Exists(parent))
        {
            var beginning = Path.GetFileName(directory) + FreshSuffix;
            foreach (var half in Directory.EnumerateDirectories(parent).Where(path => Path.GetFileName(path).StartsWith(beginning, StringComparison.Ordinal)).ToList())
            {
                Directory.Delete(half, recursive: true);
            }
        }
    }

    /// <summary>From the store of the data directory; what that does not give whole, from the other tier, if there is one and it does.</summary>
    private static string? BringBack(string dataDirectory, CheckpointRecord checkpoint, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return BringBack(Open(dataDirectory), dataDirectory, checkpoint, manifest, cancellationToken);
        }
        catch (StoreException near) when (near is not StoreFullException && TryOpenFar(dataDirectory) is { } far && far.Contains(manifest.Stored!))
        {
            try
            {
                return BringBack(far, dataDirectory, checkpoint, manifest, cancellationToken);
            }
            catch (Exception alsoFar) when (alsoFar is DamagedCheckpointException or UnreadableCheckpointException or NoSuchCheckpointException)
            {
                ExceptionDispatchInfo.Throw(near);
                throw;
            }
        }
    }

    private static string? BringBack(ChunkStore store, string dataDirectory, CheckpointRecord checkpoint, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        var stored = Require(store, manifest);
        var directory = CheckpointFiles.DirectoryOf(dataDirectory, checkpoint);
        RemoveHalf(directory);
        if (Holds(directory, stored, cancellationToken))
        {
            return null;
        }

        // What the program left has changed, but stays until something whole can take its place.
        var fresh = directory + FreshSuffix;
        store.Get(manifest.Stored!, fresh, cancellationToken: cancellationToken);
        var before = directory + ".partial";
        if (Directory.Exists(directory))
        {
            if (Directory.Exists(before))
            {
                Directory.Delete(before, recursive: true);
            }

            Directory.Move(directory, before);
        }

        Directory.Move(fresh, directory);
        DurableFile.SyncDirectory(Path.GetDirectoryName(directory)!);
        if (Directory.Exists(before))
        {
            Directory.Delete(before, recursive: true);
        }

        return null;
    }

    /// <summary>Whether a directory holds just what was stored. One that cannot be read whole does not.</summary>
    private static bool Holds(string directory, Manifest stored, CancellationToken cancellationToken)
    {
        try
        {
            var entries = stored.Entries.Where(static entry => entry.Path.Length > 0).ToList();
            if (!Directory.Exists(directory) || Count(new(directory)) != entries.Count)
            {
                return false;
            }

            var buffer = new byte[1 << 20];
            return entries.TrueForAll(entry => Path.Combine(directory, entry.Path) is var path && entry.Type switch
            {
                StoredEntryType.Directory => new DirectoryInfo(path) is { Exists: true, LinkTarget: null },
                StoredEntryType.Link => new FileInfo(path).LinkTarget == entry.Target,
                StoredEntryType.File when entry.Chunks is not null => new FileInfo(path) is { Exists: true, LinkTarget: null } file && file.Length == entry.Size
                    && Holds(path, stored.ChunksOf(entry), buffer, cancellationToken),
                _ => false,
            });
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException && unreadable is not StoreException)
        {
            return false;
        }
    }

    private static bool Holds(string path, ChunkReference[] chunks, byte[] buffer, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var found = new byte[ChunkHash.Size];
        foreach (var chunk in chunks)
        {
            for (var left = chunk.Length; left > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = buffer.AsSpan(0, Math.Min(left, buffer.Length));
                file.ReadExactly(read);
                left -= read.Length;
                if (!chunk.Hash.IsHole)
                {
                    hash.AppendData(read);
                }
                else if (read.ContainsAnyExcept((byte)0))
                {
                    return false;
                }
            }

            if (!chunk.Hash.IsHole && (!hash.TryGetHashAndReset(found, out _) || new ChunkHash(found) != chunk.Hash))
            {
                return false;
            }
        }

        return true;
    }

    private static Manifest Require(ChunkStore store, CheckpointManifest manifest)
    {
        var stored = store.ReadManifest(manifest.Stored!, out var bytes);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != manifest.StoredHash)
        {
            throw new DamagedCheckpointException($"The manifest of {manifest.Stored} in the store is not the one that was written.");
        }

        return stored;
    }
}
