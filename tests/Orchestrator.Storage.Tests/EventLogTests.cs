using System.Text;

namespace Orchestrator.Storage.Tests;

public sealed class EventLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task An_event_that_is_handed_over_twice_is_stored_once(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        var first = await stores.Events.AppendAsync([Event("s-1", 1), Event("s-1", 2)], Token);
        var second = await stores.Events.AppendAsync([Event("s-1", 1), Event("s-1", 2), Event("s-1", 3)], Token);

        second.ShouldBeGreaterThan(first);
        var events = await stores.Events.EventsAfterAsync("s-1", 0, 100, Token);
        events.Select(e => e.Sequence).ShouldBe([1, 2, 3]);
        events.Select(e => e.Position).ShouldBeInOrder();
        Encoding.UTF8.GetString(events[1].Payload.Span).ShouldBe("s-1/2");
        events[1].At.ShouldBe(Start.AddSeconds(2));
        (await stores.Events.LastPositionAsync(Token)).ShouldBe(second);
        events[2].Position.ShouldBe(second);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_consumer_reads_one_source_behind_what_it_knows(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Events.AppendAsync([Event("s-1", 1), Event("s-2", 1), Event("s-1", 2), Event("s-1", 3)], Token);

        (await stores.Events.EventsAfterAsync("s-1", 1, 1, Token)).Select(e => e.Sequence).ShouldBe([2]);
        (await stores.Events.EventsAfterAsync("s-1", 1, 10, Token)).Select(e => e.Sequence).ShouldBe([2, 3]);
        (await stores.Events.EventsAfterAsync("s-1", 3, 10, Token)).ShouldBeEmpty();
        (await stores.Events.EventsAfterAsync("s-9", 0, 10, Token)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task The_newest_events_of_a_source_come_in_its_order(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Events.AppendAsync([Event("s-1", 1), Event("s-2", 1), Event("s-1", 2), Event("s-1", 3)], Token);

        (await stores.Events.NewestAsync("s-1", 2, Token)).Select(e => e.Sequence).ShouldBe([2, 3]);
        (await stores.Events.NewestAsync("s-9", 2, Token)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_reader_filters_and_resumes_by_position(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Events.AppendAsync(
            [
                Event("s-1", 1) with { Campaign = "c", Simulation = "s-1", Project = "x/a" },
                Event("s-2", 1) with { Campaign = "c", Simulation = "s-2", Kind = "ended", Project = "x/b" },
                Event("n-1", 1) with { Kind = "node-lost" },
                Event("s-1", 2) with { Campaign = "c", Simulation = "s-1", Kind = "ended", Project = "x/a" },
            ],
            Token);

        (await Read(EventFilter.All)).ShouldBe(["s-1/1", "s-2/1", "n-1/1", "s-1/2"]);
        (await Read(new() { Campaign = "c" })).ShouldBe(["s-1/1", "s-2/1", "s-1/2"]);
        (await Read(new() { Simulation = "s-1" })).ShouldBe(["s-1/1", "s-1/2"]);
        (await Read(new() { Source = "n-1" })).ShouldBe(["n-1/1"]);
        (await Read(new() { Kinds = ["ended", "node-lost"] })).ShouldBe(["s-2/1", "n-1/1", "s-1/2"]);
        (await Read(new() { Projects = ["x/a"] })).ShouldBe(["s-1/1", "n-1/1", "s-1/2"]);
        (await Read(new() { Projects = [] })).ShouldBe(["n-1/1"]);
        (await Read(new() { Since = DateTimeOffset.UnixEpoch, Kinds = ["node-lost"] })).ShouldBe(["n-1/1"]);
        (await Read(new() { Since = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero) })).ShouldBeEmpty();
        var first = await stores.Events.ReadAsync(0, EventFilter.All, 2, Token);
        (await stores.Events.ReadAsync(first[1].Position, EventFilter.All, 10, Token)).Select(Name).ShouldBe(["n-1/1", "s-1/2"]);

        async Task<List<string>> Read(EventFilter filter) => [.. (await stores.Events.ReadAsync(0, filter, 100, Token)).Select(Name)];
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_cursor_only_moves_on(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        (await stores.Events.CursorAsync("o-1", "s-1", Token)).ShouldBe(0);
        (await stores.Events.AdvanceAsync("o-1", "s-1", 5, Token)).ShouldBe(5);
        (await stores.Events.AdvanceAsync("o-1", "s-1", 3, Token)).ShouldBe(5);
        (await stores.Events.AdvanceAsync("o-1", "s-2", 1, Token)).ShouldBe(1);
        (await stores.Events.CursorAsync("o-1", "s-1", Token)).ShouldBe(5);

        await stores.Events.ForgetAsync("o-1", "s-1", Token);
        (await stores.Events.CursorAsync("o-1", "s-1", Token)).ShouldBe(0);
        (await stores.Events.CursorAsync("o-1", "s-2", Token)).ShouldBe(1);
        await stores.Events.ForgetAsync("o-1", null, Token);
        (await stores.Events.CursorAsync("o-1", "s-2", Token)).ShouldBe(0);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task The_log_keeps_an_event_until_every_registered_cursor_has_passed_it(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Events.AppendAsync([Event("s-1", 1), Event("s-1", 2), Event("s-1", 3), Event("s-2", 1)], Token);
        await stores.Events.AdvanceAsync("o-1", "s-1", 1, Token);
        await stores.Events.AdvanceAsync("o-2", "s-1", 3, Token);

        (await stores.Events.PruneAsync(Start.AddSeconds(3), Token)).ShouldBe(2);
        (await stores.Events.ReadAsync(0, EventFilter.All, 10, Token)).Select(Name).ShouldBe(["s-1/2", "s-1/3"]);

        await stores.Events.ForgetAsync("o-1", null, Token);
        (await stores.Events.PruneAsync(Start.AddSeconds(3), Token)).ShouldBe(1);
        (await stores.Events.ReadAsync(0, EventFilter.All, 10, Token)).Select(Name).ShouldBe(["s-1/3"]);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_late_repeat_of_what_was_pruned_is_not_news(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var last = await stores.Events.AppendAsync([Event("s-1", 1), Event("s-1", 2)], Token);
        await stores.Events.PruneAsync(Start.AddDays(1), Token);

        await stores.Events.AppendAsync([Event("s-1", 2), Event("s-1", 3)], Token);

        var events = await stores.Events.ReadAsync(0, EventFilter.All, 10, Token);
        events.Select(Name).ShouldBe(["s-1/3"]);
        events[0].Position.ShouldBeGreaterThan(last);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_waiting_reader_wakes_when_an_event_comes(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var last = await stores.Events.AppendAsync([Event("s-1", 1)], Token);

        var waiting = stores.Events.WaitAsync(last, Token);
        var past = stores.Events.WaitAsync(last - 1, Token);
        await past;
        waiting.IsCompleted.ShouldBeFalse();
        await stores.Events.AppendAsync([Event("s-1", 2)], Token);

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_waiting_reader_can_give_up(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var waiting = stores.Events.WaitAsync(0, leaving.Token);
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task A_waiting_reader_finds_what_another_silo_wrote()
    {
        await using var stores = await Stores.OpenAsync(Over.PostgreSql);
        await using var other = stores.OpenAnother();
        await stores.Events.LastPositionAsync(Token);

        var waiting = stores.Events.WaitAsync(0, Token);
        await stores.Clock.TimerArmedAsync(Token);
        await other.Events.AppendAsync([Event("s-1", 1)], Token);
        stores.Clock.Advance(TimeSpan.FromSeconds(1));

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Theory, MemberData(nameof(Stores.Databases), MemberType = typeof(Stores))]
    public async Task A_reader_that_resumes_behind_what_it_saw_misses_nothing_while_many_write(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Events.LastPositionAsync(Token);
        const int Writers = 8, Each = 25;

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var sequence = 1; sequence <= Each; sequence++)
            {
                await stores.Events.AppendAsync([Event($"s-{writer}", sequence)], Token);
            }
        }));
        var seen = new List<EventRecord>();
        while (seen.Count < Writers * Each)
        {
            await stores.Events.WaitAsync(seen.Count == 0 ? 0 : seen[^1].Position, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
            seen.AddRange(await stores.Events.ReadAsync(seen.Count == 0 ? 0 : seen[^1].Position, EventFilter.All, 1000, Token));
        }

        await writing;
        seen.Select(Name).Distinct().Count().ShouldBe(Writers * Each);
        seen.GroupBy(e => e.Source).ShouldAllBe(source => source.Select(e => e.Sequence).SequenceEqual(Enumerable.Range(1, Each).Select(i => (long)i)));
    }

    private static EventDraft Event(string source, long sequence) => new()
    {
        Source = source,
        Sequence = sequence,
        Kind = "progressed",
        At = Start.AddSeconds(sequence),
        Payload = Encoding.UTF8.GetBytes($"{source}/{sequence}"),
    };

    private static string Name(EventRecord e) => $"{e.Source}/{e.Sequence}";
}
