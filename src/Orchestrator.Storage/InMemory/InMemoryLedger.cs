namespace Orchestrator.Storage.InMemory;

/// <summary>A ledger that lives as long as the process.</summary>
public sealed class InMemoryLedger : ILedger
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Journal> journals = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<LedgerTail> LoadAsync(string grain, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(journals.TryGetValue(grain, out var journal)
                ? new LedgerTail { Sequence = journal.Sequence, Snapshot = journal.Snapshot, Entries = [.. journal.Entries] }
                : new LedgerTail { Sequence = 0 });
        }
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(string grain, long expectedSequence, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedSequence);
        lock (gate)
        {
            var journal = journals.GetValueOrDefault(grain);
            if ((journal?.Sequence ?? 0) != expectedSequence)
            {
                return Task.FromException<long>(new LedgerFencedException(grain, expectedSequence, journal?.Sequence ?? 0));
            }

            if (journal is null)
            {
                journals[grain] = journal = new Journal();
            }

            journal.Entries.AddRange(entries);
            return Task.FromResult(journal.Sequence += entries.Count);
        }
    }

    /// <inheritdoc/>
    public Task SnapshotAsync(string grain, long sequence, int version, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (!journals.TryGetValue(grain, out var journal) || sequence > journal.Sequence)
            {
                return Task.FromException(new LedgerFencedException(grain, sequence, journal?.Sequence ?? 0));
            }

            var covered = journal.Snapshot?.Sequence ?? 0;
            if (sequence > covered)
            {
                journal.Entries.RemoveRange(0, (int)(sequence - covered));
                journal.Snapshot = new LedgerSnapshot { Sequence = sequence, Version = version, Payload = payload };
            }

            return Task.CompletedTask;
        }
    }

    private sealed class Journal
    {
        public long Sequence { get; set; }

        public LedgerSnapshot? Snapshot { get; set; }

        public List<LedgerEntry> Entries { get; } = [];
    }
}
