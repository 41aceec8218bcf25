using System.Collections.Concurrent;

namespace Orleans.Local;

using Orleans.Runtime;

/// <summary>Reminders in memory, kept by the cluster: they outlive a silo and go with the last.</summary>
internal sealed class MemoryReminderTable(LocalSilo silo) : IReminderTable
{
    private Rows? rows;
    private static long versions;

    private ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> Table => (rows ??= silo.Cluster.Shared(nameof(MemoryReminderTable), static () => new Rows())).Entries;

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Task.FromResult(new ReminderTableData(Table.Values.Where(entry => entry.GrainId == grainId).Select(Copy)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(Table.Values
        .Where(entry => entry.GrainId.GetUniformHashCode() is var hash && (begin < end ? hash > begin && hash <= end : hash > begin || hash <= end))
        .Select(Copy)));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult(Table.TryGetValue((grainId, reminderName), out var entry) ? Copy(entry) : null);

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        var stored = Copy(entry);
        stored.ETag = Interlocked.Increment(ref versions).ToString("x");
        Table[(entry.GrainId, entry.ReminderName)] = stored;
        return Task.FromResult<string?>(stored.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        Task.FromResult(Table.TryGetValue((grainId, reminderName), out var entry) && entry.ETag == eTag && Table.TryRemove(new((grainId, reminderName), entry)));

    public Task TestOnlyClearTable()
    {
        Table.Clear();
        return Task.CompletedTask;
    }

    private static ReminderEntry Copy(ReminderEntry entry) =>
        new() { GrainId = entry.GrainId, ReminderName = entry.ReminderName, StartAt = entry.StartAt, Period = entry.Period, ETag = entry.ETag };

    private sealed class Rows
    {
        public ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> Entries { get; } = new();
    }
}
