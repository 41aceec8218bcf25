using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// The rules of budgets. Of each hard one, what is used in the window and what is reserved stay together within the limit at every moment (invariant 8). What is reserved stays so
/// over the end of a window; what is used counts in the window in which it is settled.
/// </summary>
public static class AccountBudgets
{
    private static readonly int[] Levels = [80, 90, 100];

    /// <summary>What was used of a budget in the window of a moment.</summary>
    public static BudgetCount CountAt(AccountState state, Budget budget, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(budget);
        var start = BudgetCalendar.WindowAt(budget, at)?.Start ?? DateTimeOffset.MinValue;
        return state.Counts.GetValueOrDefault(budget.Key()) is { } count && count.WindowStart == start ? count : new() { WindowStart = start };
    }

    /// <summary>What clusters have drawn that counts for a budget, in millionths of its unit.</summary>
    public static long ReservedOf(AccountState state, Budget budget)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(budget);
        return state.Escrows.Values.Sum(escrow => budget.User.Length > 0
            ? escrow.Reserved.GetValueOrDefault(budget.User)[budget.Unit]
            : escrow.Reserved.Values.Sum(reserved => reserved[budget.Unit]));
    }

    /// <summary>What may still be drawn of a budget, in millionths of its unit; of one whose first window has not begun, and of a soft one, any amount.</summary>
    public static long LeftOf(AccountState state, Budget budget, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return budget.Kind != BudgetKind.Hard || BudgetCalendar.WindowAt(budget, at) is null || budget.LimitAmount() == BudgetAmounts.Unlimited
            ? BudgetAmounts.Unlimited
            : budget.LimitAmount() - CountAt(state, budget, at).Used - ReservedOf(state, budget);
    }

    /// <summary>How far a budget is used up.</summary>
    public static BudgetStatus StatusOf(AccountState state, Budget budget, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var level = LevelOf(budget, CountAt(state, budget, at));
        return level < 80 ? BudgetStatus.Open
            : level < 90 || budget.Kind == BudgetKind.Soft ? BudgetStatus.Warned
            : level < 100 ? BudgetStatus.Degraded
            : BudgetStatus.Halted;
    }

    /// <summary>The account as plans must know it.</summary>
    public static AccountStanding StandingAt(AccountState state, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(state);
        var terms = state.Terms;
        var left = ImmutableSortedDictionary<BudgetUnit, double>.Empty;
        var users = ImmutableSortedDictionary<string, ImmutableSortedDictionary<BudgetUnit, double>>.Empty.WithComparers(StringComparer.Ordinal);
        DateTimeOffset? renewsAt = null;
        foreach (var budget in terms.Budgets.Values)
        {
            var amount = LeftOf(state, budget, at);
            if (amount == BudgetAmounts.Unlimited)
            {
                // One that begins later changes what is left as well.
                Renews(budget.Kind == BudgetKind.Hard && budget.From > at, budget.From);
                continue;
            }

            var units = BudgetAmounts.ToUnits(amount);
            Renews(amount < budget.LimitAmount(), BudgetCalendar.WindowAt(budget, at)?.End);
            if (budget.User.Length == 0)
            {
                left = left.SetItem(budget.Unit, Math.Min(units, left.GetValueOrDefault(budget.Unit, double.PositiveInfinity)));
            }
            else
            {
                var own = users.GetValueOrDefault(budget.User, ImmutableSortedDictionary<BudgetUnit, double>.Empty);
                users = users.SetItem(budget.User, own.SetItem(budget.Unit, Math.Min(units, own.GetValueOrDefault(budget.Unit, double.PositiveInfinity))));
            }
        }

        return new()
        {
            Shares = terms.Shares,
            Users = terms.Users,
            Usage = state.Decayed.ToImmutableSortedDictionary(static user => user.Key, user => user.Value.CoreSecondsAt(at, terms.UsageHalfLife), StringComparer.Ordinal),
            UsageAt = at,
            Guaranteed = terms.Guaranteed,
            Maximum = terms.Maximum,
            LendLimit = terms.LendLimit,
            MayBorrow = terms.MayBorrow,
            BudgetLeft = left,
            UserBudgetLeft = users,
            BudgetRenewsAt = renewsAt,
            RunningMax = terms.RunningMax,
        };

        void Renews(bool applies, DateTimeOffset? when)
        {
            if (applies && when < (renewsAt ?? DateTimeOffset.MaxValue))
            {
                renewsAt = when;
            }
        }
    }

    /// <summary>What an order brings: itself with what is granted, and the levels that are reached by it. Nothing when it was done before.</summary>
    /// <exception cref="ArgumentException">It is of no cluster, out of turn, or has negative amounts.</exception>
    internal static ImmutableArray<AccountFact> Exchange(AccountState state, EscrowOrder order, DateTimeOffset now)
    {
        Check(order);
        var escrow = state.Escrows.GetValueOrDefault(order.Cluster.Value) ?? new();
        if (order.Operation <= escrow.Operation)
        {
            return [];
        }

        var granted = ImmutableArray.CreateBuilder<bool>(order.Draws.Length);
        var settled = Settle(state, order, now);
        foreach (var draw in order.Draws)
        {
            var after = Reserve(settled, order.Cluster, draw);
            var fits = after.Terms.Budgets.Values.All(budget => draw.Amounts[budget.Unit] == 0 || budget.User.Length > 0 && budget.User != draw.User || LeftOf(after, budget, now) >= 0);
            granted.Add(fits);
            settled = fits ? after : settled;
        }

        var exchanged = new AccountFact.Exchanged { Order = order, Granted = granted.ToImmutable(), At = now };
        return [exchanged, .. LevelsReached(AccountMachine.Apply(state, exchanged), now)];
    }

    /// <summary>The state after an order was done.</summary>
    internal static AccountState Apply(AccountState state, AccountFact.Exchanged exchanged)
    {
        var order = exchanged.Order;
        var after = Settle(state, order, exchanged.At);
        for (var i = 0; i < order.Draws.Length; i++)
        {
            after = exchanged.Granted[i] ? Reserve(after, order.Cluster, order.Draws[i]) : after;
        }

        var escrow = after.Escrows.GetValueOrDefault(order.Cluster.Value) ?? new();
        return after with { Escrows = after.Escrows.SetItem(order.Cluster.Value, escrow with { Operation = order.Operation, Granted = exchanged.Granted }) };
    }

    /// <summary>The levels of budgets that are reached and were not announced in this window.</summary>
    internal static IEnumerable<AccountFact> LevelsReached(AccountState state, DateTimeOffset now)
    {
        var sequence = state.EventSequence;
        foreach (var (key, budget) in state.Terms.Budgets)
        {
            var count = CountAt(state, budget, now);
            var reached = LevelOf(budget, count);
            foreach (var level in Levels.Where(level => level <= reached && level > count.Announced))
            {
                yield return new AccountFact.LevelReached { Key = key, Level = level, Event = Tell(budget, count, level, ++sequence, now) };
            }
        }
    }

    /// <summary>The state after a level was announced.</summary>
    internal static AccountState Apply(AccountState state, AccountFact.LevelReached reached)
    {
        var announced = state with { EventSequence = reached.Event.Sequence, Outbox = state.Outbox.Add(reached.Event) };
        return state.Terms.Budgets.TryGetValue(reached.Key, out var budget)
            ? announced with { Counts = announced.Counts.SetItem(reached.Key, CountAt(state, budget, reached.Event.At) with { Announced = reached.Level }) }
            : announced;
    }

    /// <summary>Counts of budgets that there are no more, or whose windows begin elsewhere, are forgotten.</summary>
    internal static AccountState Rearrange(AccountState state, AccountTerms terms)
    {
        var gone = state.Counts.Keys.Where(key => !terms.Budgets.TryGetValue(key, out var budget) || budget.From != state.Terms.Budgets.GetValueOrDefault(key)?.From);
        var raised = state.Counts.RemoveRange(gone);
        foreach (var (key, count) in raised)
        {
            // Raised, it may reach the same level once more in this window, and says so again.
            var reached = LevelOf(terms.Budgets[key], count);
            raised = reached < count.Announced ? raised.SetItem(key, count with { Announced = Levels.LastOrDefault(level => level <= reached) }) : raised;
        }

        return state with { Terms = terms, Counts = raised };
    }

    /// <summary>What must hold of the budgets of every state.</summary>
    internal static void SanityCheck(AccountState state, DateTimeOffset at)
    {
        foreach (var budget in state.Terms.Budgets.Values)
        {
            var count = CountAt(state, budget, at);
            if (count.Used < 0 || ReservedOf(state, budget) < 0)
            {
                throw new InvalidOperationException($"Of {budget.Key()} {count.Used} are used and {ReservedOf(state, budget)} reserved: less than nothing.");
            }

            if (LeftOf(state, budget, at) < 0)
            {
                throw new InvalidOperationException($"{budget.Key()} is exceeded: {count.Used} used and {ReservedOf(state, budget)} reserved, of {budget.LimitAmount()} (invariant 8).");
            }
        }

        if (state.Escrows.Values.Any(static escrow => escrow.Reserved.Values.Any(static reserved => !reserved.AreSound())))
        {
            throw new InvalidOperationException("A cluster has drawn less than nothing.");
        }

        if (!state.Outbox.IsDefaultOrEmpty && state.Outbox[^1].Sequence != state.EventSequence)
        {
            throw new InvalidOperationException("The outbox does not end with the newest event.");
        }
    }

    private static AccountState Settle(AccountState state, EscrowOrder order, DateTimeOffset at)
    {
        foreach (var settlement in order.Settlements)
        {
            // What is committed was reserved, so it fits as long as the reservation makes room for it first.
            state = Reserve(state, order.Cluster, settlement.User, default(BudgetAmounts) - settlement.Used - settlement.Returned);
            state = Commit(state, settlement, at);
        }

        return state;
    }

    private static AccountState Commit(AccountState state, EscrowSettlement settlement, DateTimeOffset at)
    {
        foreach (var (key, budget) in state.Terms.Budgets)
        {
            if (budget.User.Length > 0 && budget.User != settlement.User || BudgetCalendar.WindowAt(budget, at) is null)
            {
                continue;
            }

            var used = settlement.Used[budget.Unit] + settlement.Beyond[budget.Unit];
            if (used > 0)
            {
                var count = CountAt(state, budget, at);
                var covered = Math.Clamp(LeftOf(state, budget, at), 0, used);
                state = state with { Counts = state.Counts.SetItem(key, count with { Used = count.Used + covered, Overrun = count.Overrun + used - covered }) };
            }
        }

        return state;
    }

    private static AccountState Reserve(AccountState state, ClusterId cluster, EscrowDraw draw) => Reserve(state, cluster, draw.User, draw.Amounts);

    private static AccountState Reserve(AccountState state, ClusterId cluster, string user, in BudgetAmounts more)
    {
        if (more.AreZero())
        {
            return state;
        }

        var escrow = state.Escrows.GetValueOrDefault(cluster.Value) ?? new();
        var reserved = BudgetAmounts.Max(escrow.Reserved.GetValueOrDefault(user) + more, default);
        escrow = escrow with { Reserved = reserved.AreZero() ? escrow.Reserved.Remove(user) : escrow.Reserved.SetItem(user, reserved) };
        return state with { Escrows = state.Escrows.SetItem(cluster.Value, escrow) };
    }

    /// <summary>How much of a budget is used, in percent; a limit of nothing is used up from the start, but is told of only when something is used.</summary>
    private static int LevelOf(Budget budget, BudgetCount count)
    {
        var limit = budget.LimitAmount();
        var used = (Int128)count.Used + count.Overrun;
        return limit == BudgetAmounts.Unlimited || used == 0 ? 0 : limit == 0 ? 100 : (int)Int128.Min(100, used * 100 / limit);
    }

    private static OrchestratorEvent Tell(Budget budget, BudgetCount count, int level, long sequence, DateTimeOffset at)
    {
        var status = level switch
        {
            100 when budget.Kind == BudgetKind.Hard => BudgetStatus.Halted,
            90 when budget.Kind == BudgetKind.Hard => BudgetStatus.Degraded,
            _ => BudgetStatus.Warned,
        };
        var used = BudgetAmounts.ToUnits(count.Used + count.Overrun);
        return new()
        {
            Kind = level switch { 100 => EventKinds.BudgetHalted, 90 => EventKinds.BudgetDegraded, _ => EventKinds.BudgetWarned },
            Sequence = sequence,
            At = at,
            User = budget.User.Length == 0 ? null : budget.User,
            Status = status.ToString(),
            Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("level", level).Add("limit", budget.Limit).Add("used", used),
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"{level} % of the budget {budget.Key()} are used: {used:0.###} of {budget.Limit:0.###}{(status == BudgetStatus.Halted ? "; nothing of it starts before its window ends or it is raised" : "")}."),
        };
    }

    private static void Check(EscrowOrder order)
    {
        if (order.Cluster.Value is null || order.Operation < 1)
        {
            throw new ArgumentException($"An order is of a cluster and has a number from 1 on; this one is number {order.Operation} of {order.Cluster}.", nameof(order));
        }

        if (order.Settlements.Any(static settlement => !settlement.Used.AreSound() || !settlement.Beyond.AreSound() || !settlement.Returned.AreSound()) || order.Draws.Any(static draw => !draw.Amounts.AreSound()))
        {
            throw new ArgumentException("An order has negative amounts; 0 or more are allowed.", nameof(order));
        }
    }
}
