namespace Orchestrator.Storage.Tests;

public sealed class SimulationIndexTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_row_comes_back_as_it_was_stored(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        var entry = Entry("s-1") with { Campaign = "c", Variant = "v", Priority = -3, Progress = 0.25, Summary = "{}"u8.ToArray() };

        (await stores.Index.UpsertAsync(entry, Token)).ShouldBeTrue();

        var found = await stores.Index.FindAsync("s-1", Token);
        found.ShouldNotBeNull();
        (found with { Summary = entry.Summary }).ShouldBe(entry);
        found.Summary.ToArray().ShouldBe("{}"u8.ToArray());
        (await stores.Index.FindAsync("s-2", Token)).ShouldBeNull();
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task An_older_version_never_replaces_a_newer_one(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Index.UpsertAsync(Entry("s-1") with { Version = 5, Status = "Running" }, Token);

        (await stores.Index.UpsertAsync(Entry("s-1") with { Version = 4, Status = "Pending" }, Token)).ShouldBeFalse();
        (await stores.Index.UpsertAsync(Entry("s-1") with { Version = 5, Status = "Pending" }, Token)).ShouldBeFalse();
        (await stores.Index.FindAsync("s-1", Token))!.Status.ShouldBe("Running");

        (await stores.Index.UpsertAsync(Entry("s-1") with { Version = 6, Status = "Completed", IsLive = false }, Token)).ShouldBeTrue();
        (await stores.Index.FindAsync("s-1", Token))!.Status.ShouldBe("Completed");
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Pages_go_from_new_to_old_and_meet_every_row_once(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        for (var i = 0; i < 25; i++)
        {
            // Five share each second: the name decides among them.
            await stores.Index.UpsertAsync(Entry($"s-{i:00}") with { SubmittedAt = Start.AddSeconds(i / 5) }, Token);
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await stores.Index.QueryAsync(SimulationIndexFilter.All, cursor, 7, Token);
            names.AddRange(page.Entries.Select(entry => entry.Simulation));
            cursor = page.Next;
            await stores.Index.UpsertAsync(Entry($"s-new-{names.Count}") with { SubmittedAt = Start.AddDays(1) }, Token);
        }
        while (cursor is not null);

        names.ShouldBe(Enumerable.Range(0, 25).OrderByDescending(i => i / 5).ThenBy(i => i).Select(i => $"s-{i:00}"));
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Filters_hold_together(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Index.UpsertAsync(Entry("s-1") with { Owner = "ada", Status = "Running", Cluster = "k-a", Project = "x/a" }, Token);
        await stores.Index.UpsertAsync(Entry("s-2") with { Owner = "ada", Status = "Failed", IsLive = false, Cluster = "k-a", Project = "x/b" }, Token);
        await stores.Index.UpsertAsync(Entry("s-3") with { Owner = "bob", Status = "Running", Cluster = "k-b", Scenario = "o-1", Campaign = "c", Institution = "i" }, Token);

        (await Names(new() { Owner = "ada" })).ShouldBe(["s-1", "s-2"]);
        (await Names(new() { Owner = "ada", Statuses = ["Running", "Pending"] })).ShouldBe(["s-1"]);
        (await Names(new() { Statuses = ["Failed", "Running"] })).ShouldBe(["s-1", "s-2", "s-3"]);
        (await Names(new() { IsLive = false })).ShouldBe(["s-2"]);
        (await Names(new() { Cluster = "k-b", Scenario = "o-1", Campaign = "c", Institution = "i" })).ShouldBe(["s-3"]);
        (await Names(new() { Projects = ["x/a", "x/b"] })).ShouldBe(["s-1", "s-2"]);
        (await Names(new() { Projects = ["x/a", "x/b"], Project = "x/b" })).ShouldBe(["s-2"]);
        (await Names(new() { Projects = [] })).ShouldBeEmpty();

        async Task<List<string>> Names(SimulationIndexFilter filter) =>
            [.. (await stores.Index.QueryAsync(filter, null, 100, Token)).Entries.Select(entry => entry.Simulation)];
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task Live_ones_and_counts_follow_the_rows(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);
        await stores.Index.UpsertAsync(Entry("s-2") with { Cluster = "k-a", Status = "Running" }, Token);
        await stores.Index.UpsertAsync(Entry("s-1") with { Cluster = "k-a", Status = "Running" }, Token);
        await stores.Index.UpsertAsync(Entry("s-3") with { Cluster = "k-b", Status = "Pending" }, Token);
        await stores.Index.UpsertAsync(Entry("s-4") with { Cluster = "k-a", Status = "Completed", IsLive = false }, Token);

        (await stores.Index.LiveAsync("k-a", Token)).Select(entry => entry.Simulation).ShouldBe(["s-1", "s-2"]);
        (await stores.Index.LiveAsync(null, Token)).Select(entry => entry.Simulation).ShouldBe(["s-1", "s-2", "s-3"]);
        var counts = await stores.Index.CountByStatusAsync(SimulationIndexFilter.All, Token);
        counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => (count.Key, count.Value)).ShouldBe([("Completed", 1L), ("Pending", 1L), ("Running", 2L)]);

        (await stores.Index.DeleteAsync("s-1", Token)).ShouldBeTrue();
        (await stores.Index.DeleteAsync("s-1", Token)).ShouldBeFalse();
        (await stores.Index.CountByStatusAsync(new() { Cluster = "k-a", IsLive = true }, Token)).ShouldBe(new Dictionary<string, long> { ["Running"] = 1 });
    }

    [Theory, MemberData(nameof(Stores.Every), MemberType = typeof(Stores))]
    public async Task A_cursor_or_a_limit_that_is_none_is_refused(Over over)
    {
        await using var stores = await Stores.OpenAsync(over);

        await Should.ThrowAsync<ArgumentException>(() => stores.Index.QueryAsync(SimulationIndexFilter.All, "x'; --", 10, Token));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => stores.Index.QueryAsync(SimulationIndexFilter.All, null, 0, Token));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => stores.Index.QueryAsync(SimulationIndexFilter.All, null, 1001, Token));
    }

    private static SimulationIndexEntry Entry(string simulation) => new()
    {
        Simulation = simulation,
        Status = "Pending",
        IsLive = true,
        SubmittedAt = Start,
        UpdatedAt = Start.AddTicks(1),
        Version = 1,
    };
}
