using System.Text;

namespace Orchestrator.Storage.Tests;

public sealed class LedgerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_new_ledger_is_empty(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        var tail = await stores.Ledger.LoadAsync("k-one", Token);

        tail.Sequence.ShouldBe(0);
        tail.Snapshot.ShouldBeNull();
        tail.Entries.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Entries_come_back_whole_and_in_order(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        (await stores.Ledger.AppendAsync("k-one", 0, [Entry("granted", 1), Entry("released", 2)], Token)).ShouldBe(2);
        (await stores.Ledger.AppendAsync("k-one", 2, [Entry("granted", 3)], Token)).ShouldBe(3);
        await stores.Ledger.AppendAsync("k-two", 0, [Entry("other", 1)], Token);

        var tail = await stores.Ledger.LoadAsync("k-one", Token);
        tail.Sequence.ShouldBe(3);
        tail.Entries.Select(entry => entry.Kind).ShouldBe(["granted", "released", "granted"]);
        tail.Entries.Select(Text).ShouldBe(["1", "2", "3"]);
        tail.Entries[2].At.ShouldBe(stores.Clock.GetUtcNow());
        tail.Entries[2].Version.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_second_activation_is_fenced_and_stores_nothing(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Ledger.AppendAsync("k-one", 0, [Entry("a", 1)], Token);

        var late = await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.AppendAsync("k-one", 0, [Entry("b", 2), Entry("c", 3)], Token));
        var ahead = await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.AppendAsync("k-one", 5, [Entry("d", 4)], Token));
        var unknown = await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.AppendAsync("k-new", 1, [Entry("e", 5)], Token));

        (late.Grain, late.ExpectedSequence, late.StoredSequence).ShouldBe(("k-one", 0, 1));
        ahead.StoredSequence.ShouldBe(1);
        unknown.StoredSequence.ShouldBe(0);
        (await stores.Ledger.LoadAsync("k-one", Token)).Entries.Select(Text).ShouldBe(["1"]);
        (await stores.Ledger.LoadAsync("k-new", Token)).Entries.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Of_many_activations_that_append_at_once_one_wins_each_sequence(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        for (var sequence = 0; sequence < 5; sequence++)
        {
            var expected = sequence;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
            {
                try
                {
                    await stores.Ledger.AppendAsync("k-one", expected, [Entry("a", writer)], Token);
                    return true;
                }
                catch (LedgerFencedException)
                {
                    return false;
                }
            }));

            outcomes.Count(won => won).ShouldBe(1);
        }

        (await stores.Ledger.LoadAsync("k-one", Token)).Sequence.ShouldBe(5);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_snapshot_stands_for_what_came_before_it(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Ledger.AppendAsync("k-one", 0, [Entry("a", 1), Entry("b", 2), Entry("c", 3)], Token);

        await stores.Ledger.SnapshotAsync("k-one", 2, 7, Bytes("two"), Token);

        var tail = await stores.Ledger.LoadAsync("k-one", Token);
        tail.Sequence.ShouldBe(3);
        tail.Snapshot.ShouldNotBeNull();
        (tail.Snapshot.Sequence, tail.Snapshot.Version, Encoding.UTF8.GetString(tail.Snapshot.Payload.Span)).ShouldBe((2, 7, "two"));
        tail.Entries.Select(Text).ShouldBe(["3"]);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_snapshot_of_everything_still_fences(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Ledger.AppendAsync("k-one", 0, [Entry("a", 1), Entry("b", 2)], Token);
        await stores.Ledger.SnapshotAsync("k-one", 2, 1, Bytes("two"), Token);

        await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.AppendAsync("k-one", 0, [Entry("x", 9)], Token));
        await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.AppendAsync("k-one", 1, [Entry("x", 9)], Token));
        (await stores.Ledger.AppendAsync("k-one", 2, [Entry("c", 3)], Token)).ShouldBe(3);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task An_older_snapshot_changes_nothing_and_one_from_the_future_is_fenced(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Ledger.AppendAsync("k-one", 0, [Entry("a", 1), Entry("b", 2), Entry("c", 3)], Token);
        await stores.Ledger.SnapshotAsync("k-one", 2, 1, Bytes("two"), Token);

        await stores.Ledger.SnapshotAsync("k-one", 1, 1, Bytes("one"), Token);
        await stores.Ledger.SnapshotAsync("k-one", 2, 1, Bytes("again"), Token);
        await Should.ThrowAsync<LedgerFencedException>(() => stores.Ledger.SnapshotAsync("k-one", 4, 1, Bytes("four"), Token));

        var tail = await stores.Ledger.LoadAsync("k-one", Token);
        Encoding.UTF8.GetString(tail.Snapshot!.Payload.Span).ShouldBe("two");
        tail.Entries.Select(Text).ShouldBe(["3"]);
    }

    private static LedgerEntry Entry(string kind, int number) =>
        new() { Kind = kind, Payload = Bytes($"{number}"), At = new ManualClock().GetUtcNow() };

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(LedgerEntry entry) => Encoding.UTF8.GetString(entry.Payload.Span);
}
