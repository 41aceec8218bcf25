using System.Globalization;
using Microsoft.Extensions.FileSystemGlobbing;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Agent.Checkpoints;

/// <summary>
/// Makes checkpoints of the restart files of a program that does not know the checkpoint directory: once all files that match are whole, those that changed since the last
/// time get a second name in a checkpoint directory (a copy, where the campaign says so). The next write by rename leaves them alone.
/// </summary>
internal sealed class RestartFileWatch
{
    private const string MarkerSuffix = ".done";

    private readonly string runDirectory, checkpointDirectory;
    private readonly CheckpointPolicy policy;
    private readonly TimeSpan stableAfter;
    private readonly Matcher matcher = new(StringComparison.Ordinal);
    private readonly HashSet<(string Name, DateTime Written, long Size)> taken = [];

    public RestartFileWatch(string runDirectory, string checkpointDirectory, CheckpointPolicy policy, IEnumerable<string> globs, TimeSpan stableAfter)
    {
        (this.runDirectory, this.checkpointDirectory, this.policy, this.stableAfter) = (runDirectory, checkpointDirectory, policy, stableAfter);
        matcher.AddIncludePatterns(globs);
        if (Directory.Exists(checkpointDirectory))
        {
            foreach (var made in Directory.EnumerateDirectories(checkpointDirectory, "files-*"))
            {
                foreach (var file in Directory.EnumerateFiles(made, "*", SearchOption.AllDirectories))
                {
                    taken.Add(Key(made, file));
                }
            }
        }
    }

    /// <summary>Makes a checkpoint directory if there is a new whole set of files; its name, or null.</summary>
    /// <param name="now">By the agent's clock.</param>
    /// <param name="left">The program left in order: what it wrote is whole.</param>
    public string? Look(DateTimeOffset now, bool left)
    {
        var files = matcher.GetResultsInFullPath(runDirectory).Where(path => !IsMarker(path)).ToList();
        if (files.Count == 0 || !files.All(path => IsWhole(path, now, left)))
        {
            return null;
        }

        var fresh = files.Where(path => !taken.Contains(Key(runDirectory, path))).ToList();
        if (fresh.Count == 0)
        {
            return null;
        }

        var keys = fresh.Select(path => Key(runDirectory, path)).ToList();
        var name = "files-" + keys.Max(key => key.Written).ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var target = Path.Combine(checkpointDirectory, name);
        if (!Directory.Exists(target))
        {
            Make(target + ".partial", fresh);
            Directory.Move(target + ".partial", target);
        }

        taken.UnionWith(keys);
        return name;
    }

    private static (string Name, DateTime Written, long Size) Key(string directory, string path)
    {
        var info = new FileInfo(path);
        return (Path.GetRelativePath(directory, path), info.LastWriteTimeUtc, info.Exists ? info.Length : -1);
    }

    private static bool IsMarker(string path) =>
        path.EndsWith(".partial", StringComparison.Ordinal) || (path.EndsWith(MarkerSuffix, StringComparison.Ordinal) && File.Exists(path[..^MarkerSuffix.Length]));

    private bool IsWhole(string path, DateTimeOffset now, bool left) => policy.CompleteWhen switch
    {
        CheckpointCompletion.Marker => File.Exists(path + MarkerSuffix) && File.GetLastWriteTimeUtc(path + MarkerSuffix) >= File.GetLastWriteTimeUtc(path),
        CheckpointCompletion.Stable => left || now - File.GetLastWriteTimeUtc(path) >= stableAfter,
        _ => true,
    };

    private void Make(string partial, List<string> files)
    {
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        foreach (var path in files)
        {
            var target = Path.Combine(partial, Path.GetRelativePath(runDirectory, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (policy.Store == CheckpointStorage.Copy)
            {
                File.Copy(path, target);
            }
            else
            {
                DurableFile.LinkOrCopy(path, target);
            }
        }
    }
}
