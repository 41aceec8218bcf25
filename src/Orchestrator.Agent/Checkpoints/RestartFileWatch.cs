using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.FileSystemGlobbing;
using Orchestrator.Agent.Programs;
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

    private readonly Regex? pattern;
    private readonly LineTail? log;
    private readonly string? logPath;
    private DateTime saidAt;
    private bool said;

    public RestartFileWatch(string runDirectory, string checkpointDirectory, string standardOutput, CheckpointPolicy policy, IEnumerable<string> globs, TimeSpan stableAfter)
    {
        if (policy is { CompleteWhen: CheckpointCompletion.Pattern, CompletePattern: { } expression })
        {
            pattern = new(expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            logPath = policy.CompleteIn is { } file ? Path.Combine(runDirectory, file) : standardOutput;
            log = new(logPath);
        }

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

    /// <summary>The step that the line named by which the newest files are known to be whole; null: none did.</summary>
    public long? Step { get; private set; }

    /// <summary>Makes a checkpoint directory if there is a new whole set of files; its name, or null.</summary>
    /// <param name="now">By the agent's clock.</param>
    /// <param name="left">The program left in order: what it wrote is whole.</param>
    public string? Look(DateTimeOffset now, bool left)
    {
        var files = matcher.GetResultsInFullPath(runDirectory).Where(path => !IsMarker(path)).ToList();
        if (!IsSaid(left))
        {
            return null;
        }

        // One of several that are written in turn may be half written while a line tells of another.
        files = pattern is null ? files : [.. files.Where(path => IsWhole(path, now, left))];
        if (files.Count == 0 || !files.All(path => IsWhole(path, now, left)))
        {
            return null;
        }

        var fresh = files.Where(path => !taken.Contains(Key(runDirectory, path))).ToList();
        if (fresh.Count == 0 || (policy.CompleteWhen == CheckpointCompletion.Count && fresh.Count < policy.CompleteCount))
        {
            return null;
        }

        var keys = fresh.Select(path => Key(runDirectory, path)).ToList();
        var name = "files-" + keys.Max(key => key.Written).ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var target = Path.Combine(checkpointDirectory, name);
        if (!Directory.Exists(target))
        {
            Make(target + ".partial", fresh);
            if (!fresh.Select(path => Key(runDirectory, path)).SequenceEqual(keys))
            {
                // The program went on to write them meanwhile: the next line, marker or silence tells when they are whole again.
                Directory.Delete(target + ".partial", recursive: true);
                return null;
            }

            Directory.Move(target + ".partial", target);
        }

        said = false;
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

    /// <summary>Whether a line said that files are whole since the last checkpoint; without a pattern nothing has to be said.</summary>
    private bool IsSaid(bool left)
    {
        if (pattern is null)
        {
            return true;
        }

        // Before the lines are read: what is written after this is not what they tell of.
        var written = File.GetLastWriteTimeUtc(logPath!);
        for (var lines = log!.Read(); lines.Count > 0; lines = log.Read())
        {
            foreach (var line in lines)
            {
                if (pattern.Match(Encoding.UTF8.GetString(line.Span)) is { Success: true } match)
                {
                    (said, saidAt) = (true, written);
                    Step = match.Groups["step"] is { Success: true, Value: var text } && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
                }
            }
        }

        return said || left;
    }

    private bool IsWhole(string path, DateTimeOffset now, bool left) => policy.CompleteWhen switch
    {
        CheckpointCompletion.Marker => File.Exists(path + MarkerSuffix) && File.GetLastWriteTimeUtc(path + MarkerSuffix) >= File.GetLastWriteTimeUtc(path),
        CheckpointCompletion.Stable or CheckpointCompletion.Count => left || now - File.GetLastWriteTimeUtc(path) >= stableAfter,
        CheckpointCompletion.Pattern => left || File.GetLastWriteTimeUtc(path) <= saidAt,
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
            // What is not replaced as a whole may be overwritten where it is, and a second name would show that.
            if (policy.Store == CheckpointStorage.Copy || (policy.Store != CheckpointStorage.Link && policy.CompleteWhen is CheckpointCompletion.Stable or CheckpointCompletion.Count or CheckpointCompletion.Pattern))
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
