using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// What survives every silo: one row per grain, written whole under an ETag, and the ledger of a cluster, appended to under its sequence, which fences a second activation. A write
/// takes time; it fails unstored, or stored with its answer lost, as the adversary wishes. What is stored was stored whole.
/// </summary>
internal sealed class Storage(World world)
{
    private readonly Dictionary<string, (long ETag, object State)> rows = [];
    private readonly Dictionary<string, List<(ClusterFact Fact, DateTimeOffset At)>> ledgers = [];
    private readonly Dictionary<string, (ClusterState State, long Sequence)> snapshots = [];

    /// <summary>Share of writes that fail, half of them after they were stored.</summary>
    public double Failures { get; set; }

    /// <summary>Share of writes after which the writer dies before it learns that they are stored.</summary>
    public double Crashes { get; set; }

    /// <summary>Nothing is read or written before.</summary>
    public DateTimeOffset AwayUntil { get; set; }

    /// <summary>Called when a row is stored: key, state before (null: none), state after.</summary>
    public event Action<string, object?, object>? RowStored;

    /// <summary>Called when facts are stored: key, facts, state after.</summary>
    public event Action<string, IReadOnlyList<ClusterFact>, ClusterState>? FactsStored;

    public object? Peek(string key) => rows.TryGetValue(key, out var row) ? row.State : null;

    public async Task<(long ETag, object? State)> ReadAsync(Host host, string key)
    {
        await TakeTimeAsync(host);
        return rows.TryGetValue(key, out var row) ? row : (0, null);
    }

    /// <returns>The new ETag.</returns>
    /// <exception cref="CallFailedException">The outcome is not known, or another activation wrote before.</exception>
    public async Task<long> WriteAsync(Host host, string key, long etag, object state)
    {
        await TakeTimeAsync(host);
        var fails = world.Dice.Chance(Failures);
        if (fails && world.Dice.Chance(0.5))
        {
            throw new CallFailedException("storage failed");
        }

        var before = rows.TryGetValue(key, out var row) ? row : default;
        if (before.ETag != etag)
        {
            throw new CallFailedException("inconsistent state");
        }

        rows[key] = (etag + 1, state);
        RowStored?.Invoke(key, before.State, state);
        await AfterStoringAsync(host, fails);
        return etag + 1;
    }

    /// <summary>The state that the ledger tells, from its snapshot on.</summary>
    public async Task<(ClusterState State, long Sequence)> LoadLedgerAsync(Host host, string key)
    {
        await TakeTimeAsync(host);
        var (state, from) = snapshots.GetValueOrDefault(key, (new ClusterState(), 0));
        var ledger = ledgers.GetValueOrDefault(key) ?? [];
        foreach (var (fact, at) in ledger.Skip((int)from))
        {
            state = ClusterMachine.Apply(state, fact, at);
        }

        return (state, ledger.Count);
    }

    /// <returns>The new sequence.</returns>
    /// <exception cref="CallFailedException">The outcome is not known, or another activation appended before.</exception>
    public async Task<long> AppendAsync(Host host, string key, long sequence, IReadOnlyList<ClusterFact> facts, DateTimeOffset at, ClusterState after)
    {
        // The list may be used again by its owner before it is stored.
        ImmutableArray<ClusterFact> kept = [.. facts];
        await TakeTimeAsync(host);
        var fails = world.Dice.Chance(Failures);
        if (fails && world.Dice.Chance(0.5))
        {
            throw new CallFailedException("storage failed");
        }

        if (!ledgers.TryGetValue(key, out var ledger))
        {
            ledgers.Add(key, ledger = []);
        }

        if (ledger.Count != sequence)
        {
            throw new CallFailedException("another activation appended");
        }

        ledger.AddRange(kept.Select(fact => (fact, at)));
        FactsStored?.Invoke(key, kept, after);
        await AfterStoringAsync(host, fails);
        return ledger.Count;
    }

    public void Snapshot(string key, ClusterState state, long sequence) => snapshots[key] = (state, sequence);

    /// <summary>Anything else that is stored: it is done once the wait is over, and safe to do twice.</summary>
    public async Task DoAsync(Host host, Action act)
    {
        await TakeTimeAsync(host);
        var fails = world.Dice.Chance(Failures);
        if (fails && world.Dice.Chance(0.5))
        {
            throw new CallFailedException("storage failed");
        }

        act();
        await AfterStoringAsync(host, fails);
    }

    private async Task TakeTimeAsync(Host host)
    {
        await host.DelayAsync(TimeSpan.FromMilliseconds(0.3), TimeSpan.FromMilliseconds(8));
        if (AwayUntil > world.Now)
        {
            throw new CallFailedException("storage is away");
        }
    }

    private async Task AfterStoringAsync(Host host, bool fails)
    {
        if (world.Dice.Chance(Crashes))
        {
            host.Say("dies between store and act");
            (host is Activation activation && world.Dice.Chance(0.5) ? activation : host.Root).Kill();
        }

        await host.DelayAsync(TimeSpan.FromMilliseconds(0.2), TimeSpan.FromMilliseconds(2));
        if (fails)
        {
            throw new CallFailedException("the answer of storage is lost");
        }
    }
}
