using Orchestrator.Abstractions.Accounts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Accounts;

public sealed class AccountGrainTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>
{
    private static readonly Dictionary<string, string?> AtOnce = new() { ["Orchestrator:Accounts:Gather"] = "00:00:00" };

    public static TheoryData<Over> Databases => GrainWorld.Databases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Databases))]
    public async Task Use_is_counted_by_user_and_day_and_each_once(Over over)
    {
        var world = await worlds.OverAsync(over, AtOnce);
        var account = world.NewKey('p');
        EventStory one = new(world, world.NewKey('s'), account: account), two = new(world, world.NewKey('s'), account: account);

        await one.TellAsync(EventKinds.StageProgressed, 0.5);
        await one.TellAsync(EventKinds.AttemptEnded, use: Hours(2));
        await two.TellAsync(EventKinds.AttemptEnded, use: Hours(3), user: "bob");
        await one.LogAsync(EventKinds.AttemptEnded, use: Hours(4));
        var last = await one.LogAsync(EventKinds.AttemptEnded, use: Hours(5));
        await one.NudgeAsync(last);
        await one.NudgeAsync(last);
        await CountedAsync(world, account, 4);

        var view = (await world.Grains.GetGrain<IAccountGrain>(account).GetAsync(Token)).ShouldNotBeNull();
        view.Total.CoreTime.ShouldBe(TimeSpan.FromHours(14));
        view.ByUser["ada"].CoreTime.ShouldBe(TimeSpan.FromHours(11));
        view.ByUser["bob"].CoreTime.ShouldBe(TimeSpan.FromHours(3));
        view.Days.ShouldHaveSingleItem().Use.ShouldBe(view.Total);
    }

    [Fact]
    public async Task Who_asks_is_told_of_what_nobody_was_nudged_about()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);
        var account = world.NewKey('p');
        var story = new EventStory(world, world.NewKey('s'), account: account);
        var grain = world.Grains.GetGrain<IAccountGrain>(account);
        (await grain.GetAsync(Token)).ShouldBeNull();

        await story.LogAsync(EventKinds.AttemptEnded, use: Hours(2));

        (await grain.GetAsync(Token)).ShouldNotBeNull().Total.CoreTime.ShouldBe(TimeSpan.FromHours(2));
        (await world.Ledger.LoadAsync(account, Token)).Sequence.ShouldBe(0);
    }

    [Fact]
    public async Task Use_over_time_is_told_with_what_nobody_was_nudged_about()
    {
        var world = await worlds.OverAsync(Over.Sqlite, AtOnce);
        var account = world.NewKey('p');
        var story = new EventStory(world, world.NewKey('s'), account: account);
        await story.LogAsync(EventKinds.AttemptEnded, use: Hours(2));
        await story.LogAsync(EventKinds.AttemptEnded, use: Hours(3));

        var rows = await world.Grains.GetGrain<IAccountGrain>(account).UsageAsync(new UsageQuery { By = UsageDimension.Total, Step = SeriesStep.Month }, Token);

        rows.Sum(static row => row.Amounts.Cores).ShouldBe(5 * 3600, 1e-6);
        rows.Sum(static row => row.Amounts.Attempts).ShouldBe(2);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_killed_silo_counts_nothing_twice_and_forgets_nothing(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over, settings: AtOnce);
        var account = world.NewKey('p');
        var story = new EventStory(world, world.NewKey('s'), account: account);
        var grain = world.Grains.GetGrain<IAccountGrain>(account);
        await story.TellAsync(EventKinds.AttemptEnded, use: Hours(2));
        await CountedAsync(world, account, 1);
        await grain.GetAsync(Token);

        await world.KillSiloOfAsync(grain);
        await story.TellAsync(EventKinds.AttemptEnded, use: Hours(3));
        (await grain.GetAsync(Token)).ShouldNotBeNull().Total.CoreTime.ShouldBe(TimeSpan.FromHours(5));
        await CountedAsync(world, account, 2);

        (await grain.GetAsync(Token)).ShouldNotBeNull().Total.CoreTime.ShouldBe(TimeSpan.FromHours(5));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_entry_that_failed_counts_once_whether_or_not_it_was_stored(bool stored)
    {
        await using var world = await GrainWorld.StartAsync(settings: AtOnce);
        var account = world.NewKey('p');
        var story = new EventStory(world, world.NewKey('s'), account: account);
        world.Faults.FailNext(StorageFaults.Ledger, stored: stored);

        await story.TellAsync(EventKinds.AttemptEnded, use: Hours(2));
        await world.UntilAsync(() => Task.FromResult(world.Faults.Struck(StorageFaults.Ledger) == 1), "the write failed");
        await story.TellAsync(EventKinds.AttemptEnded, use: Hours(3));
        await CountedAsync(world, account, 2);

        (await world.Grains.GetGrain<IAccountGrain>(account).GetAsync(Token)).ShouldNotBeNull().Total.CoreTime.ShouldBe(TimeSpan.FromHours(5));
    }

    /// <summary>Waits until the ledger has counted so many attempts.</summary>
    private static Task CountedAsync(GrainWorld world, string account, int attempts) => world.UntilAsync(
        async () => (await world.Ledger.LoadAsync(account, Token)).Entries.Count(static entry => entry.Kind == "use-counted") >= attempts,
        $"{attempts} attempts were counted");

    private static ResourceUse Hours(int hours) => new() { CoreTime = TimeSpan.FromHours(hours), WallTime = TimeSpan.FromHours(1) };
}
