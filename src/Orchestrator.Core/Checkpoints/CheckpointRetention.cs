namespace Orchestrator.Core.Checkpoints;

/// <summary>
/// Which checkpoints stay (invariant 6). Always: pinned ones, the newest proven one and the one furthest on, the newest two that are intact, and what a live attempt may restore. Where a person
/// went back behind some, the same holds of the others, too: those are what is restored. Beside these what the policy names, oldest first given up when all together take more than their share
/// of the disk.
/// </summary>
public static class CheckpointRetention
{
    private const int AlwaysRecent = 2;
    private const int DamagedKept = 3;

    /// <summary>Names that stay.</summary>
    /// <param name="catalogue">Oldest first.</param>
    /// <param name="recent">How many of the newest intact ones stay; less than 2 counts as 2.</param>
    /// <param name="policy">Which older ones stay.</param>
    /// <param name="inUse">What a live attempt may restore.</param>
    public static IReadOnlySet<string> Kept(IReadOnlyList<CheckpointRecord> catalogue, int recent, RetentionPolicy policy, IEnumerable<string> inUse)
    {
        var restorable = catalogue.Where(static record => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven).ToArray();
        var musts = new HashSet<string>(StringComparer.Ordinal);
        musts.UnionWith(inUse);
        musts.UnionWith(Names(catalogue.Where(static record => record.Pinned)));
        AddMusts(musts, restorable);
        if (restorable.Any(static record => record.PassedOver))
        {
            AddMusts(musts, [.. restorable.Where(static record => !record.PassedOver)]);
        }

        var kept = new HashSet<string>(musts, StringComparer.Ordinal);
        kept.UnionWith(Names(restorable.TakeLast(Math.Max(AlwaysRecent, recent))));
        kept.UnionWith(NewestOfEach(restorable, policy.Daily, static at => at.Date.Ticks));
        kept.UnionWith(NewestOfEach(restorable, policy.Weekly, static at => at.Date.AddDays(-(((int)at.DayOfWeek + 6) % 7)).Ticks));
        kept.UnionWith(NewestOfEach(restorable, policy.Monthly, static at => (at.Year * 12L) + at.Month));
        if (policy.EveryNth > 0)
        {
            kept.UnionWith(Names(restorable.Where(record => record.Number > 0 && record.Number % policy.EveryNth == 0).TakeLast(RetentionPolicy.EveryNthMax)));
        }

        if (policy.BytesMax > 0)
        {
            var bytes = restorable.Where(record => kept.Contains(record.Name)).Sum(static record => record.Bytes);
            foreach (var record in restorable.Where(record => kept.Contains(record.Name) && !musts.Contains(record.Name)))
            {
                if (bytes <= policy.BytesMax)
                {
                    break;
                }

                kept.Remove(record.Name);
                bytes -= record.Bytes;
            }
        }

        // A few damaged and failed ones stay in the catalogue, for whoever asks what happened.
        kept.UnionWith(Names(catalogue.Where(static record => record.Status == CheckpointStatus.Damaged).TakeLast(DamagedKept)));
        kept.UnionWith(Names(catalogue.Where(static record => record.Status == CheckpointStatus.Failed).TakeLast(DamagedKept)));
        return kept;
    }

    private static void AddMusts(HashSet<string> musts, CheckpointRecord[] restorable)
    {
        musts.UnionWith(Names(restorable.TakeLast(AlwaysRecent)));
        CheckpointRecord[] proven = [.. restorable.Where(static record => record.Status == CheckpointStatus.Proven)];
        musts.UnionWith(Names(proven.TakeLast(1)));

        // After it went back, what is newest is not what is furthest on.
        if (proven.OrderBy(static record => (record.Step, record.WorkSaved)).LastOrDefault() is { } furthest)
        {
            musts.Add(furthest.Name);
        }
    }

    private static IEnumerable<string> Names(IEnumerable<CheckpointRecord> records) => records.Select(static record => record.Name);

    private static IEnumerable<string> NewestOfEach(IEnumerable<CheckpointRecord> restorable, int count, Func<DateTime, long> period) =>
        count <= 0 ? [] : restorable.GroupBy(record => period(record.TakenAt.UtcDateTime)).OrderBy(static group => group.Key).TakeLast(count).Select(static group => group.MaxBy(static record => record.TakenAt)!.Name);
}
