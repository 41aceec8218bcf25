namespace Orchestrator.Storage;

/// <summary>Who changed what. Rows are only ever added; numbers only grow.</summary>
public interface IAuditLog
{
    /// <summary>Stores a row and returns its number.</summary>
    Task<long> AppendAsync(AuditRow row, CancellationToken cancellationToken = default);

    /// <summary>A page of what matches, newest first.</summary>
    /// <exception cref="ArgumentException">The limit is not within 1 to 1,000.</exception>
    Task<IReadOnlyList<AuditRow>> QueryAsync(AuditQuery query, CancellationToken cancellationToken = default);

    /// <summary>Deletes the oldest rows up to the first that is not older than this; returns how many went.</summary>
    Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default);
}
