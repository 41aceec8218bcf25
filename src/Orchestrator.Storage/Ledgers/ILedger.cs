namespace Orchestrator.Storage;

/// <summary>
/// An append-only journal per grain with snapshots, for state that is too large to be rewritten whole.
/// The sequence starts at 1 and has no gaps; it fences a second activation of the same grain.
/// </summary>
public interface ILedger
{
    /// <summary>The newest snapshot of <paramref name="grain"/> and the entries after it, in order; sequence 0 and nothing for a new grain.</summary>
    Task<LedgerTail> LoadAsync(string grain, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends all <paramref name="entries"/> or none, behind <paramref name="expectedSequence"/> (the last one that the caller knows; 0 for a new ledger).
    /// Returns the new last sequence. A repeat is refused, as its sequence is taken.
    /// </summary>
    /// <exception cref="LedgerFencedException">The ledger is not at <paramref name="expectedSequence"/>; nothing was stored.</exception>
    /// <exception cref="StorageUnavailableException">The outcome is unknown: load again.</exception>
    Task<long> AppendAsync(string grain, long expectedSequence, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores the state after entry <paramref name="sequence"/> and deletes what it stands for. A repeat, or a snapshot older than the stored one, changes nothing.
    /// </summary>
    /// <exception cref="LedgerFencedException">The ledger has not reached <paramref name="sequence"/>.</exception>
    Task SnapshotAsync(string grain, long sequence, int version, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default);
}
