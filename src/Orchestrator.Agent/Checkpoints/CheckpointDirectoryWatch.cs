namespace Orchestrator.Agent.Checkpoints;

/// <summary>
/// Finds checkpoints that a program renamed into place. One that was not announced by a line is found too, a little later, so that the line can still tell its step.
/// </summary>
internal sealed class CheckpointDirectoryWatch(string directory, IEnumerable<string> known, TimeSpan announcementWait)
{
    private readonly HashSet<string> taken = [.. known];
    private readonly Dictionary<string, DateTimeOffset> seen = [];
    private readonly Dictionary<string, (long Step, double Progress, IReadOnlyDictionary<string, long>? Appended)> announced = [];
    private DateTime listed;

    /// <summary>A line of the progress file named a checkpoint.</summary>
    public void Announce(string name, long step, double progress, IReadOnlyDictionary<string, long>? appended = null) => announced[name] = (step, progress, appended);

    /// <summary>Checkpoints that are new and ready, oldest first.</summary>
    /// <param name="now">By the agent's clock.</param>
    /// <param name="last">The program has ended: nothing more will be said.</param>
    public List<FoundCheckpoint> Look(DateTimeOffset now, bool last)
    {
        var changed = Directory.Exists(directory) ? Directory.GetLastWriteTimeUtc(directory) : listed;

        // Times of directories are coarse: one that changed a moment ago may change again under the same time.
        if (changed != listed || last || now - changed < TimeSpan.FromSeconds(1))
        {
            List(now);
            listed = changed;
        }

        var ready = new List<FoundCheckpoint>();
        foreach (var (name, since) in seen.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var told = announced.TryGetValue(name, out var values);
            if (!told && !last && now - since < announcementWait)
            {
                continue;
            }

            taken.Add(name);
            var path = Path.Combine(directory, name);
            var (first, end) = FoundCheckpoint.Times(path);
            ready.Add(new()
            {
                Name = name,
                Directory = path,
                Step = told ? values.Step : -1,
                Progress = told ? values.Progress : -1,
                AppendedSaid = told ? values.Appended : null,
                FirstWrite = first,
                TakenAt = end,
            });
        }

        foreach (var found in ready)
        {
            seen.Remove(found.Name);
            announced.Remove(found.Name);
        }

        ready.Sort((left, right) => left.TakenAt.CompareTo(right.TakenAt));
        return ready;
    }

    private void List(DateTimeOffset now)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var path in Directory.EnumerateDirectories(directory))
        {
            var name = Path.GetFileName(path);
            if (!name.EndsWith(".partial", StringComparison.Ordinal) && !name.StartsWith('.') && !taken.Contains(name))
            {
                seen.TryAdd(name, now);
            }
        }

        foreach (var name in seen.Keys.Where(name => !Directory.Exists(Path.Combine(directory, name))).ToList())
        {
            seen.Remove(name);
        }
    }
}
