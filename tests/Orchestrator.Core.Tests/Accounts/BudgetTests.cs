using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Accounts;

public sealed class BudgetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ClusterId Cluster = new("k-main");

    [Theory]
    [InlineData(BudgetWindow.Minute, null, "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z")]
    [InlineData(BudgetWindow.Hour, null, "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z")]
    [InlineData(BudgetWindow.Day, null, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData(BudgetWindow.Week, null, "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData(BudgetWindow.Month, null, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-01-01T06:00:00Z", "2026-03-01T06:00:00Z", "2026-03-02T06:00:00Z")]
    [InlineData(BudgetWindow.Month, "2025-10-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-01-15T13:00:00+01:00", "2026-02-15T12:00:00Z", "2026-03-15T12:00:00Z")]
    [InlineData(BudgetWindow.Total, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z")]
    public void Windows_follow_the_calendar_or_begin_where_they_are_told(BudgetWindow window, string? from, string start, string end)
    {
        var budget = new Budget { Window = window, From = from is null ? null : At(from) };

        BudgetCalendar.WindowAt(budget, Noon).ShouldBe((At(start), At(end)));
        BudgetCalendar.WindowAt(budget, At(start)).ShouldBe((At(start), At(end)));
        if (window != BudgetWindow.Total)
        {
            BudgetCalendar.WindowAt(budget, At(end)).ShouldNotBeNull().Start.ShouldBe(At(end));
        }
    }

    [Fact]
    public void Before_its_first_window_a_budget_limits_and_counts_nothing()
    {
        var state = With(Hard(10) with { From = Noon.AddDays(1) });

        BudgetCalendar.WindowAt(Hard(10) with { From = Noon.AddDays(1) }, Noon).ShouldBeNull();
        state = Draw(state, 1, "ada", 8, out var granted);
        granted.ShouldBeTrue();
        AccountBudgets.StandingAt(state, Noon).BudgetLeft.ShouldBeEmpty();
        AccountBudgets.StandingAt(state, Noon).BudgetRenewsAt.ShouldBe(Noon.AddDays(1));
        AccountBudgets.StandingAt(state, Noon.AddDays(1)).BudgetLeft[BudgetUnit.CoreHours].ShouldBe(2);
    }

    [Fact]
    public void At_the_very_moment_at_which_cover_is_to_be_extended_it_is_ordered()
    {
        var settings = new EscrowSettings();
        var escrow = new Escrow
        {
            Operation = 1,
            Standing = new() { BudgetLeft = ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, 100) },
            AnsweredAt = Noon.AddMinutes(85),
            Free = ImmutableSortedDictionary<string, BudgetAmounts>.Empty.Add("ada", new() { CoreHours = 2 * BudgetAmounts.PerUnit }),
        }.Start(new(new SimulationId("s-1"), "run", 1), "ada", new() { CoreHours = BudgetAmounts.PerUnit }, new() { CoreHours = 2 * BudgetAmounts.PerUnit }, isOpenEnded: true, Noon);

        var due = escrow.DueAt(settings, Noon).ShouldNotBeNull();

        due.ShouldBe(Noon.AddHours(2) - settings.ExtendBefore);
        escrow.Next(Cluster, [], due, settings).ShouldNotBeNull().Draws.ShouldHaveSingleItem().User.ShouldBe("ada");
    }

    [Fact]
    public void While_an_order_is_under_way_everybody_is_still_asked_to_leave_when_his_cover_ends()
    {
        var settings = new EscrowSettings();
        AttemptId refused = new(new SimulationId("s-1"), "run", 1), asking = new(new SimulationId("s-2"), "run", 1);
        EscrowHold Hold(AttemptId attempt, int hours, bool isRefused) => new()
        {
            Attempt = attempt, User = "ada", Since = Noon, PerHour = new() { CoreHours = BudgetAmounts.PerUnit }, Reserved = new() { CoreHours = hours * BudgetAmounts.PerUnit }, Refused = isRefused,
        };
        var escrow = new Escrow
        {
            Operation = 2,
            Sent = new() { Cluster = Cluster, Operation = 2, At = Noon.AddMinutes(59) },
            Standing = new() { BudgetLeft = ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, 0) },
            AnsweredAt = Noon.AddMinutes(50),
            Holds = ImmutableSortedDictionary<string, EscrowHold>.Empty.Add(refused.ToString(), Hold(refused, 1, isRefused: true)).Add(asking.ToString(), Hold(asking, 2, isRefused: false)),
        };

        // However long the account does not answer.
        escrow.DueAt(settings, Noon.AddMinutes(59)).ShouldBe(Noon.AddHours(1));
        escrow.MustLeave(Noon.AddMinutes(59), settings).ShouldBeEmpty();
        escrow.MustLeave(Noon.AddHours(1), settings).Select(static one => one.Attempt).ShouldBe([refused]);
        escrow.DueAt(settings, Noon.AddHours(1)).ShouldBe(Noon.AddHours(2));
        escrow.MustLeave(Noon.AddHours(2), settings).Select(static one => one.Attempt).ShouldBe([refused, asking], ignoreOrder: true);
    }

    [Fact]
    public void Whose_cover_ended_while_nobody_could_ask_for_more_stays_until_the_account_refuses_or_is_silent()
    {
        var settings = new EscrowSettings();
        AttemptId attempt = new(new SimulationId("s-1"), "run", 1);
        var escrow = new Escrow
        {
            Operation = 1,
            Standing = new() { BudgetLeft = ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, 100) },
            AnsweredAt = Noon,
            Free = ImmutableSortedDictionary<string, BudgetAmounts>.Empty.Add("ada", new() { CoreHours = BudgetAmounts.PerUnit }),
        }.Start(attempt, "ada", new() { CoreHours = BudgetAmounts.PerUnit }, new() { CoreHours = BudgetAmounts.PerUnit }, isOpenEnded: true, Noon);
        var back = Noon.AddHours(5);

        // Nobody was there for five hours. It is asked for at once, and the account has enough.
        escrow.MustLeave(back, settings).ShouldBeEmpty();
        (escrow.DueAt(settings, back) <= back).ShouldBeTrue("the account is asked at once");
        escrow = escrow.Send(escrow.Next(Cluster, [], back, settings).ShouldNotBeNull());
        escrow.Sent!.Draws.ShouldHaveSingleItem().For.ShouldBe(attempt);
        escrow.MustLeave(back.AddSeconds(59), settings).ShouldBeEmpty();
        var granted = escrow.Answer(new() { Operation = 2, Granted = [true], Standing = escrow.Standing! }, back.AddSeconds(1));
        granted.MustLeave(back.AddSeconds(1), settings).ShouldBeEmpty();
        granted.MustLeave(back.AddMinutes(59), settings).ShouldBeEmpty();

        escrow.Answer(new() { Operation = 2, Granted = [false], Standing = escrow.Standing! }, back.AddSeconds(1)).MustLeave(back.AddSeconds(1), settings).ShouldHaveSingleItem().Attempt.ShouldBe(attempt);
        escrow.DueAt(settings, back.AddSeconds(1)).ShouldBe(back + settings.ExtendEstimatedBefore);
        escrow.MustLeave(back + settings.ExtendEstimatedBefore, settings).ShouldHaveSingleItem().ShouldBe((attempt, back + settings.ExtendEstimatedBefore), "the account does not answer");
    }

    [Fact]
    public void What_is_reserved_is_committed_by_what_was_used_and_the_rest_returned()
    {
        var state = Draw(With(Hard(10)), 1, "ada", 8, out _);
        Left(state).ShouldBe(2);

        state = Step(state, new AccountInput.Exchange(Order(2) with { Settlements = [Settled("ada", used: 5, returned: 3)] }));

        Left(state).ShouldBe(5);
        AccountBudgets.CountAt(state, Hard(10), Noon).Used.ShouldBe(5 * BudgetAmounts.PerUnit);
        AccountBudgets.ReservedOf(state, Hard(10)).ShouldBe(0);
    }

    [Fact]
    public void A_draw_that_would_exceed_is_refused_whole_and_a_smaller_one_behind_it_is_not()
    {
        var state = With(Hard(10));
        var order = Order(1) with { Draws = [Drawn("ada", 6), Drawn("bob", 6), Drawn("bob", 4)] };

        state = Step(state, new AccountInput.Exchange(order));

        AccountMachine.Answer(state, order, Noon).Granted.ShouldBe([true, false, true]);
        Left(state).ShouldBe(0);
    }

    [Fact]
    public void Of_the_budgets_of_user_and_project_the_stricter_one_rules_and_others_are_not_held_up()
    {
        var state = With(Hard(10), Hard(3) with { User = "ada" });
        var order = Order(1) with { Draws = [Drawn("ada", 4), Drawn("ada", 3), Drawn("ada", 1), Drawn("bob", 7), Drawn("bob", 1)] };

        state = Step(state, new AccountInput.Exchange(order));

        AccountMachine.Answer(state, order, Noon).Granted.ShouldBe([false, true, false, true, false]);
        AccountBudgets.StandingAt(state, Noon).UserBudgetLeft["ada"][BudgetUnit.CoreHours].ShouldBe(0);
    }

    [Fact]
    public void A_repeated_order_draws_once_and_gets_the_same_answer()
    {
        var order = Order(1) with { Draws = [Drawn("ada", 6)] };
        var state = Step(With(Hard(10)), new AccountInput.Exchange(order));

        AccountMachine.Decide(state, new AccountInput.Exchange(order), Noon).ShouldBeEmpty();
        AccountMachine.Answer(state, order, Noon).Granted.ShouldBe([true]);
        Left(state).ShouldBe(4);
    }

    [Theory]
    [InlineData(BudgetKind.Hard, "budget-warned Warned|budget-degraded Degraded|budget-halted Halted")]
    [InlineData(BudgetKind.Soft, "budget-warned Warned|budget-degraded Warned|budget-halted Warned")]
    public void At_80_and_90_and_100_percent_one_event_each_is_told_in_a_window(BudgetKind kind, string told)
    {
        var budget = Hard(100) with { Kind = kind, Window = BudgetWindow.Day };
        var state = With(budget);
        state.Outbox.ShouldHaveSingleItem().Kind.ShouldBe(EventKinds.AccountChanged);
        state = Step(state, new AccountInput.Published(1));
        foreach (var (operation, hours) in new[] { (1, 79), (2, 1), (3, 5), (4, 5), (5, 10) })
        {
            state = Step(state, new AccountInput.Exchange(Order(operation) with { Settlements = [Settled("ada", used: hours)] }));
        }

        string.Join('|', state.Outbox.Select(static occurrence => $"{occurrence.Kind} {occurrence.Status}")).ShouldBe(told);
        state.Outbox.Select(static occurrence => occurrence.Sequence).ShouldBe([2, 3, 4]);
        state = Step(state, new AccountInput.Published(3));
        state.Outbox.ShouldHaveSingleItem().Kind.ShouldBe(EventKinds.BudgetHalted);

        // The next window tells again.
        state = Step(state, new AccountInput.Exchange(Order(6) with { Settlements = [Settled("ada", used: 80)] }), Noon.AddDays(1));
        state.Outbox.Length.ShouldBe(2);
        state.Outbox[^1].Sequence.ShouldBe(5);
    }

    [Fact]
    public void A_soft_budget_stops_nothing()
    {
        var state = Draw(With(Hard(10) with { Kind = BudgetKind.Soft }), 1, "ada", 100, out var granted);

        granted.ShouldBeTrue();
        AccountBudgets.StandingAt(state, Noon).BudgetLeft.ShouldBeEmpty();
    }

    [Fact]
    public void The_end_of_a_window_or_a_raise_lets_more_be_drawn()
    {
        var budget = Hard(10) with { Window = BudgetWindow.Month };
        var state = Step(With(budget), new AccountInput.Exchange(Order(1) with { Settlements = [Settled("ada", used: 10)] }));
        AccountBudgets.StatusOf(state, budget, Noon).ShouldBe(BudgetStatus.Halted);
        AccountBudgets.StandingAt(state, Noon).BudgetRenewsAt.ShouldBe(At("2026-04-01T00:00:00Z"));
        Draw(state, 2, "ada", 1, out var now);
        now.ShouldBeFalse();

        Draw(state, 2, "ada", 10, out var nextMonth, At("2026-04-01T00:00:00Z"));
        nextMonth.ShouldBeTrue();

        var raised = Step(state, new AccountInput.Set(new() { Budgets = [budget with { Limit = 12 }] }, "root"));
        Draw(raised, 2, "ada", 2, out var afterRaise);
        afterRaise.ShouldBeTrue();
        Draw(raised, 2, "ada", 3, out var tooMuch);
        tooMuch.ShouldBeFalse();
    }

    [Fact]
    public void What_is_reserved_at_the_end_of_a_window_stays_reserved_in_the_next()
    {
        var budget = Hard(10) with { Window = BudgetWindow.Day };
        var state = Draw(With(budget), 1, "ada", 8, out _);

        AccountBudgets.LeftOf(state, budget, Noon.AddDays(1)).ShouldBe(2 * BudgetAmounts.PerUnit);
        state = Step(state, new AccountInput.Exchange(Order(2) with { Settlements = [Settled("ada", used: 8)] }), Noon.AddDays(1));
        AccountBudgets.CountAt(state, budget, Noon.AddDays(1)).Used.ShouldBe(8 * BudgetAmounts.PerUnit);
    }

    [Fact]
    public void Use_without_cover_is_never_counted_beyond_the_limit_and_is_not_hidden()
    {
        var state = Step(With(Hard(10)), new AccountInput.Exchange(Order(1) with { Settlements = [Settled("ada", used: 0) with { Beyond = Hours(12) }] }));

        var count = AccountBudgets.CountAt(state, Hard(10), Noon);
        (count.Used, count.Overrun).ShouldBe((10 * BudgetAmounts.PerUnit, 2 * BudgetAmounts.PerUnit));
    }

    [Fact]
    public void A_limit_below_what_is_used_or_reserved_is_refused_with_the_least_that_is_allowed()
    {
        var state = Draw(With(Hard(10)), 1, "ada", 7.5, out _);

        var problem = AccountRules.Change(state, new() { Budgets = [Hard(7)] }, Noon).Problems.ShouldHaveSingleItem();

        problem.Field.ShouldBe("budgets.core-hours/hard/total.limit");
        problem.Message.ShouldContain("7.5 or more");
        AccountRules.Change(state, new() { Budgets = [Hard(7.5)] }, Noon).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Every_mistake_of_a_change_is_told_with_its_field_and_nothing_is_changed()
    {
        var change = new AccountChange
        {
            Shares = 0,
            Guaranteed = 0.5,
            Maximum = 0.4,
            LendLimit = 1.5,
            RunningMax = -2,
            Users = ImmutableSortedDictionary<string, double>.Empty.Add("ada", -1),
            UsageHalfLife = TimeSpan.Zero,
            Budgets = [new() { Limit = -1 }],
            RemoveBudgets = ["cost/hard/day"],
        };

        var problems = AccountRules.Change(new(), change, Noon).Problems;

        problems.Select(static problem => problem.Field).ShouldBe([
            "shares", "users.ada", "maximum", "lend_limit", "running_max", "usage_half_life", "remove_budgets", "budgets.absent/hard/total.unit", "budgets.absent/hard/total.limit",
        ]);
        problems.ShouldAllBe(static problem => problem.Message.Contains("not allowed"));
        problems[2].Message.ShouldContain("(0.5) to 1");
        Should.Throw<ArgumentException>(() => AccountMachine.Decide(new(), new AccountInput.Set(change, "root"), Noon));
    }

    [Fact]
    public void What_is_arranged_is_seen_by_plans_and_a_repeat_is_no_entry()
    {
        var change = new AccountChange
        {
            Shares = 3,
            Guaranteed = 0.2,
            Maximum = 0.5,
            LendLimit = 0.1,
            MayBorrow = false,
            RunningMax = 7,
            Users = ImmutableSortedDictionary<string, double>.Empty.Add("ada", 2),
            Budgets = [Hard(10)],
        };

        var state = Step(new(), new AccountInput.Set(change, "root"));

        var standing = AccountBudgets.StandingAt(state, Noon);
        (standing.Shares, standing.Guaranteed, standing.Maximum, standing.LendLimit, standing.MayBorrow, standing.RunningMax, standing.Users["ada"]).ShouldBe((3, 0.2, 0.5, 0.1, false, 7, 2));
        AccountMachine.Decide(state, new AccountInput.Set(change, "root"), Noon).ShouldBeEmpty();
        state = Step(state, new AccountInput.Set(new() { RunningMax = -1, RemoveBudgets = ["core-hours/hard/total"], Users = change.Users.SetItem("ada", 0) }, "root"));
        AccountBudgets.StandingAt(state, Noon).BudgetLeft.ShouldBeEmpty();
        AccountBudgets.StandingAt(state, Noon).RunningMax.ShouldBeNull();
        AccountBudgets.StandingAt(state, Noon).Users.ShouldBeEmpty();
    }

    [Fact]
    public void Use_counts_half_for_the_fair_share_after_the_half_life()
    {
        var use = new ResourceUse { CoreTime = TimeSpan.FromHours(1), WallTime = TimeSpan.FromSeconds(1) };
        var state = Step(new(), new AccountInput.Used([new(1, new() { Source = "s-a", Sequence = 1, Kind = EventKinds.AttemptEnded, At = Noon, User = "ada", Use = use })]));

        AccountBudgets.StandingAt(state, Noon).Usage["ada"].ShouldBe(3600, 0.01);
        AccountBudgets.StandingAt(state, Noon.AddDays(14)).Usage["ada"].ShouldBe(1800, 0.01);
    }

    [Fact]
    public void Use_over_months_counts_from_when_it_was_used()
    {
        // 28 days are two half-lives: at their end half of the first is a quarter, and the integral is (1 - 1/4) / (2 ln 2) of the whole.
        var use = new ResourceUse { CoreTime = TimeSpan.FromHours(1), WallTime = TimeSpan.FromDays(28) };

        new DecayedUse { At = Noon }.With(use, Noon, TimeSpan.FromDays(14)).CoreSeconds.ShouldBe(3600 * 0.75 / (2 * Math.Log(2)), 0.01);
    }

    [Fact]
    public void A_ledger_of_the_first_release_still_loads()
    {
        var state = JsonSerializer.Deserialize<AccountState>("""{"Attempts":2,"CountedTo":7}""")!;

        Left(Step(state, new AccountInput.Set(new() { Budgets = [Hard(5)] }, "root"))).ShouldBe(5);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static Budget Hard(double coreHours) => new() { Unit = BudgetUnit.CoreHours, Kind = BudgetKind.Hard, Window = BudgetWindow.Total, Limit = coreHours };

    private static AccountState With(params Budget[] budgets) => Step(new(), new AccountInput.Set(new() { Budgets = [.. budgets] }, "root"));

    private static EscrowOrder Order(long operation) => new() { Cluster = Cluster, Operation = operation, At = Noon };

    private static EscrowDraw Drawn(string user, double coreHours) => new() { User = user, Amounts = Hours(coreHours) };

    private static EscrowSettlement Settled(string user, double used, double returned = 0) => new() { User = user, Used = Hours(used), Returned = Hours(returned) };

    private static BudgetAmounts Hours(double coreHours) => new() { CoreHours = BudgetAmounts.FromUnits(coreHours) };

    private static AccountState Draw(AccountState state, long operation, string user, double coreHours, out bool granted, DateTimeOffset? at = null)
    {
        var order = Order(operation) with { Draws = [Drawn(user, coreHours)] };
        var after = Step(state, new AccountInput.Exchange(order), at);
        granted = AccountMachine.Answer(after, order, at ?? Noon).Granted.ShouldHaveSingleItem();
        return after;
    }

    private static double Left(AccountState state) => AccountBudgets.StandingAt(state, Noon).BudgetLeft[BudgetUnit.CoreHours];

    private static AccountState Step(AccountState state, AccountInput input, DateTimeOffset? at = null)
    {
        foreach (var fact in AccountMachine.Decide(state, input, at ?? Noon))
        {
            state = AccountMachine.Apply(state, JsonSerializer.Deserialize<AccountFact>(JsonSerializer.Serialize(fact))!);
        }

        AccountMachine.SanityCheck(state, at ?? Noon);
        return JsonSerializer.Deserialize<AccountState>(JsonSerializer.Serialize(state))!;
    }
}
