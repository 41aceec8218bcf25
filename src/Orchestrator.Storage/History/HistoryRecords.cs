namespace Orchestrator.Storage;

/// <summary>The pinned names of what history keeps.</summary>
public static class HistoryKinds
{
    public const string Attempt = "attempt";
    public const string Checkpoint = "checkpoint";
    public const string Decision = "decision";
    public const string Estimate = "estimate";
    public const string Failure = "failure";
    public const string Lease = "lease";
    public const string Stage = "stage";
    public const string Usage = "usage";
}

/// <summary>One thing that is over.</summary>
public sealed record HistoryRow
{
    /// <summary>One of <see cref="HistoryKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it belongs to, such as the key of a simulation.</summary>
    public required string Key { get; init; }

    /// <summary>The owner's number of the row within kind and key; it only grows.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The schema version of <see cref="Payload"/>, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>Which rows are meant.</summary>
public sealed record HistoryQuery
{
    public required string Kind { get; init; }

    public required string Key { get; init; }

    /// <summary>The page begins behind this sequence (before it when <see cref="NewestFirst"/>); null for the first page.</summary>
    public long? After { get; init; }

    /// <summary>Not earlier than this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Earlier than this.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool NewestFirst { get; init; }

    /// <summary>1 to 10,000.</summary>
    public int Limit { get; init; } = 1000;
}
