using System.Security.Cryptography;
using Orchestrator.CheckpointStore;

namespace Orchestrator.Agent.Checkpoints;

/// <summary>
/// Files of a run that only grow. A checkpoint records how long they were and the hash of that much, so that a restart can begin where the checkpoint is: no time step doubled
/// or missing. What was hashed once is not read again.
/// </summary>
internal sealed class AppendedFiles(string runDirectory, IReadOnlyList<string> names) : IDisposable
{
    private readonly Dictionary<string, (IncrementalHash Hash, long Length)> hashed = [];
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Relative to the run directory.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>How long each was when a checkpoint was taken; what is not in the answer is not known, since it was written again before anybody looked.</summary>
    /// <param name="takenAt">When the checkpoint was in place.</param>
    /// <param name="said">What the program said itself.</param>
    public IReadOnlyDictionary<string, long> LengthsAt(DateTimeOffset takenAt, IReadOnlyDictionary<string, long>? said)
    {
        var lengths = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var file = new FileInfo(Path.Combine(runDirectory, name));
            if (said is not null && said.TryGetValue(name, out var length) && length >= 0 && length <= (file.Exists ? file.Length : 0))
            {
                lengths[name] = length;
            }
            else if (!file.Exists)
            {
                lengths[name] = 0;
            }
            else if (file.LastWriteTimeUtc < takenAt.UtcDateTime)
            {
                // Nothing was appended since. Times of files come in ticks of some milliseconds: in the same one it may have been.
                lengths[name] = file.Length;
            }
        }

        return lengths;
    }

    /// <summary>Reads so much of each file, makes it durable and says what it holds.</summary>
    /// <exception cref="IOException">A file is shorter than it was, or cannot be read.</exception>
    public async Task<IReadOnlyList<ManifestFile>> DescribeAsync(IReadOnlyDictionary<string, long> lengths, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var described = new List<ManifestFile>();
            foreach (var (name, length) in lengths.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                described.Add(await DescribeAsync(name, length, cancellationToken));
            }

            return described;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Gives a new run what a checkpoint says that these files were, from the run that made it. A repeat gives the same.</summary>
    /// <param name="appended">What the manifest of the checkpoint says of them.</param>
    /// <param name="fromRun">The run directory of the attempt that made it.</param>
    /// <param name="published">The results of the stage, to which a completed attempt moved what it had declared as outputs: taken where the run has the file no more.</param>
    /// <param name="toRun">The run directory of the new attempt.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <returns>What is wrong with what the earlier run left, as a sentence; null: all is there.</returns>
    /// <exception cref="IOException">It cannot be read or written here and now, as on a full disk; nothing half written stays.</exception>
    public static async Task<string?> RestoreAsync(IEnumerable<ManifestFile> appended, string fromRun, string published, string toRun, CancellationToken cancellationToken)
    {
        foreach (var file in appended)
        {
            var target = Path.Combine(toRun, file.Name);
            var origin = Path.Combine(fromRun, file.Name);
            if (!File.Exists(origin) && Path.Combine(published, file.Name) is var moved && File.Exists(moved))
            {
                origin = moved;
            }

            if (file.Size == 0 && !File.Exists(origin))
            {
                continue;
            }

            var partial = target + ".partial";
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                string found;
                await using (var source = Open(origin))
                await using (var copy = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                    await ReadAsync(source, file.Size, async bytes =>
                    {
                        hash.AppendData(bytes.Span);
                        await copy.WriteAsync(bytes, cancellationToken);
                    }, cancellationToken);
                    found = Convert.ToHexStringLower(hash.GetCurrentHash());
                    copy.Flush(flushToDisk: true);
                }

                if (found != file.Sha256)
                {
                    File.Delete(partial);
                    return $"The first {file.Size} bytes of {file.Name}, which is only appended to, have changed.";
                }

                File.Move(partial, target, overwrite: true);
                DurableFile.SyncDirectory(Path.GetDirectoryName(target)!);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
            {
                File.Delete(partial);
                return $"The file {file.Name}, which is only appended to, cannot be rolled back: {gone.Message}";
            }
            catch (IOException)
            {
                // On a full disk what was written stands in the way of all others.
                File.Delete(partial);
                throw;
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var (hash, _) in hashed.Values)
        {
            hash.Dispose();
        }

        gate.Dispose();
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.SequentialScan | FileOptions.Asynchronous, BufferSize = 0,
    });

    private static async Task ReadAsync(FileStream source, long length, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken cancellationToken)
    {
        var block = new byte[Math.Min(1 << 20, Math.Max(1, length))];
        for (var left = length; left > 0;)
        {
            var count = await source.ReadAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), cancellationToken);
            if (count == 0)
            {
                throw new EndOfStreamException($"it is {left} bytes too short");
            }

            await take(block.AsMemory(0, count));
            left -= count;
        }
    }

    private async Task<ManifestFile> DescribeAsync(string name, long length, CancellationToken cancellationToken)
    {
        if (hashed.TryGetValue(name, out var known) && known.Length > length)
        {
            known.Hash.Dispose();
            hashed.Remove(name);
        }

        var (hash, from) = hashed.TryGetValue(name, out var kept) ? kept : (IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0L);
        if (length > from)
        {
            await using var stream = Open(Path.Combine(runDirectory, name));
            stream.Position = from;
            try
            {
                await ReadAsync(stream, length - from, bytes =>
                {
                    hash.AppendData(bytes.Span);
                    return Task.CompletedTask;
                }, cancellationToken);
            }
            catch
            {
                // How much of it went into the hash is not known any more.
                hash.Dispose();
                hashed.Remove(name);
                throw;
            }

            DurableFile.Sync(stream.SafeFileHandle);
            if (from == 0)
            {
                DurableFile.SyncDirectory(Path.GetDirectoryName(Path.Combine(runDirectory, name))!);
            }
        }

        hashed[name] = (hash, length);
        return new() { Name = name, Size = length, Sha256 = Convert.ToHexStringLower(hash.GetCurrentHash()) };
    }
}
