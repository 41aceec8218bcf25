namespace Orchestrator.Storage;

/// <summary>Idempotency keys in the database: whoever's upsert changes the row has the claim.</summary>
internal sealed class SqlIdempotencyStore(OrchestratorDatabase database, TimeProvider clock) : IIdempotencyStore
{
    private const string Claim =
        """
        INSERT INTO idempotency_key (principal, request_key, request_hash, created_at, claimed_until)
        VALUES (@principal, @request_key, @request_hash, @now, @claimed_until)
        ON CONFLICT (principal, request_key) DO UPDATE SET
            request_hash = excluded.request_hash, created_at = excluded.created_at, claimed_until = excluded.claimed_until,
            status = NULL, content_type = NULL, location = NULL, body = NULL
        WHERE idempotency_key.created_at <= @expired
            OR (idempotency_key.status IS NULL AND idempotency_key.claimed_until <= @now AND idempotency_key.request_hash = excluded.request_hash)
        """;

    private const string Find =
        "SELECT request_hash, claimed_until, status, content_type, location, body FROM idempotency_key WHERE principal = @principal AND request_key = @request_key";

    private const string Complete =
        """
        UPDATE idempotency_key SET status = @status, content_type = @content_type, location = @location, body = @body
        WHERE principal = @principal AND request_key = @request_key AND status IS NULL
        """;

    private const string Release =
        "DELETE FROM idempotency_key WHERE principal = @principal AND request_key = @request_key AND status IS NULL AND claimed_until = @claimed_until";

    private const string Prune = "DELETE FROM idempotency_key WHERE created_at <= @expired";

    /// <inheritdoc/>
    public Task<IdempotencyClaim> ClaimAsync(
        string principal, string key, ReadOnlyMemory<byte> requestHash, TimeSpan lease, CancellationToken cancellationToken = default) => database.WriteAsync(
        WriteKind.Transaction,
        async session =>
        {
            var now = clock.GetUtcNow();
            var claimed = await session.ExecuteAsync(
                Claim,
                ("principal", principal), ("request_key", key), ("request_hash", requestHash), ("now", now), ("claimed_until", now + lease),
                ("expired", now - database.Options.IdempotencyRetention)).ConfigureAwait(false);
            if (claimed > 0)
            {
                return new IdempotencyClaim { Outcome = IdempotencyOutcome.Claimed, ClaimedUntil = now + lease };
            }

            var found = await session.QueryAsync(
                Find,
                row =>
                {
                    if (!row.GetBytes(0).AsSpan().SequenceEqual(requestHash.Span))
                    {
                        return new IdempotencyClaim { Outcome = IdempotencyOutcome.Conflict };
                    }

                    if (row.IsDBNull(2))
                    {
                        return new IdempotencyClaim { Outcome = IdempotencyOutcome.InProgress, ClaimedUntil = row.GetTime(1) };
                    }

                    var reply = new StoredReply { Status = (int)row.GetInt64(2), ContentType = row.GetStringOrNull(3), Location = row.GetStringOrNull(4), Body = row.GetBytes(5) };
                    return new IdempotencyClaim { Outcome = IdempotencyOutcome.Replayed, Reply = reply };
                },
                ("principal", principal), ("request_key", key)).ConfigureAwait(false);

            // Released by another silo just now: the next try gets it.
            return found.Count > 0 ? found[0] : new IdempotencyClaim { Outcome = IdempotencyOutcome.InProgress, ClaimedUntil = now };
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync(string principal, string key, StoredReply reply, CancellationToken cancellationToken = default) => database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync(
            Complete,
            ("principal", principal), ("request_key", key), ("status", reply.Status), ("content_type", reply.ContentType), ("location", reply.Location), ("body", reply.Body)),
        cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseAsync(string principal, string key, IdempotencyClaim claim, CancellationToken cancellationToken = default) => database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync(Release, ("principal", principal), ("request_key", key), ("claimed_until", claim.ClaimedUntil)),
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken cancellationToken = default) => database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync(Prune, ("expired", clock.GetUtcNow() - database.Options.IdempotencyRetention)),
        cancellationToken);
}
