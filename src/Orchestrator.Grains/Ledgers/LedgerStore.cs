using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Grains.Clusters;
using Orchestrator.Storage;

namespace Orchestrator.Grains.Ledgers;

/// <summary>
/// The state of a grain whose record is too large to be rewritten whole: a snapshot, and the facts after it. What <see cref="State"/> shows is stored. After an append whose
/// outcome is unknown, or that was fenced off by another activation, nothing more can be read or written here: the grain is told to deactivate, and the next activation reads.
/// </summary>
internal sealed class LedgerStore<TState, TFact>
    where TState : class
    where TFact : class
{
    private readonly ILedger ledger;
    private readonly string grain;
    private readonly LedgerRules<TState, TFact> rules;
    private readonly Action deactivate;
    private readonly ILogger logger;
    private readonly PlanRunner? runner;
    private TState state;
    private bool isLost;
    private int entriesSince;
    private long bytesSince;
    private long snapshotBytes;

    /// <param name="ledger">Where it is kept.</param>
    /// <param name="grain">The key of the grain.</param>
    /// <param name="rules">How it is read.</param>
    /// <param name="deactivate">Ends the activation, once, after the present turn.</param>
    /// <param name="logger">The grain's.</param>
    /// <param name="runner">Where long snapshots are written down; null: in the turn that takes them, for those that stay short.</param>
    public LedgerStore(ILedger ledger, string grain, LedgerRules<TState, TFact> rules, Action deactivate, ILogger logger, PlanRunner? runner = null)
    {
        this.ledger = ledger;
        this.grain = grain;
        this.rules = rules;
        this.deactivate = deactivate;
        this.logger = logger;
        this.runner = runner;
        state = rules.Empty;
    }

    /// <summary>What is stored.</summary>
    /// <exception cref="StorageUnavailableException">The truth is no longer known to this activation.</exception>
    public TState State
    {
        get
        {
            ThrowIfLost();
            return state;
        }
    }

    /// <summary>The last entry that is stored; 0 for none.</summary>
    public long Sequence { get; private set; }

    /// <summary>Ends with the snapshot that is being taken, if one is.</summary>
    public Task Snapshotted { get; private set; } = Task.CompletedTask;

    /// <summary>On activation.</summary>
    /// <exception cref="StateVersionException">A newer release has written to it.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var tail = await ledger.LoadAsync(grain, cancellationToken);
        state = rules.Empty;
        if (tail.Snapshot is { } snapshot)
        {
            Check(snapshot.Version, "snapshot");
            state = JsonSerializer.Deserialize<TState>(snapshot.Payload.Span, GrainStateSerializer.JsonOptions)!;
            snapshotBytes = snapshot.Payload.Length;
        }

        foreach (var entry in tail.Entries)
        {
            state = rules.Apply(state, Read(entry), entry.At);
            bytesSince += entry.Payload.Length;
        }

        entriesSince = tail.Entries.Count;
        Sequence = tail.Sequence;
        LedgerStoreLog.LedgerRead(logger, grain, Sequence, entriesSince);
    }

    /// <summary>Stores all facts or none, and then shows the state after them. Nothing is stored, and nothing changes, for no facts.</summary>
    public async Task AppendAsync(IReadOnlyList<TFact> facts, DateTimeOffset now)
    {
        ThrowIfLost();
        if (facts.Count == 0)
        {
            return;
        }

        // The fold comes first, so that a fact that cannot be applied is never stored; then every activation could read the ledger no more.
        var after = state;
        var entries = new LedgerEntry[facts.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var fact = facts[i];
            after = rules.Apply(after, fact, now);
            entries[i] = new()
            {
                Kind = FactNames<TFact>.Of(fact),
                Version = rules.Version,
                At = now,
                Payload = JsonSerializer.SerializeToUtf8Bytes(fact, fact.GetType(), GrainStateSerializer.JsonOptions),
            };
        }

        try
        {
            // Never with a caller's token: a write that was sent must be known to have happened or not.
            Sequence = await ledger.AppendAsync(grain, Sequence, entries, CancellationToken.None);
        }
        catch (Exception error)
        {
            isLost = true;
            LedgerStoreLog.AppendFailed(logger, grain, Sequence, error);
            deactivate();
            throw;
        }

        state = after;
        entriesSince += entries.Length;
        bytesSince += entries.Sum(static entry => (long)entry.Payload.Length);
        if (entriesSince >= rules.SnapshotAfter && bytesSince >= snapshotBytes && Snapshotted.IsCompleted)
        {
            entriesSince = 0;
            bytesSince = 0;
            Snapshotted = SnapshotAsync(state, Sequence);
        }
    }

    /// <summary>Nothing much is to come: what is stored becomes one snapshot, whatever was appended since the last.</summary>
    public void Compact()
    {
        if (entriesSince > 0 && !isLost && Snapshotted.IsCompleted)
        {
            entriesSince = 0;
            bytesSince = 0;
            Snapshotted = SnapshotAsync(state, Sequence);
        }
    }

    /// <summary>
    /// Beside the calls, which go on meanwhile: the state does not change under it, and what is appended later stays behind the snapshot. It never throws: the facts are stored, so
    /// without it the ledger is merely longer than it need be.
    /// </summary>
    private async Task SnapshotAsync(TState taken, long sequence)
    {
        try
        {
            var payload = runner is null ? Written() : await runner.RunAsync(Written, CancellationToken.None);
            snapshotBytes = payload.Length;
            await ledger.SnapshotAsync(grain, sequence, rules.Version, payload, CancellationToken.None);
        }
        catch (Exception error)
        {
            LedgerStoreLog.SnapshotFailed(logger, grain, sequence, error);
        }

        byte[] Written() => JsonSerializer.SerializeToUtf8Bytes(taken, GrainStateSerializer.JsonOptions);
    }

    private TFact Read(LedgerEntry entry)
    {
        Check(entry.Version, entry.Kind);
        var type = FactNames<TFact>.Find(entry.Kind)
            ?? throw new StateVersionException($"The ledger of {grain} has an entry \"{entry.Kind}\", which this release does not know. Use the release that wrote it, or a newer one.");
        return (TFact)JsonSerializer.Deserialize(entry.Payload.Span, type, GrainStateSerializer.JsonOptions)!;
    }

    private void Check(int version, string what)
    {
        if (version > rules.Version)
        {
            throw new StateVersionException(
                $"The ledger of {grain} has a {what} of schema version {version}; this release knows versions up to {rules.Version}. Use the release that wrote it, or a newer one.");
        }
    }

    private void ThrowIfLost()
    {
        if (isLost)
        {
            throw new StorageUnavailableException($"The ledger of {grain} must be read again: the outcome of a write is not known. Try again.");
        }
    }
}
