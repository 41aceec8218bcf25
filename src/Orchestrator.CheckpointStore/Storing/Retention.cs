namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Which checkpoints of each name stay: the newest ones, and the newest of each of the last days, weeks and months that have any.</summary>
public sealed record Retention
{
    public int Last { get; init; }

    public int Daily { get; init; }

    public int Weekly { get; init; }

    public int Monthly { get; init; }

    /// <summary>The ids of those that go.</summary>
    public IEnumerable<string> Excess(IReadOnlyList<CheckpointSummary> all)
    {
        foreach (var group in all.GroupBy(checkpoint => checkpoint.Name))
        {
            var newestFirst = group.Reverse().ToList();
            var stay = newestFirst.Take(Last).Select(checkpoint => checkpoint.Id).ToHashSet();
            Keep(newestFirst, stay, Daily, day => day.DayNumber);
            Keep(newestFirst, stay, Weekly, day => (day.DayNumber + 1) / 7);
            Keep(newestFirst, stay, Monthly, day => (day.Year * 12) + day.Month);
            foreach (var checkpoint in newestFirst.Where(checkpoint => !stay.Contains(checkpoint.Id)))
            {
                yield return checkpoint.Id;
            }
        }
    }

    private static void Keep(List<CheckpointSummary> newestFirst, HashSet<string> stay, int periods, Func<DateOnly, int> periodOf)
    {
        var seen = new HashSet<int>();
        foreach (var checkpoint in newestFirst)
        {
            if (seen.Count == periods && periods == 0)
            {
                return;
            }

            var day = DateOnly.FromDateTime((checkpoint.Checkpoint?.TakenAt ?? default).UtcDateTime);
            if (!seen.Contains(periodOf(day)))
            {
                if (seen.Count == periods)
                {
                    return;
                }

                seen.Add(periodOf(day));
                stay.Add(checkpoint.Id);
            }
        }
    }
}
