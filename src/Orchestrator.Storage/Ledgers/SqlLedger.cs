namespace Orchestrator.Storage;

/// <summary>The ledger in the database. The head row is what an append takes first: of two activations with the same knowledge, one gets it.</summary>
internal sealed class SqlLedger(OrchestratorDatabase database) : ILedger
{
    private const string ReadHead = "SELECT sequence FROM ledger_head WHERE grain = @grain";

    private const string NewHead = "INSERT INTO ledger_head (grain, sequence) VALUES (@grain, @next) ON CONFLICT (grain) DO NOTHING";

    private const string MoveHead = "UPDATE ledger_head SET sequence = @next WHERE grain = @grain AND sequence = @expected";

    private const string Insert =
        "INSERT INTO ledger (grain, sequence, kind, version, at, payload) VALUES (@grain, @sequence, @kind, @version, @at, @payload)";

    private const string ReadSnapshot = "SELECT sequence, version, payload FROM ledger_snapshot WHERE grain = @grain";

    private const string ReadEntries = "SELECT kind, version, at, payload FROM ledger WHERE grain = @grain AND sequence > @sequence ORDER BY sequence";

    private const string UpsertSnapshot =
        """
        INSERT INTO ledger_snapshot (grain, sequence, version, payload) VALUES (@grain, @sequence, @version, @payload)
        ON CONFLICT (grain) DO UPDATE SET sequence = excluded.sequence, version = excluded.version, payload = excluded.payload
        WHERE ledger_snapshot.sequence < excluded.sequence
        """;

    private const string DeleteEntries = "DELETE FROM ledger WHERE grain = @grain AND sequence <= @sequence";

    /// <inheritdoc/>
    public Task<LedgerTail> LoadAsync(string grain, CancellationToken cancellationToken = default) => database.ReadAsync(
        ReadKind.Consistent,
        async session =>
        {
            var snapshots = await session.QueryAsync(
                ReadSnapshot,
                row => new LedgerSnapshot { Sequence = row.GetInt64(0), Version = row.GetInt32(1), Payload = row.GetBytes(2) },
                ("grain", grain)).ConfigureAwait(false);
            var snapshot = snapshots.Count == 0 ? null : snapshots[0];
            var entries = await session.QueryAsync(
                ReadEntries,
                row => new LedgerEntry { Kind = row.GetString(0), Version = row.GetInt32(1), At = row.GetTime(2), Payload = row.GetBytes(3) },
                ("grain", grain), ("sequence", snapshot?.Sequence ?? 0)).ConfigureAwait(false);
            return new LedgerTail { Sequence = (snapshot?.Sequence ?? 0) + entries.Count, Snapshot = snapshot, Entries = entries };
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<long> AppendAsync(string grain, long expectedSequence, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedSequence);
        var (isStored, head) = await database.WriteAsync(
            WriteKind.Transaction, session => AppendAsync(session, grain, expectedSequence, entries), cancellationToken).ConfigureAwait(false);
        return isStored ? head : throw new LedgerFencedException(grain, expectedSequence, head);
    }

    /// <inheritdoc/>
    public async Task SnapshotAsync(string grain, long sequence, int version, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        var head = await database.WriteAsync(
            WriteKind.Transaction,
            async session =>
            {
                var head = await HeadAsync(session, grain).ConfigureAwait(false);
                if (sequence <= head)
                {
                    var stored = await session.ExecuteAsync(
                        UpsertSnapshot, ("grain", grain), ("sequence", sequence), ("version", version), ("payload", payload)).ConfigureAwait(false);
                    if (stored > 0)
                    {
                        await session.ExecuteAsync(DeleteEntries, ("grain", grain), ("sequence", sequence)).ConfigureAwait(false);
                    }
                }

                return head;
            },
            cancellationToken).ConfigureAwait(false);
        if (sequence > head)
        {
            throw new LedgerFencedException(grain, sequence, head);
        }
    }

    private static async ValueTask<(bool IsStored, long Head)> AppendAsync(ISqlSession session, string grain, long expected, IReadOnlyList<LedgerEntry> entries)
    {
        if (entries.Count == 0)
        {
            var current = await HeadAsync(session, grain).ConfigureAwait(false);
            return (current == expected, current);
        }

        var next = expected + entries.Count;
        var taken = expected == 0
            ? await session.ExecuteAsync(NewHead, ("grain", grain), ("next", next)).ConfigureAwait(false)
            : await session.ExecuteAsync(MoveHead, ("grain", grain), ("next", next), ("expected", expected)).ConfigureAwait(false);
        if (taken == 0)
        {
            return (false, await HeadAsync(session, grain).ConfigureAwait(false));
        }

        await session.ExecuteManyAsync(Insert, entries.Select((entry, index) => new (string, object?)[]
        {
            ("grain", grain), ("sequence", expected + index + 1), ("kind", entry.Kind), ("version", entry.Version), ("at", entry.At), ("payload", entry.Payload),
        })).ConfigureAwait(false);
        return (true, next);
    }

    private static async ValueTask<long> HeadAsync(ISqlSession session, string grain)
    {
        var heads = await session.QueryAsync(ReadHead, row => row.GetInt64(0), ("grain", grain)).ConfigureAwait(false);
        return heads.Count == 0 ? 0 : heads[0];
    }
}
