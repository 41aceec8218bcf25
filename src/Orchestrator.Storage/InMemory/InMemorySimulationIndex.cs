namespace Orchestrator.Storage.InMemory;

/// <summary>A simulation index that lives as long as the process.</summary>
public sealed class InMemorySimulationIndex : ISimulationIndex
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SimulationIndexEntry> rows = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<bool> UpsertAsync(SimulationIndexEntry entry, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (rows.TryGetValue(entry.Simulation, out var stored) && stored.Version >= entry.Version)
            {
                return Task.FromResult(false);
            }

            rows[entry.Simulation] = entry;
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<SimulationIndexEntry?> FindAsync(string simulation, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(rows.GetValueOrDefault(simulation));
        }
    }

    /// <inheritdoc/>
    public Task<SimulationIndexPage> QueryAsync(SimulationIndexFilter filter, string? cursor = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.IndexPage);
        var from = IndexCursor.Parse(cursor);
        lock (gate)
        {
            var found = rows.Values
                .Where(row => Matches(row, filter) && (from is not { } start || IsAfter(row, start)))
                .OrderByDescending(row => row.SubmittedAt)
                .ThenBy(row => row.Simulation, StringComparer.Ordinal)
                .Take(limit + 1)
                .ToList();
            return Task.FromResult(found.Count > limit
                ? new SimulationIndexPage { Entries = found[..limit], Next = IndexCursor.After(found[limit - 1]).ToString() }
                : new SimulationIndexPage { Entries = found });
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountByStatusAsync(SimulationIndexFilter filter, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(
                rows.Values.Where(row => Matches(row, filter)).GroupBy(row => row.Status).ToDictionary(group => group.Key, group => group.LongCount(), StringComparer.Ordinal));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SimulationIndexEntry>> LiveAsync(string? cluster = null, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<SimulationIndexEntry>>(
                [.. rows.Values.Where(row => row.IsLive && (cluster is null || row.Cluster == cluster)).OrderBy(row => row.Simulation, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string simulation, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(rows.Remove(simulation));
        }
    }

    private static bool IsAfter(SimulationIndexEntry row, IndexCursor start) =>
        row.SubmittedAt.UtcTicks < start.SubmittedTicks
        || (row.SubmittedAt.UtcTicks == start.SubmittedTicks && string.CompareOrdinal(row.Simulation, start.Simulation) > 0);

    private static bool Matches(SimulationIndexEntry row, SimulationIndexFilter filter) =>
        (filter.Campaign is null || row.Campaign == filter.Campaign)
        && (filter.Project is null || row.Project == filter.Project)
        && (filter.Scenario is null || row.Scenario == filter.Scenario)
        && (filter.Owner is null || row.Owner == filter.Owner)
        && (filter.Institution is null || row.Institution == filter.Institution)
        && (filter.Cluster is null || row.Cluster == filter.Cluster)
        && (filter.Statuses.Count == 0 || filter.Statuses.Contains(row.Status))
        && (filter.IsLive is null || row.IsLive == filter.IsLive)
        && (filter.Projects is null || (row.Project is not null && filter.Projects.Contains(row.Project)));
}
