using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.Hosting;
using Orchestrator.Grains.Tests.Nodes;

namespace Orchestrator.Grains.Tests.Accounts;

/// <summary>A cluster that starts work of accounts with budgets, over the real grains.</summary>
public sealed class ClusterBudgetTests
{
    /// <summary>No node is lost while a test moves the clock.</summary>
    private static readonly Dictionary<string, string?> Patient = new() { ["Orchestrator:Nodes:HeartbeatInterval"] = "00:10:00", ["Orchestrator:Nodes:DetectionWindow"] = "01:00:00" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_hard_budget_does_not_cover_waits_until_something_is_returned_or_it_is_raised()
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 2, Hard(2));
        await site.RequestAsync("one");
        await site.RequestAsync("two");
        await site.UntilAsync("one", LeaseState.Granted);
        await site.UntilAsync("two", LeaseState.Granted);
        await site.RequestAsync("three");
        await site.RequestAsync("foreign", account: world.NewKey('p'));
        await site.UntilAsync("foreign", LeaseState.Granted);
        await site.UntilWaitsAsync("three", PlacementConstraint.Budget);
        (await site.BudgetAsync()).Left.ShouldNotBeNull().ShouldBe(0, 1e-6);

        world.Clock.Advance(TimeSpan.FromMinutes(15));
        await site.ReleaseAsync("one");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Left: > 0.7 and < 0.8 }, "the rest of the first is returned", TimeSpan.FromMinutes(2));
        (await site.StatusAsync("three")).State.ShouldBe(LeaseState.Queued);

        await site.SetAsync(Hard(2.3));
        await site.UntilAsync("three", LeaseState.Granted);

        await site.BeatAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(44));
        await site.ReleaseAsync("two");
        await site.ReleaseAsync("three");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Used: > 1.8 and <= 2.3, Reserved: 0, Overrun: 0 }, "all is settled", TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task The_end_of_a_window_starts_what_waits_for_it()
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 2, Hard(1) with { Window = BudgetWindow.Day });
        await site.RequestAsync("one");
        await site.UntilAsync("one", LeaseState.Granted);
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        await site.BeatAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(29));
        await site.ReleaseAsync("one");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()).Reserved == 0, "the first is settled", TimeSpan.FromMinutes(2));
        await site.RequestAsync("two");
        await site.UntilWaitsAsync("two", PlacementConstraint.Budget);
        (await site.StatusAsync("two")).Reason.ShouldNotBeNull().PlannedStart.ShouldBe((await site.BudgetAsync()).WindowEnd);

        var end = (await site.BudgetAsync()).WindowEnd.ShouldNotBeNull();
        while (world.Clock.GetUtcNow() < end)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(30));
            await site.BeatAsync();
        }

        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => (await site.StatusAsync("two")).State == LeaseState.Granted, "the next day's budget starts it", TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task After_a_kill_of_all_silos_nothing_is_reserved_or_counted_twice()
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 2, Hard(3));
        await site.RequestAsync("one");
        await site.RequestAsync("two");
        await site.UntilAsync("one", LeaseState.Granted);
        await site.UntilAsync("two", LeaseState.Granted);
        world.Clock.Advance(TimeSpan.FromMinutes(30));
        await site.ReleaseAsync("one");

        await world.KillAllAndStartAgainAsync();

        await site.BeatAsync();
        await site.ReleaseAsync("one");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Left: > 1.3 and < 1.51 }, "the first is settled", TimeSpan.FromMinutes(2));
        await site.RequestAsync("three");
        await site.UntilAsync("three", LeaseState.Granted);
        await site.ReleaseAsync("two");
        await site.ReleaseAsync("three");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Used: >= 1 and < 1.2, Reserved: 0, Overrun: 0 }, "all is settled", TimeSpan.FromMinutes(2));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_write_that_failed_while_budgets_are_drawn_loses_and_doubles_nothing(bool stored)
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 2, Hard(2));
        await site.RequestAsync("one");
        await site.UntilAsync("one", LeaseState.Granted);
        world.Faults.FailNext(StorageFaults.Ledger, count: 3, stored: stored);

        await world.PassUntilAsync(
            TimeSpan.FromSeconds(1),
            async () =>
            {
                try
                {
                    await site.RequestAsync("two");
                    return (await site.StatusAsync("two")).State == LeaseState.Granted;
                }
                catch (StorageUnavailableException)
                {
                    return false;
                }
            },
            "the second has its nodes");

        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Left: < 1e-6, Overrun: 0 }, "both are reserved", TimeSpan.FromMinutes(2));
        await site.RequestAsync("three");
        await site.UntilWaitsAsync("three", PlacementConstraint.Budget);
    }

    [Fact]
    public async Task Work_without_a_known_end_is_covered_on_and_on_and_leaves_before_its_budget_is_used_up()
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 1, Hard(2.5));
        await site.RequestAsync("endless", hours: null);
        await site.UntilAsync("endless", LeaseState.Granted);

        await world.PassUntilAsync(
            TimeSpan.FromMinutes(5),
            async () =>
            {
                await site.BeatAsync();
                return (await site.StatusAsync("endless")).Stop == StopReason.Preemption;
            },
            "it is asked to leave",
            within: TimeSpan.FromHours(3));

        var budget = await site.BudgetAsync();
        (budget.Used + budget.Reserved).ShouldBeLessThanOrEqualTo(2.5);
        budget.Used.ShouldBeGreaterThan(1);
        await site.ReleaseAsync("endless");
        await world.PassUntilAsync(TimeSpan.FromSeconds(5), async () => (await site.BudgetAsync()) is { Reserved: 0, Overrun: 0, Used: > 1.5 and <= 2.5 }, "all is settled", TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task What_overruns_its_estimate_is_settled_on_although_nobody_waits_and_the_last_plan_is_long_out_of_date()
    {
        await using var world = await GrainWorld.StartAsync(settings: Patient);
        var site = await Site.WithAsync(world, nodes: 2, Hard(100) with { Kind = BudgetKind.Soft });
        await site.RequestAsync("one");
        await site.UntilAsync("one", LeaseState.Granted);
        var start = world.Clock.GetUtcNow().AddHours(1);
        (await site.AddWindowAsync(new() { Id = "later", Start = start, End = start.AddHours(1) })).Accepted.ShouldBeTrue();
        await site.RequestAsync("two", cores: 5);
        await world.UntilAsync(async () => (await site.StatusAsync("two")).Reason is not null, "a plan is made that changes with the window");
        await site.ReleaseAsync("two");
        await site.CancelWindowAsync("later");

        await world.PassUntilAsync(
            TimeSpan.FromMinutes(5),
            async () =>
            {
                await site.BeatAsync();
                return (await site.BudgetAsync()).Used > 2.5;
            },
            "two and a half hours are settled",
            within: TimeSpan.FromHours(3));
    }

    private static Budget Hard(double coreHours) => new() { Unit = BudgetUnit.CoreHours, Limit = coreHours };

    private sealed class Site(GrainWorld world, string cluster, string account)
    {
        private readonly SimulationId simulation = new(world.NewKey('s'));
        private readonly List<TestAgent> agents = [];

        private IClusterGrain Cluster => world.Grains.GetGrain<IClusterGrain>(cluster);

        private IAccountGrain Account => world.Grains.GetGrain<IAccountGrain>(account);

        public static async Task<Site> WithAsync(GrainWorld world, int nodes, Budget budget)
        {
            var site = new Site(world, world.NewKey('k'), world.NewKey('p'));
            await site.SetAsync(budget);
            for (var i = 0; i < nodes; i++)
            {
                var agent = new TestAgent(world, site.Cluster.GetPrimaryKeyString(), world.NewKey('n'));
                await agent.RegisterAsync();
                site.agents.Add(agent);
            }

            await world.UntilAsync(async () => (await site.Cluster.GetAsync(Token)).Nodes.Count(node => node.Status == NodeStatus.Alive) == nodes, "the cluster knows its nodes");
            return site;
        }

        public async Task SetAsync(Budget budget) => (await Account.SetAsync(new() { Budgets = [budget] }, Token)).Problems.ShouldBeEmpty();

        public async Task<BudgetView> BudgetAsync() => (await Account.GetAsync(Token)).ShouldNotBeNull().Budgets.ShouldHaveSingleItem();

        public Task<LeaseStatus> RequestAsync(string stage, double? hours = 1, string? account = null, int cores = 1) => Cluster.RequestAsync(
            new()
            {
                Attempt = new(simulation, stage, 1),
                Resources = new() { RanksPerNode = cores },
                SubmittedAt = world.Clock.GetUtcNow(),
                DurationEstimate = hours is { } known ? TimeSpan.FromHours(known) : null,
                Owner = new() { User = "ada", Account = new AccountId(account ?? Account.GetPrimaryKeyString()) },
            },
            Token);

        /// <summary>Of a node that has nothing to do.</summary>
        public async Task<ArrangementReply> AddWindowAsync(MaintenanceWindow window)
        {
            var idle = (await Cluster.GetAsync(Token)).Nodes.First(static node => node.CoresLeased == 0).Id;
            return await Cluster.AddWindowsAsync([window with { Nodes = [idle] }], Token);
        }

        public Task<ArrangementReply> CancelWindowAsync(string window) => Cluster.CancelWindowAsync(window, "", Token);

        public Task ReleaseAsync(string stage) => Cluster.ReleaseAsync(new(simulation, stage, 1), Token);

        public Task<LeaseStatus> StatusAsync(string stage) => Cluster.GetLeaseAsync(new(simulation, stage, 1), Token);

        /// <summary>The clock goes on slowly: what was given up because a test moved it is tried again after a pause.</summary>
        public Task UntilAsync(string stage, LeaseState state) =>
            world.PassUntilAsync(TimeSpan.FromMilliseconds(100), async () => (await StatusAsync(stage)).State == state, $"{stage} is {state}", TimeSpan.FromMinutes(2));

        public Task UntilWaitsAsync(string stage, PlacementConstraint constraint) =>
            world.PassUntilAsync(TimeSpan.FromMilliseconds(100), async () => (await StatusAsync(stage)).Reason?.Constraint == constraint, $"{stage} waits for {constraint}", TimeSpan.FromMinutes(2));

        public async Task BeatAsync()
        {
            foreach (var agent in agents)
            {
                await agent.CarryOutAsync();
            }
        }
    }
}
