namespace Orchestrator.Storage;

/// <summary>One thing that happened to a grain with a ledger.</summary>
public sealed record LedgerEntry
{
    /// <summary>What happened: a pinned name, such as <c>lease-granted</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The schema version of <see cref="Payload"/>, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>The whole state of a grain with a ledger after one of its entries.</summary>
public sealed record LedgerSnapshot
{
    /// <summary>The last entry that the snapshot stands for.</summary>
    public required long Sequence { get; init; }

    /// <summary>The schema version of <see cref="Payload"/>, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>What an activation needs to know all of its ledger: the newest snapshot and what came after it.</summary>
public sealed record LedgerTail
{
    /// <summary>The last sequence that is stored; 0 for a new ledger.</summary>
    public required long Sequence { get; init; }

    public LedgerSnapshot? Snapshot { get; init; }

    /// <summary>The entries after the snapshot in order; the first has the sequence behind the snapshot's, or 1.</summary>
    public IReadOnlyList<LedgerEntry> Entries { get; init; } = [];
}
