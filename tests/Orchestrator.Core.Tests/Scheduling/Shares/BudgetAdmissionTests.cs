using System.Collections.Immutable;
using System.Numerics;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Shares;

public sealed class BudgetAdmissionTests
{
    private static readonly BudgetAdmission Rule = new();

    [Theory]
    [InlineData(10, 100, 3, "core-hours")]
    [InlineData(100, 10, 3, "core-hours")]
    [InlineData(100, 100, 30, null)]
    public void Of_the_caps_of_account_and_user_the_stricter_one_rules(int project, int user, int expectedStarts, string? expectedReason)
    {
        var crowd = Crowd.On(30).Account("p-a", Budget(project, ("ada", user)));
        for (var i = 0; i < 30; i++)
        {
            crowd.Waits("p-a", duration: TimeSpan.FromHours(3));
        }

        crowd.Plan(Rule).ShouldBe(expectedStarts);
        if (expectedReason is not null)
        {
            // What the plan started is taken off what is left.
            crowd.Account("p-a", Budget(project - 9, ("ada", user - 9)));
            var reason = Rule.Open(crowd, Make.Now).Refusal(crowd.Pending.First()).ShouldNotBeNull();
            reason.Constraint.ShouldBe(PlacementConstraint.Budget);
            reason.For.ShouldBe(expectedReason);
        }
    }

    [Fact]
    public void One_over_its_limit_holds_nobody_else_up()
    {
        var crowd = Crowd.On(30).Account("p-a", Budget(100, ("ada", 0))).Account("p-poor", Budget(0));
        crowd.Waits("p-a");
        crowd.Waits("p-poor");
        crowd.Waits("p-a", user: "bob");
        crowd.Waits("p-rich");

        crowd.Plan(Rule).ShouldBe(2);
        crowd.Pending.Select(static request => request.SubmissionOrder).ShouldBe([1, 2]);
    }

    [Fact]
    public void A_request_that_exceeds_what_is_left_lets_a_smaller_one_pass()
    {
        var crowd = Crowd.On(30).Account("p-a", Budget(5));
        crowd.Waits("p-a", duration: TimeSpan.FromHours(6));
        crowd.Waits("p-a", duration: TimeSpan.FromHours(5));

        crowd.Plan(Rule).ShouldBe(1);
    }

    [Fact]
    public void Work_of_unknown_duration_must_be_covered_for_the_first_hour()
    {
        var crowd = Crowd.On(30).Account("p-a", Budget(1.5));
        crowd.Waits("p-a");
        crowd.Waits("p-a");

        crowd.Plan(Rule).ShouldBe(1);
    }

    [Fact]
    public void Only_so_many_of_an_account_run_at_once_as_may()
    {
        var crowd = Crowd.On(30).Account("p-a", new AccountStanding { RunningMax = 3 });
        crowd.Runs("p-a");
        for (var i = 0; i < 5; i++)
        {
            crowd.Waits("p-a");
            crowd.Waits("p-b");
        }

        crowd.Plan(Rule).ShouldBe(7);
        Rule.Open(crowd, Make.Now).Refusal(crowd.Pending.First()).ShouldNotBeNull().Constraint.ShouldBe(PlacementConstraint.Concurrency);
    }

    [Fact]
    public void Every_unit_is_counted_by_what_a_request_asks_for()
    {
        var rates = new BudgetRates { Core = 0.1, Gpu = 1, Memory = 0.01, Storage = 0, Network = 0, CoreWatts = 10, GpuWatts = 300 };

        var amounts = rates.PerHour(new() { Nodes = 2, RanksPerNode = 4, Threads = 2, MemoryPerNode = 8L << 30, GpusPerNode = 1, GpuThousandths = 500 }).Over(TimeSpan.FromHours(3));

        amounts.ShouldBe(new()
        {
            CoreHours = 48_000_000,
            GpuHours = 3_000_000,
            MemoryHours = 48_000_000,
            Cost = 8_280_000,
            Energy = 1_380_000,
        });
    }

    [Fact]
    public void What_a_time_costs_is_rounded_up_by_one_rule_however_much_it_is()
    {
        long[] rates = [1, 7, 1_000_000, 64_000_000, 256_204_776, 256_204_777, 256_204_778, 256_204_779, 1_024_000_000_000];
        long[] times = [1, TimeSpan.TicksPerHour - 1, TimeSpan.TicksPerHour, TimeSpan.TicksPerHour + 1, TimeSpan.FromDays(400).Ticks + 1, (200 * TimeSpan.FromDays(365).Ticks) - 1];
        foreach (var rate in rates)
        {
            foreach (var time in times)
            {
                var exact = (((BigInteger)rate * time) + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour;

                new BudgetAmounts { CoreHours = rate }.Over(TimeSpan.FromTicks(time)).CoreHours.ShouldBe((long)exact, $"{rate} for {time}");
            }
        }
    }

    [Fact]
    public void The_end_of_the_window_is_told_to_who_waits_for_it()
    {
        var renewal = Make.Now.AddDays(3);
        var crowd = Crowd.On(1).Account("p-a", Budget(0) with { BudgetRenewsAt = renewal });

        Rule.Open(crowd, Make.Now).Refusal(crowd.Waits("p-a")).ShouldNotBeNull().PlannedStart.ShouldBe(renewal);
    }

    private static AccountStanding Budget(double coreHours, params (string User, double CoreHours)[] users) => new()
    {
        BudgetLeft = One(coreHours),
        UserBudgetLeft = users.ToImmutableSortedDictionary(static user => user.User, static user => One(user.CoreHours)),
    };

    private static ImmutableSortedDictionary<BudgetUnit, double> One(double coreHours) =>
        ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, coreHours);
}
