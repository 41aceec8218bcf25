namespace Orchestrator.Storage.InMemory;

/// <summary>An idempotency store that lives as long as the process.</summary>
/// <param name="clock">Tells when a lease or the retention is over.</param>
/// <param name="retention">How long a reply is remembered.</param>
public sealed class InMemoryIdempotencyStore(TimeProvider clock, TimeSpan retention) : IIdempotencyStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Principal, string Key), Claim> claims = [];

    /// <inheritdoc/>
    public Task<IdempotencyClaim> ClaimAsync(
        string principal, string key, ReadOnlyMemory<byte> requestHash, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var stored = claims.GetValueOrDefault((principal, key));
            if (stored is not null && stored.CreatedAt + retention > now)
            {
                if (!stored.RequestHash.Span.SequenceEqual(requestHash.Span))
                {
                    return Task.FromResult(new IdempotencyClaim { Outcome = IdempotencyOutcome.Conflict });
                }

                if (stored.Reply is not null)
                {
                    return Task.FromResult(new IdempotencyClaim { Outcome = IdempotencyOutcome.Replayed, Reply = stored.Reply });
                }

                if (stored.ClaimedUntil > now)
                {
                    return Task.FromResult(new IdempotencyClaim { Outcome = IdempotencyOutcome.InProgress, ClaimedUntil = stored.ClaimedUntil });
                }
            }

            claims[(principal, key)] = new Claim(requestHash, now, now + lease, null);
            return Task.FromResult(new IdempotencyClaim { Outcome = IdempotencyOutcome.Claimed, ClaimedUntil = now + lease });
        }
    }

    /// <inheritdoc/>
    public Task CompleteAsync(string principal, string key, StoredReply reply, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (claims.TryGetValue((principal, key), out var claim) && claim.Reply is null)
            {
                claims[(principal, key)] = claim with { Reply = reply };
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(string principal, string key, IdempotencyClaim claim, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (claims.TryGetValue((principal, key), out var stored) && stored.Reply is null && stored.ClaimedUntil == claim.ClaimedUntil)
            {
                claims.Remove((principal, key));
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var old = claims.Where(claim => claim.Value.CreatedAt + retention <= now).Select(claim => claim.Key).ToList();
            old.ForEach(key => claims.Remove(key));
            return Task.FromResult(old.Count);
        }
    }

    private sealed record Claim(ReadOnlyMemory<byte> RequestHash, DateTimeOffset CreatedAt, DateTimeOffset ClaimedUntil, StoredReply? Reply);
}
