namespace Orchestrator.Storage.InMemory;

/// <summary>A history that lives as long as the process.</summary>
public sealed class InMemoryHistory : IHistory
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Kind, string Key), SortedDictionary<long, HistoryRow>> rows = [];

    /// <inheritdoc/>
    public Task AppendAsync(IReadOnlyList<HistoryRow> rows, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            foreach (var row in rows)
            {
                if (!this.rows.TryGetValue((row.Kind, row.Key), out var owned))
                {
                    this.rows[(row.Kind, row.Key)] = owned = [];
                }

                owned.TryAdd(row.Sequence, row);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryRow>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken = default)
    {
        Limits.Page(query.Limit, Limits.HistoryPage);
        lock (gate)
        {
            if (!rows.TryGetValue((query.Kind, query.Key), out var owned))
            {
                return Task.FromResult<IReadOnlyList<HistoryRow>>([]);
            }

            var ordered = query.NewestFirst ? owned.Values.Reverse() : owned.Values;
            return Task.FromResult<IReadOnlyList<HistoryRow>>(
            [
                .. ordered.Where(row =>
                        (query.After is not { } after || (query.NewestFirst ? row.Sequence < after : row.Sequence > after))
                        && (query.From is null || row.At >= query.From)
                        && (query.Until is null || row.At < query.Until))
                    .Take(query.Limit),
            ]);
        }
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(string kind, DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            var gone = 0;
            foreach (var (_, owned) in rows.Where(group => group.Key.Kind == kind))
            {
                foreach (var row in owned.Values.Where(row => row.At < before).ToList())
                {
                    owned.Remove(row.Sequence);
                    gone++;
                }
            }

            return Task.FromResult(gone);
        }
    }
}
