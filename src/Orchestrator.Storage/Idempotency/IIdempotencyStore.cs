namespace Orchestrator.Storage;

/// <summary>
/// Makes a repeated request one request: the first claims the key of its principal, stores its reply, and repeats get that reply for the time of the retention.
/// </summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Claims <paramref name="key"/> for a request with this hash. The claim of a caller that died falls to the next one after <paramref name="lease"/>.
    /// </summary>
    Task<IdempotencyClaim> ClaimAsync(string principal, string key, ReadOnlyMemory<byte> requestHash, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Stores the reply of a claimed request. A repeat keeps the first reply.</summary>
    Task CompleteAsync(string principal, string key, StoredReply reply, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a claim up, so that the request may be repeated at once: it changed nothing. A request with a reply stays, and so does a claim that has fallen to another caller.
    /// </summary>
    Task ReleaseAsync(string principal, string key, IdempotencyClaim claim, CancellationToken cancellationToken = default);

    /// <summary>Deletes what is older than the retention; returns how many rows went.</summary>
    Task<int> PruneAsync(CancellationToken cancellationToken = default);
}
