namespace Orchestrator.Storage.InMemory;

/// <summary>An audit log that lives as long as the process.</summary>
public sealed class InMemoryAuditLog : IAuditLog
{
    private readonly Lock gate = new();
    private readonly List<AuditRow> rows = [];
    private long numbers;

    /// <inheritdoc/>
    public Task<long> AppendAsync(AuditRow row, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            rows.Add(row with { Number = ++numbers });
            return Task.FromResult(numbers);
        }
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            var stays = rows.FindIndex(row => row.At >= before);
            var gone = stays < 0 ? rows.Count : stays;
            rows.RemoveRange(0, gone);
            return Task.FromResult(gone);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditRow>> QueryAsync(AuditQuery query, CancellationToken cancellationToken = default)
    {
        Limits.Page(query.Limit, Limits.AuditPage);
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AuditRow>>(
            [
                .. rows.AsEnumerable().Reverse().Where(row =>
                        (query.Who is null || row.Who == query.Who)
                        && (query.Institution is null || row.Institution == query.Institution)
                        && (query.Action is null || row.Action == query.Action)
                        && (query.Subject is null || row.Subject == query.Subject)
                        && (query.From is null || row.At >= query.From)
                        && (query.Until is null || row.At < query.Until)
                        && (query.Before is null || row.Number < query.Before))
                    .Take(query.Limit),
            ]);
        }
    }
}
