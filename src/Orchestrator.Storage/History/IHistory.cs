namespace Orchestrator.Storage;

/// <summary>
/// What is over and is kept for people: closed attempts, stages, checkpoints, usage, decisions (the kinds are in <see cref="HistoryKinds"/>).
/// Rows are numbered by their owner, so that handing one over twice stores it once.
/// </summary>
public interface IHistory
{
    /// <summary>Stores the rows that are not yet there, by kind, key and sequence; a repeat changes nothing.</summary>
    Task AppendAsync(IReadOnlyList<HistoryRow> rows, CancellationToken cancellationToken = default);

    /// <summary>Rows of one kind and key in order of sequence.</summary>
    /// <exception cref="ArgumentException">The limit is not within 1 to 10,000.</exception>
    Task<IReadOnlyList<HistoryRow>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken = default);

    /// <summary>Deletes what is older; returns how many rows went.</summary>
    Task<int> PruneAsync(string kind, DateTimeOffset before, CancellationToken cancellationToken = default);
}
