using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore;

/// <summary>
/// Checkpoints that stay where the program left them: <c>NAME/</c> with the manifest <c>NAME.manifest</c> beside it. The manifest appears by rename after everything in it
/// was read, so a checkpoint with a manifest was whole once.
/// </summary>
public static class CheckpointFiles
{
    public const string ManifestSuffix = ".manifest";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Hashes every file of the directory, makes them durable, and writes the manifest. A repeat on the same bytes gives the same manifest.</summary>
    /// <exception cref="IOException">A file could not be read, vanished meanwhile, or the manifest could not be written.</exception>
    public static Task<SealedCheckpoint> SealAsync(string directory, CancellationToken cancellationToken = default) => SealAsync(directory, [], cancellationToken);

    /// <summary>The same, with what files of the run were that are only appended to.</summary>
    public static async Task<SealedCheckpoint> SealAsync(string directory, IEnumerable<ManifestFile> appended, CancellationToken cancellationToken = default)
    {
        var files = new List<ManifestFile>();
        var folders = new List<string> { directory };
        foreach (var path in Enumerate(directory, folders))
        {
            files.Add(await DescribeStillAsync(directory, path, cancellationToken));
        }

        files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new CheckpointManifest { Files = [.. files], Appended = [.. appended.OrderBy(static file => file.Name, StringComparer.Ordinal)] }, Json);
        var manifestPath = directory + ManifestSuffix;
        folders.ForEach(DurableFile.SyncDirectory);
        DurableFile.WriteByRename(manifestPath, manifest);
        return new()
        {
            ManifestPath = manifestPath,
            ManifestHash = Convert.ToHexStringLower(SHA256.HashData(manifest)),
            Bytes = files.Sum(file => file.Size),
        };
    }

    /// <summary>The directory that holds the files of a checkpoint of the catalogue.</summary>
    public static string DirectoryOf(string dataDirectory, CheckpointRecord checkpoint)
    {
        var manifest = ManifestOf(dataDirectory, checkpoint);
        return manifest[..^ManifestSuffix.Length];
    }

    /// <summary>Reads every byte of the checkpoint and compares. Null when all match, else what is wrong, as a sentence.</summary>
    /// <exception cref="IOException">It cannot be read here and now, which says nothing of the checkpoint.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static async Task<string?> FindDamageAsync(string dataDirectory, CheckpointRecord checkpoint, CancellationToken cancellationToken = default) =>
        (await ExamineAsync(dataDirectory, checkpoint, cancellationToken)).Damage;

    /// <summary>The same, with a word for what is wrong.</summary>
    /// <exception cref="IOException">It cannot be read here and now, which says nothing of the checkpoint.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static async Task<CheckpointVerdict> ExamineAsync(string dataDirectory, CheckpointRecord checkpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var directory = DirectoryOf(dataDirectory, checkpoint);
        var hasManifest = false;
        try
        {
            var bytes = await File.ReadAllBytesAsync(directory + ManifestSuffix, cancellationToken);
            hasManifest = true;
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != checkpoint.ManifestHash)
            {
                return Found(CheckpointCondition.Corrupted, "Its manifest is not the one that the catalogue knows.");
            }

            var manifest = JsonSerializer.Deserialize<CheckpointManifest>(bytes, Json)!;
            if (manifest.Stored is not null)
            {
                return await CheckpointCopies.FindDamageAsync(dataDirectory, manifest, cancellationToken) is { } stored ? Found(CheckpointCondition.Corrupted, stored) : CheckpointVerdict.Valid;
            }

            foreach (var expected in manifest.Files)
            {
                var path = Path.Combine(directory, expected.Name);
                var found = await DescribeAsync(directory, path, durable: false, cancellationToken);
                if (found.Size != expected.Size)
                {
                    return Found(
                        found.Size < expected.Size ? CheckpointCondition.Incomplete : CheckpointCondition.Corrupted,
                        $"Its file {expected.Name} has {found.Size} bytes instead of {expected.Size}.");
                }

                if (found.Sha256 != expected.Sha256)
                {
                    return Found(CheckpointCondition.Corrupted, $"The bytes of its file {expected.Name} have changed.");
                }
            }

            return CheckpointVerdict.Valid;
        }
        catch (Exception damage) when (IsDamage(damage))
        {
            return Found(
                !hasManifest || damage is NoSuchCheckpointException ? CheckpointCondition.Missing
                : damage is FileNotFoundException or DirectoryNotFoundException ? CheckpointCondition.Incomplete
                : CheckpointCondition.Corrupted,
                damage.Message);
        }

        static CheckpointVerdict Found(CheckpointCondition condition, string damage) => new() { Condition = condition, Damage = damage };
    }

    /// <summary>
    /// Whether a failure says that a checkpoint is not what was written. All else, as a full disk, a mount that does not answer or missing rights, says something of this machine at
    /// this time: who took that for damage would throw away months for a moment.
    /// </summary>
    internal static bool IsDamage(Exception failure) =>
        failure is FileNotFoundException or DirectoryNotFoundException or JsonException or DamagedCheckpointException or NoSuchCheckpointException;

    /// <summary>What the manifest of a checkpoint says; its bytes are those that the catalogue knows.</summary>
    /// <exception cref="DamagedCheckpointException">It is another one.</exception>
    /// <exception cref="IOException">It is missing, or cannot be read.</exception>
    public static async Task<CheckpointManifest> ReadManifestAsync(string dataDirectory, CheckpointRecord checkpoint, CancellationToken cancellationToken = default)
    {
        var bytes = await File.ReadAllBytesAsync(ManifestOf(dataDirectory, checkpoint), cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == checkpoint.ManifestHash
            ? JsonSerializer.Deserialize<CheckpointManifest>(bytes, Json)!
            : throw new DamagedCheckpointException($"The manifest of {checkpoint.Name} is not the one that the catalogue knows.");
    }

    /// <summary>Copies a checkpoint to a directory that appears only whole, verified on the way.</summary>
    /// <returns>What is wrong with it, as a sentence, and nothing was copied; null: it is there.</returns>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static async Task<string?> CopyAsync(string dataDirectory, CheckpointRecord checkpoint, string target, CancellationToken cancellationToken = default)
    {
        if (await CheckpointCopies.BringBackAsync(dataDirectory, checkpoint, cancellationToken) is { } damage)
        {
            return damage;
        }

        var partial = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)) + ".partial";
        var manifest = await ReadManifestAsync(dataDirectory, checkpoint, cancellationToken);
        try
        {
            Directory.CreateDirectory(partial);
            foreach (var file in manifest.Files)
            {
                var copy = Path.Combine(partial, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(Path.Combine(DirectoryOf(dataDirectory, checkpoint), file.Name), copy, overwrite: true);
                if (await DescribeAsync(partial, copy, durable: true, cancellationToken) != file)
                {
                    return $"Its file {file.Name} changed while it was copied.";
                }
            }

            Directory.Move(partial, target);
            return null;
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
    }

    /// <summary>Removes a checkpoint: the manifest first, so that nothing half removed looks restorable. A repeat changes nothing.</summary>
    /// <exception cref="IOException">Something could not be removed; a repeat goes on.</exception>
    public static void Delete(string dataDirectory, CheckpointRecord checkpoint)
    {
        var directory = DirectoryOf(dataDirectory, checkpoint);
        if (!Directory.Exists(Path.GetDirectoryName(directory)))
        {
            return;
        }

        CheckpointCopies.Delete(dataDirectory, checkpoint);
        CheckpointCopies.RemoveHalf(directory);
        File.Delete(directory + ManifestSuffix);
        if (Directory.Exists(directory))
        {
            // Under this name nobody takes the rest for a checkpoint.
            var doomed = directory + ".partial";
            if (!Directory.Exists(doomed))
            {
                Directory.Move(directory, doomed);
            }
            else
            {
                Directory.Delete(directory, recursive: true);
            }
        }

        if (Directory.Exists(directory + ".partial"))
        {
            Directory.Delete(directory + ".partial", recursive: true);
        }
    }

    /// <summary>Size and SHA-256 of one file.</summary>
    public static async Task<ManifestFile> DescribeAsync(string directory, string path, bool durable, CancellationToken cancellationToken = default)
    {
        await using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
            BufferSize = 0,
        });
        var hash = await SHA256.HashDataAsync(stream, cancellationToken);
        if (durable)
        {
            DurableFile.Sync(stream.SafeFileHandle);
        }

        return new()
        {
            Name = Path.GetRelativePath(directory, path),
            Size = stream.Length,
            Sha256 = Convert.ToHexStringLower(hash),
        };
    }

    /// <summary>A manifest is to say what was there at one time: a file that somebody still writes is none to restore.</summary>
    private static async Task<ManifestFile> DescribeStillAsync(string directory, string path, CancellationToken cancellationToken)
    {
        var before = Native.Look(path);
        var described = await DescribeAsync(directory, path, durable: true, cancellationToken);
        var after = Native.Look(path);
        return before.Size == after.Size && before.Modified == after.Modified && before.Inode == after.Inode && (before.Type == FileType.Link || described.Size == after.Size)
            ? described
            : throw new IOException($"{path} changed while it was read: the checkpoint was not complete when it was called so.");
    }

    /// <summary>All regular files below, links to such too; links to directories are not followed. Pipes, sockets and devices hold nothing that could be restored.</summary>
    private static IEnumerable<string> Enumerate(string directory, List<string> folders)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo && entry.LinkTarget is null)
            {
                folders.Add(entry.FullName);
                foreach (var below in Enumerate(entry.FullName, folders))
                {
                    yield return below;
                }
            }
            else if (entry is FileInfo && Native.Look(entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? entry.FullName).Type == FileType.Regular)
            {
                yield return entry.FullName;
            }
        }
    }

    private static string ManifestOf(string dataDirectory, CheckpointRecord checkpoint)
    {
        var root = Path.GetFullPath(dataDirectory);
        var path = Path.GetFullPath(Path.Combine(root, checkpoint.Path));
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && path.EndsWith(ManifestSuffix, StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"The checkpoint {checkpoint.Name} has the path '{checkpoint.Path}'; it must be a {ManifestSuffix} file in the data directory.", nameof(checkpoint));
    }
}
