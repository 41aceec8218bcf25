using System.Globalization;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>There is no room, or the disk fails.</summary>
internal sealed class DiskFailedException(string message) : Exception(message);

/// <summary>
/// The parallel file system that all nodes and the silo see. What a machine wrote and did not sync is lost, kept or garbled, each file by itself, when the machine goes down; so are
/// renames whose folder was not synced. A file has two numbers for its bytes.
/// </summary>
internal sealed class SharedFiles(World world) : IFiles
{
    private readonly SortedDictionary<string, Entry> files = new(StringComparer.Ordinal);
    private readonly List<(string From, string To, string Writer)> renames = [];

    public bool IsFull { get; set; }

    /// <summary>Called before the files of a checkpoint are removed.</summary>
    public event Action<CheckpointRecord>? Deleting;

    public static string RunOf(AttemptId attempt) => string.Create(CultureInfo.InvariantCulture, $"runs/{attempt.Simulation}/{attempt.Stage}/e{attempt.Epoch}");

    public static string ResultsOf(AttemptId attempt) => $"results/{attempt.Simulation}/{attempt.Stage}";

    public bool Exists(string path) => files.ContainsKey(path);

    public (ulong A, ulong B)? Read(string path) => files.TryGetValue(path, out var entry) ? (entry.A, entry.B) : null;

    /// <exception cref="DiskFailedException">It is full.</exception>
    public void Write(string path, ulong a, ulong b, string writer, bool durable = false)
    {
        if (IsFull)
        {
            throw new DiskFailedException("no space left on the shared file system");
        }

        files[path] = new(a, b, writer, durable);
    }

    /// <summary>It is there alone for who made it; false: somebody was faster.</summary>
    public bool TryCreate(string path, ulong a, string writer)
    {
        if (files.ContainsKey(path))
        {
            return false;
        }

        Write(path, a, 0, writer, durable: true);
        return true;
    }

    public void Sync(string path)
    {
        if (files.TryGetValue(path, out var entry))
        {
            files[path] = entry with { IsDurable = true };
        }
    }

    /// <summary>It would survive a power cut, or is not there.</summary>
    public bool IsDurable(string path) => !files.TryGetValue(path, out var entry) || entry.IsDurable;

    public void Delete(string path) => files.Remove(path);

    /// <summary>The names below a folder.</summary>
    public IReadOnlyList<string> Below(string folder) =>
        [.. files.Keys.SkipWhile(path => string.CompareOrdinal(path, folder + "/") < 0).TakeWhile(path => path.StartsWith(folder + "/", StringComparison.Ordinal))];

    public void Rename(string from, string to, string writer)
    {
        Move(from, to);
        renames.Add((from, to, writer));
    }

    /// <summary>Renames into it, and out of it, are on disk.</summary>
    public void SyncRename(string to) => renames.RemoveAll(rename => rename.To == to);

    /// <summary>A machine went down with what it had not synced.</summary>
    public void Crash(string machine)
    {
        for (var i = renames.Count - 1; i >= 0; i--)
        {
            var (from, to, writer) = renames[i];
            if (writer == machine)
            {
                renames.RemoveAt(i);
                if (world.Dice.Chance(0.5) && Below(from).Count == 0)
                {
                    Move(to, from);
                }
            }
        }

        foreach (var (path, entry) in files.Where(pair => pair.Value is { IsDurable: false } && pair.Value.Writer == machine).ToArray())
        {
            switch (world.Dice.Below(3))
            {
                case 0:
                    files.Remove(path);
                    break;
                case 1:
                    files[path] = entry with { A = 0, B = 0, IsDurable = true };
                    break;
                default:
                    files[path] = entry with { IsDurable = true };
                    break;
            }
        }
    }

    /// <summary>Bytes rot, or go, in some sealed checkpoint.</summary>
    public void Corrupt()
    {
        var all = files.Keys.Where(static path => path.Contains("/checkpoints/", StringComparison.Ordinal) && !path.Contains(".partial/", StringComparison.Ordinal)).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        var path = world.Dice.Pick(all);
        world.Say("disk", $"damages {path}");
        if (world.Dice.Chance(0.4))
        {
            files.Remove(path);
        }
        else
        {
            files[path] = files[path] with { A = files[path].A ^ (1UL << world.Dice.Below(64)) };
        }
    }

    /// <summary>A sum over the parts of a checkpoint; null: a part is missing.</summary>
    public ulong? SumOf(string folder)
    {
        if (Read(folder + "/part-0") is not { } first || Read(folder + "/part-1") is not { } second)
        {
            return null;
        }

        return Dice.Mix(first.A + Dice.Mix(first.B + Dice.Mix(second.A + Dice.Mix(second.B))));
    }

    /// <summary>As CheckpointFiles.FindDamageAsync: every byte is compared with the manifest, and the manifest with the catalogue.</summary>
    public bool IsIntact(CheckpointRecord checkpoint) =>
        Read(checkpoint.Path) is { } manifest && Text(manifest.A) == checkpoint.ManifestHash && SumOf(FolderOf(checkpoint)) == manifest.A;

    public static string FolderOf(CheckpointRecord checkpoint) => checkpoint.Path[..^".manifest".Length];

    public static string Text(ulong sum) => sum.ToString("x16", CultureInfo.InvariantCulture);

    public void DeleteCheckpoint(CheckpointRecord checkpoint)
    {
        Deleting?.Invoke(checkpoint);
        files.Remove(checkpoint.Path);
        foreach (var path in Below(FolderOf(checkpoint)))
        {
            files.Remove(path);
        }
    }

    private void Move(string from, string to)
    {
        foreach (var path in Below(from))
        {
            files[to + path[from.Length..]] = files[path];
            files.Remove(path);
        }
    }

    private sealed record Entry(ulong A, ulong B, string Writer, bool IsDurable);
}
