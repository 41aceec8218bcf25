namespace Orchestrator.Grains.Ledgers;

/// <summary>How a grain's ledger is read and when it is cut short.</summary>
internal sealed record LedgerRules<TState, TFact>
    where TState : class
    where TFact : class
{
    /// <summary>The state of a grain with an empty ledger.</summary>
    public required TState Empty { get; init; }

    /// <summary>The state after one more fact, which happened at the given time. Pure: reading a ledger again gives the same state.</summary>
    public required Func<TState, TFact, DateTimeOffset, TState> Apply { get; init; }

    /// <summary>The schema version of snapshots and facts that this release writes, and the newest it reads.</summary>
    public int Version { get; init; } = 1;

    /// <summary>
    /// A snapshot is taken after at least so many entries, and not before the entries are together as long as the snapshot before: so the cost of snapshots stays a fixed
    /// part of the cost of writing, however large the state grows. Default 500.
    /// </summary>
    public int SnapshotAfter { get; init; } = 500;
}
