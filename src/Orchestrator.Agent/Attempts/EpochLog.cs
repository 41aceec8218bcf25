using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Ids;

namespace Orchestrator.Agent.Attempts;

/// <summary>
/// The highest epoch of each stage that this node was to hold. What is older, or was held and given up, is never started again: the fence of invariant 2 on the node's side.
/// </summary>
internal sealed class EpochLog
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    private readonly string path;
    private readonly Dictionary<string, (int Epoch, DateTimeOffset At)> highest = [];

    public EpochLog(string path, DateTimeOffset now)
    {
        this.path = path;
        if (!File.Exists(path))
        {
            return;
        }

        foreach (var line in File.ReadLines(path))
        {
            var words = line.Split(' ');
            if (words.Length == 2 && AttemptId.TryParse(words[0], out var attempt) && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                Take(attempt, DateTimeOffset.FromUnixTimeSeconds(seconds));
            }
        }

        foreach (var old in highest.Where(pair => now - pair.Value.At > KeptFor).Select(pair => pair.Key).ToList())
        {
            highest.Remove(old);
        }

        DurableFile.WriteByRename(path, System.Text.Encoding.UTF8.GetBytes(string.Concat(highest.Select(pair => Line($"{pair.Key}@{pair.Value.Epoch}", pair.Value.At)))));
    }

    /// <summary>The highest epoch of the stage; 0: none.</summary>
    public int Highest(AttemptId attempt) => highest.TryGetValue(Key(attempt), out var seen) ? seen.Epoch : 0;

    public void Add(AttemptId attempt, DateTimeOffset now)
    {
        if (attempt.Epoch <= Highest(attempt))
        {
            return;
        }

        Take(attempt, now);
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(Line(attempt.ToString(), now)));
        stream.Flush(flushToDisk: true);
    }

    private static string Key(AttemptId attempt) => $"{attempt.Simulation}/{attempt.Stage}";

    private static string Line(string attempt, DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{attempt} {at.ToUnixTimeSeconds()}\n");

    private void Take(AttemptId attempt, DateTimeOffset at)
    {
        if (attempt.Epoch > Highest(attempt))
        {
            highest[Key(attempt)] = (attempt.Epoch, at);
        }
    }
}
