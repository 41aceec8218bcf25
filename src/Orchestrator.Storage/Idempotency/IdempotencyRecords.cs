namespace Orchestrator.Storage;

/// <summary>What became of a claim.</summary>
public enum IdempotencyOutcome
{
    Absent = 0,

    /// <summary>The key is the caller's: act, then complete or release.</summary>
    Claimed = 1,

    /// <summary>The same request was answered before: return its reply and do nothing.</summary>
    Replayed = 2,

    /// <summary>The same request is under way: ask again later.</summary>
    InProgress = 3,

    /// <summary>The key was used for another request: refuse.</summary>
    Conflict = 4,
}

/// <summary>The reply to a claim of an idempotency key.</summary>
public sealed record IdempotencyClaim
{
    public required IdempotencyOutcome Outcome { get; init; }

    /// <summary>The reply of the first request; only with <see cref="IdempotencyOutcome.Replayed"/>.</summary>
    public StoredReply? Reply { get; init; }

    /// <summary>When a claim falls to the next caller; only with <see cref="IdempotencyOutcome.Claimed"/> and <see cref="IdempotencyOutcome.InProgress"/>.</summary>
    public DateTimeOffset? ClaimedUntil { get; init; }
}

/// <summary>A reply of the gateway as it went out.</summary>
public sealed record StoredReply
{
    /// <summary>The HTTP status code.</summary>
    public required int Status { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The location header, if there was one.</summary>
    public string? Location { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }
}
