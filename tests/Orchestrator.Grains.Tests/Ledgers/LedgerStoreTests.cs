using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Storage.InMemory;

namespace Orchestrator.Grains.Tests.Ledgers;

public sealed class LedgerStoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly InMemoryLedger ledger = new();
    private int deactivations;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_appended_is_read_again_with_and_without_a_snapshot()
    {
        var store = await OpenAsync(snapshotAfter: 4);
        for (var i = 1; i <= 9; i++)
        {
            await store.AppendAsync([new Fact.Added { Number = i }], Now);
            await store.Snapshotted;
        }

        var again = await OpenAsync(snapshotAfter: 4);

        again.State.Total.ShouldBe(45);
        again.Sequence.ShouldBe(9);
        var tail = await ledger.LoadAsync("k-1", Token);
        tail.Snapshot.ShouldNotBeNull().Sequence.ShouldBe(8);
        tail.Entries.ShouldHaveSingleItem().Kind.ShouldBe("added");
    }

    [Fact]
    public async Task A_second_activation_is_fenced_off_and_told_to_end()
    {
        var one = await OpenAsync();
        var two = await OpenAsync();
        await one.AppendAsync([new Fact.Added { Number = 1 }], Now);

        await Should.ThrowAsync<LedgerFencedException>(() => two.AppendAsync([new Fact.Added { Number = 2 }], Now));

        deactivations.ShouldBe(1);
        Should.Throw<StorageUnavailableException>(() => two.State);
        await Should.ThrowAsync<StorageUnavailableException>(() => two.AppendAsync([new Fact.Added { Number = 2 }], Now));
        (await OpenAsync()).State.Total.ShouldBe(1);
    }

    [Fact]
    public async Task A_fact_that_this_release_does_not_know_is_not_skipped()
    {
        await ledger.AppendAsync("k-1", 0, [new() { Kind = "of-the-future", Payload = "{}"u8.ToArray(), At = Now }], Token);

        (await Should.ThrowAsync<StateVersionException>(() => OpenAsync())).Message.ShouldContain("of-the-future");
    }

    [Fact]
    public async Task A_fact_that_cannot_be_applied_is_never_stored()
    {
        var store = await OpenAsync();

        await Should.ThrowAsync<OverflowException>(() => store.AppendAsync([new Fact.Added { Number = 1 }, new Fact.Added { Number = int.MaxValue }], Now));

        store.State.Total.ShouldBe(0);
        (await ledger.LoadAsync("k-1", Token)).Sequence.ShouldBe(0);
    }

    [Fact]
    public async Task Calls_do_not_wait_for_a_snapshot_and_what_comes_meanwhile_stays_behind_it()
    {
        var slow = new SlowSnapshots(ledger);
        var store = await OpenAsync(snapshotAfter: 2, slow);
        for (var i = 1; i <= 5; i++)
        {
            await store.AppendAsync([new Fact.Added { Number = i }], Now);
        }

        store.Snapshotted.IsCompleted.ShouldBeFalse();
        slow.Gate.SetResult();
        await store.Snapshotted;

        var tail = await ledger.LoadAsync("k-1", Token);
        tail.Snapshot.ShouldNotBeNull().Sequence.ShouldBe(2);
        tail.Entries.Count.ShouldBe(3);
        (await OpenAsync()).State.Total.ShouldBe(15);
    }

    [Fact]
    public async Task A_snapshot_that_fails_costs_nothing_and_is_taken_again()
    {
        var slow = new SlowSnapshots(ledger);
        var store = await OpenAsync(snapshotAfter: 2, slow);
        slow.Gate.SetException(new StorageUnavailableException("The disk is full."));
        await store.AppendAsync([new Fact.Added { Number = 1 }, new Fact.Added { Number = 2 }], Now);
        await store.Snapshotted;
        slow.Gate = new();
        slow.Gate.SetResult();

        await store.AppendAsync([new Fact.Added { Number = 3 }, new Fact.Added { Number = 4 }], Now);
        await store.Snapshotted;

        (await ledger.LoadAsync("k-1", Token)).Snapshot.ShouldNotBeNull().Sequence.ShouldBe(4);
        (await OpenAsync()).State.Total.ShouldBe(10);
    }

    private async Task<LedgerStore<Sum, Fact>> OpenAsync(int snapshotAfter = 500, ILedger? over = null)
    {
        var store = new LedgerStore<Sum, Fact>(
            over ?? ledger,
            "k-1",
            new() { Empty = new(), Apply = static (sum, fact, _) => new() { Total = checked(sum.Total + ((Fact.Added)fact).Number) }, SnapshotAfter = snapshotAfter },
            () => deactivations++,
            NullLogger.Instance);
        await store.LoadAsync(Token);
        return store;
    }

    /// <summary>Stores no snapshot before its gate opens.</summary>
    private sealed class SlowSnapshots(ILedger inner) : ILedger
    {
        public TaskCompletionSource Gate { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<LedgerTail> LoadAsync(string grain, CancellationToken cancellationToken = default) => inner.LoadAsync(grain, cancellationToken);

        public Task<long> AppendAsync(string grain, long expectedSequence, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken = default) =>
            inner.AppendAsync(grain, expectedSequence, entries, cancellationToken);

        public async Task SnapshotAsync(string grain, long sequence, int version, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
        {
            await Gate.Task;
            await inner.SnapshotAsync(grain, sequence, version, payload, cancellationToken);
        }
    }

    private sealed record Sum
    {
        public int Total { get; init; }
    }

    [JsonDerivedType(typeof(Added), "added")]
    private abstract record Fact
    {
        public sealed record Added : Fact
        {
            public int Number { get; init; }
        }
    }
}
