using Orchestrator.Abstractions.Accounts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Tests.Hosting;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Accounts;

public sealed class AccountBudgetTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>, IDisposable
{
    private static readonly ClusterId Cluster = new("k-main");

    public static TheoryData<Over> Databases => GrainWorld.Databases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => RequestContext.Clear();

    [Theory, MemberData(nameof(Databases))]
    public async Task Terms_and_what_was_drawn_survive_a_killed_silo(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over);
        var account = world.Grains.GetGrain<IAccountGrain>("p-lab.climate");
        (await account.SetAsync(new() { Shares = 3, Guaranteed = 0.25, Budgets = [Hard(10)] }, Token)).View.ShouldNotBeNull().Terms.Shares.ShouldBe(3);
        (await account.ExchangeAsync(Order(1, Draw(6)), Token)).Granted.ShouldBe([true]);

        await world.KillSiloOfAsync(account);

        var standing = await account.StandingAsync(Token);
        (standing.Shares, standing.Guaranteed, standing.BudgetLeft[BudgetUnit.CoreHours]).ShouldBe((3, 0.25, 4));
        (await account.ExchangeAsync(Order(1, Draw(6)), Token)).Granted.ShouldBe([true]);
        var budget = (await account.GetAsync(Token)).ShouldNotBeNull().Budgets.ShouldHaveSingleItem();
        (budget.Used, budget.Reserved, budget.Left, budget.Status).ShouldBe((0, 6, 4, BudgetStatus.Open));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_order_whose_entry_failed_is_done_once_whether_or_not_it_was_stored(bool stored)
    {
        await using var world = await GrainWorld.StartAsync();
        var key = world.NewKey('p');
        var account = world.Grains.GetGrain<IAccountGrain>(key);
        await account.SetAsync(new() { Budgets = [Hard(10)] }, Token);
        await world.UntilAsync(async () => (await world.Ledger.LoadAsync(key, Token)).Sequence == 3, "the change was told, and that is stored");
        world.Faults.FailNext(StorageFaults.Ledger, stored: stored);

        await Should.ThrowAsync<Exception>(() => account.ExchangeAsync(Order(1, Draw(6), Draw(6)), Token));
        EscrowReply? reply = null;
        await world.UntilAsync(
            async () =>
            {
                try
                {
                    reply = await account.ExchangeAsync(Order(1, Draw(6), Draw(6)), Token);
                    return true;
                }
                catch (StorageUnavailableException)
                {
                    return false;
                }
            },
            "the account answers again");

        reply.ShouldNotBeNull().Granted.ShouldBe([true, false]);
        (await account.StandingAsync(Token)).BudgetLeft[BudgetUnit.CoreHours].ShouldBe(4);
    }

    [Fact]
    public async Task Levels_are_told_once_each_though_the_log_fails_and_the_account_starts_anew()
    {
        await using var world = await GrainWorld.StartAsync();
        var account = world.Grains.GetGrain<IAccountGrain>("p-lab.climate");
        await account.SetAsync(new() { Budgets = [Hard(10)] }, Token);
        await world.UntilAsync(async () => (await world.Ledger.LoadAsync("p-lab.climate", Token)).Sequence == 3, "the change was told, and that is stored");
        world.Faults.FailNext(StorageFaults.EventLog, stored: true);

        await account.ExchangeAsync(Order(1) with { Settlements = [Used(8)] }, Token);
        await world.UntilAsync(() => Task.FromResult(world.Faults.Struck(StorageFaults.EventLog) == 1), "the log failed");
        await world.KillSiloOfAsync(account);
        await account.ExchangeAsync(Order(2) with { Settlements = [Used(2)] }, Token);
        await account.ExchangeAsync(Order(2) with { Settlements = [Used(2)] }, Token);
        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => (await world.EventsOfAsync("p-lab.climate")).Count >= 4, "the events are in the log");

        var told = (await world.EventsOfAsync("p-lab.climate")).Select(EventPublisher.Read).ToArray();
        told.Select(static occurrence => occurrence.Kind).ShouldBe([EventKinds.AccountChanged, EventKinds.BudgetWarned, EventKinds.BudgetDegraded, EventKinds.BudgetHalted]);
        told.Select(static occurrence => occurrence.Sequence).ShouldBe([1, 2, 3, 4]);
        told.ShouldAllBe(static occurrence => occurrence.Project == "lab/climate" && occurrence.Account == new AccountId("p-lab.climate"));
        (await account.GetAsync(Token)).ShouldNotBeNull().Budgets.ShouldHaveSingleItem().Status.ShouldBe(BudgetStatus.Halted);
    }

    [Fact]
    public async Task A_change_with_mistakes_is_answered_with_all_of_them_and_changes_nothing()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var key = world.NewKey('p');
        var account = world.Grains.GetGrain<IAccountGrain>(key);

        var reply = await account.SetAsync(new() { Shares = -1, Maximum = 2, Budgets = [Hard(10)] }, Token);

        reply.View.ShouldBeNull();
        reply.Problems.Select(static problem => problem.Field).ShouldBe(["shares", "maximum"]);
        (await world.Ledger.LoadAsync(key, Token)).Sequence.ShouldBe(0);
        (await account.GetAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task When_its_window_ends_a_budget_may_be_drawn_again()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var account = world.Grains.GetGrain<IAccountGrain>(world.NewKey('p'));
        await account.SetAsync(new() { Budgets = [Hard(10) with { Window = BudgetWindow.Hour }] }, Token);
        await account.ExchangeAsync(Order(1) with { Settlements = [Used(10)] }, Token);
        var refused = await account.ExchangeAsync(Order(2, Draw(1)), Token);
        refused.Granted.ShouldBe([false]);

        world.Clock.Advance(refused.Standing.BudgetRenewsAt.ShouldNotBeNull() - world.Clock.GetUtcNow());

        (await account.ExchangeAsync(Order(3, Draw(1)), Token)).Granted.ShouldBe([true]);
    }

    [Fact]
    public async Task Only_operators_arrange_and_only_the_system_draws()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var account = world.Inside.GetGrain<IAccountGrain>(world.NewKey('p'));
        CallerContext.Set(new Principal { User = "ada", Role = Role.Submitter });
        (await Should.ThrowAsync<AccessDeniedException>(() => account.SetAsync(new() { Shares = 9 }, Token))).Needed.ShouldBe(Role.Operator);

        CallerContext.Set(new Principal { User = "eve", Role = Role.Operator });
        await account.SetAsync(new() { Shares = 9 }, Token);
        (await Should.ThrowAsync<AccessDeniedException>(() => account.ExchangeAsync(Order(1), Token))).Needed.ShouldBe(Role.Administrator);
        (await account.StandingAsync(Token)).Shares.ShouldBe(9);
    }

    [Fact]
    public async Task A_hundred_draws_at_once_never_exceed_and_the_sums_are_exact()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var account = world.Grains.GetGrain<IAccountGrain>(world.NewKey('p'));
        await account.SetAsync(new() { Budgets = [Hard(60)] }, Token);

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => account.ExchangeAsync(Order(1, Draw(1)) with { Cluster = new($"k-{number}") }, Token)));
        replies.Count(static reply => reply.Granted[0]).ShouldBe(60);
        await Task.WhenAll(replies.Select((reply, number) => reply.Granted[0]
            ? account.ExchangeAsync(Order(2) with { Cluster = new($"k-{number}"), Settlements = [Used(0.25) with { Returned = Hours(0.75) }] }, Token)
            : Task.CompletedTask));

        var budget = (await account.GetAsync(Token)).ShouldNotBeNull().Budgets.ShouldHaveSingleItem();
        (budget.Used, budget.Reserved, budget.Left).ShouldBe((15, 0, 45));
    }

    private static Budget Hard(double coreHours) => new() { Unit = BudgetUnit.CoreHours, Limit = coreHours };

    private static EscrowOrder Order(long operation, params EscrowDraw[] draws) => new() { Cluster = Cluster, Operation = operation, Draws = [.. draws] };

    private static EscrowDraw Draw(double coreHours) => new() { User = "ada", Amounts = Hours(coreHours) };

    private static EscrowSettlement Used(double coreHours) => new() { User = "ada", Used = Hours(coreHours) };

    private static BudgetAmounts Hours(double coreHours) => new() { CoreHours = BudgetAmounts.FromUnits(coreHours) };
}
