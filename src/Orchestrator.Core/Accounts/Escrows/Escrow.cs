using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// What one cluster holds of the budgets of one account, so that they hold at every moment although the cluster asks the account only now and then (invariant 8). What was drawn is
/// free, or reserved for a running attempt, or used; nothing else. Pure: it follows from the facts of the cluster's ledger.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow")]
public sealed record Escrow
{
    /// <summary>The number of the last order; 0: none was made.</summary>
    [Id(0)] public long Operation { get; init; }

    /// <summary>The order that was not answered yet: it is sent until it is.</summary>
    [Id(1)] public EscrowOrder? Sent { get; init; }

    /// <summary>Drawn and not spent, by user.</summary>
    [Id(2)] public ImmutableSortedDictionary<string, BudgetAmounts> Free { get; init; } = ImmutableSortedDictionary<string, BudgetAmounts>.Empty;

    /// <summary>By the text of the attempt.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, EscrowHold> Holds { get; init; } = ImmutableSortedDictionary<string, EscrowHold>.Empty;

    /// <summary>By user.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, EscrowTally> Tallies { get; init; } = ImmutableSortedDictionary<string, EscrowTally>.Empty;

    /// <summary>The account as it was at the last answer; null: never asked.</summary>
    [Id(5)] public AccountStanding? Standing { get; init; }

    [Id(6)] public DateTimeOffset AnsweredAt { get; init; }

    /// <summary>Whether what was drawn for the user covers the start of an attempt of this cost. Nothing is covered before the account was asked once.</summary>
    public bool Covers(string user, in BudgetAmounts cost) => Standing is not null && Limits(user, cost).FirstBeyond(Free.GetValueOrDefault(user)) == BudgetUnit.Absent;

    /// <summary>What of a cost hard budgets limit: that must be reserved.</summary>
    public BudgetAmounts Limits(string user, in BudgetAmounts cost) => BudgetAmounts.Min(cost, Limited(user));

    /// <summary>The account has hard budgets, as far as the cluster knows.</summary>
    public bool IsLimited() => Standing is { } standing && !(standing.BudgetLeft.IsEmpty && standing.UserBudgetLeft.IsEmpty);

    /// <summary>An attempt starts: its cost is reserved out of what is free.</summary>
    /// <param name="attempt">A repeat changes nothing.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="perHour">What it uses in an hour.</param>
    /// <param name="cost">What it uses as long as it is estimated to run, or for a first while.</param>
    /// <param name="isOpenEnded">Nobody says how long it runs: it is covered anew long before its cover ends.</param>
    /// <param name="at">When it got its nodes.</param>
    public Escrow Start(AttemptId attempt, string user, in BudgetAmounts perHour, in BudgetAmounts cost, bool isOpenEnded, DateTimeOffset at)
    {
        var key = attempt.ToString();
        if (Holds.ContainsKey(key))
        {
            return this;
        }

        var free = Free.GetValueOrDefault(user);
        var reserved = BudgetAmounts.Min(cost, free);
        return this with
        {
            Free = Put(Free, user, free - reserved),
            Holds = Holds.Add(key, new() { Attempt = attempt, User = user, PerHour = perHour, Since = at, Reserved = reserved, IsOpenEnded = isOpenEnded }),
        };
    }

    /// <summary>An attempt gave its nodes back: what it used is counted, the rest of its reservation is free again.</summary>
    public Escrow End(AttemptId attempt, DateTimeOffset at)
    {
        var key = attempt.ToString();
        if (!Holds.ContainsKey(key))
        {
            return this;
        }

        var counted = Count(key, at);
        var hold = counted.Holds[key];
        return counted with
        {
            Holds = counted.Holds.Remove(key),
            Free = Put(counted.Free, hold.User, counted.Free.GetValueOrDefault(hold.User) + (hold.Reserved - hold.Used)),
        };
    }

    /// <summary>The order to send now; null: nothing is owed, or one is under way.</summary>
    /// <param name="cluster">This cluster.</param>
    /// <param name="demands">Attempts that would start and are not covered, in their turn.</param>
    /// <param name="now">The present.</param>
    /// <param name="settings">When to turn to an account.</param>
    /// <param name="refresh">The account said that it changed: it is asked in any case.</param>
    public EscrowOrder? Next(ClusterId cluster, IReadOnlyList<EscrowDemand> demands, DateTimeOffset now, EscrowSettings settings, bool refresh = false)
    {
        ArgumentNullException.ThrowIfNull(demands);
        ArgumentNullException.ThrowIfNull(settings);
        if (Sent is not null)
        {
            return null;
        }

        var settlesRunning = refresh || now >= AnsweredAt + settings.SettleEvery;
        var counted = settlesRunning ? CountAll(now) : this;
        var free = Free;
        var draws = ImmutableArray.CreateBuilder<EscrowDraw>();
        if (IsLimited())
        {
            var asksAgain = refresh || now >= AnsweredAt + settings.AskAgainAfter;
            foreach (var (_, hold) in counted.Holds)
            {
                if ((asksAgain || !hold.Refused || IsDue(LeavesAt(hold, settings), now)) && counted.CoverEnd(hold) <= now + settings.AskBefore(hold))
                {
                    var wanted = BudgetAmounts.Min(hold.PerHour, Limited(hold.User)).Over(now - hold.Since + settings.ExtendBy) - hold.Reserved - hold.Beyond;
                    draws.Add(new() { User = hold.User, Amounts = Positive(wanted), For = hold.Attempt });
                }
            }
        }

        if (Standing is not null)
        {

            foreach (var (attempt, user, cost) in demands)
            {
                var has = free.GetValueOrDefault(user);
                var fromFree = BudgetAmounts.Min(cost, has);
                free = Put(free, user, has - fromFree);
                if (Positive(Limits(user, cost) - fromFree) is var wanted && !wanted.AreZero())
                {
                    draws.Add(new() { User = user, Amounts = wanted, For = attempt });
                }
            }
        }

        // Who has no use for what was drawn makes way for those who have.
        var returns = draws.Count > 0 && demands.Count > 0 || now >= AnsweredAt + settings.ReturnAfter ? free : ImmutableSortedDictionary<string, BudgetAmounts>.Empty;
        var settles = !Tallies.IsEmpty && now >= SettlesAt(settings) || !Holds.IsEmpty && now >= AnsweredAt + settings.SettleEvery;
        if (Standing is not null && !refresh && draws.Count == 0 && returns.IsEmpty && !settles && !(now >= Standing.BudgetRenewsAt))
        {
            return null;
        }

        return new()
        {
            Cluster = cluster,
            Operation = Operation + 1,
            At = now,
            SettlesRunning = settlesRunning,
            Draws = draws.ToImmutable(),
            Settlements =
            [
                .. counted.Tallies.Keys.Union(returns.Keys).Order(StringComparer.Ordinal).Select(user => new EscrowSettlement
                {
                    User = user,
                    Used = counted.Tallies.GetValueOrDefault(user)?.Used ?? default,
                    Beyond = counted.Tallies.GetValueOrDefault(user)?.Beyond ?? default,
                    Returned = returns.GetValueOrDefault(user),
                }),
            ],
        };
    }

    /// <summary>The order was made, and is to be sent: what it settles and returns is the account's from here on.</summary>
    public Escrow Send(EscrowOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Operation <= Operation)
        {
            return this;
        }

        var counted = order.SettlesRunning ? CountAll(order.At) : this;
        var free = counted.Free;
        var tallies = counted.Tallies;
        foreach (var settlement in order.Settlements)
        {
            var tally = tallies.GetValueOrDefault(settlement.User) ?? new();
            free = Put(free, settlement.User, free.GetValueOrDefault(settlement.User) - settlement.Returned);
            tallies = Put(tallies, settlement.User, tally.Used - settlement.Used, tally.Beyond - settlement.Beyond);
        }

        return counted with { Operation = order.Operation, Sent = order, Free = free, Tallies = tallies };
    }

    /// <summary>The account answered. An answer to another order than the one under way changes nothing.</summary>
    public Escrow Answer(EscrowReply reply, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (Sent is not { } sent || sent.Operation != reply.Operation)
        {
            return this;
        }

        var free = Free;
        var holds = Holds;
        for (var i = 0; i < sent.Draws.Length; i++)
        {
            var draw = sent.Draws[i];
            var granted = i < reply.Granted.Length && reply.Granted[i];
            var key = draw.For.ToString();
            if (holds.TryGetValue(key, out var hold))
            {
                holds = holds.SetItem(key, granted ? hold with { Reserved = hold.Reserved + draw.Amounts, Refused = false, IsOpenEnded = true } : hold with { Refused = true });
            }
            else if (granted)
            {
                free = Put(free, draw.User, free.GetValueOrDefault(draw.User) + draw.Amounts);
            }
        }

        return this with { Sent = null, Free = free, Holds = holds, Standing = reply.Standing, AnsweredAt = at };
    }

    /// <summary>The account as a plan of this cluster must see it: what is left, with what this cluster has drawn and not spent. Null before the account was asked once.</summary>
    public AccountStanding? PlanStanding()
    {
        if (Standing is not { } standing)
        {
            return null;
        }

        var all = Free.Values.Aggregate(default(BudgetAmounts), static (sum, free) => sum + free);
        return standing with
        {
            BudgetLeft = Plus(standing.BudgetLeft, all),
            UserBudgetLeft = standing.UserBudgetLeft.ToImmutableSortedDictionary(static user => user.Key, user => Plus(user.Value, Free.GetValueOrDefault(user.Key)), StringComparer.Ordinal),
        };

        static ImmutableSortedDictionary<BudgetUnit, double> Plus(ImmutableSortedDictionary<BudgetUnit, double> left, BudgetAmounts more) =>
            left.ToImmutableSortedDictionary(static unit => unit.Key, unit => unit.Value + BudgetAmounts.ToUnits(more[unit.Key]));
    }

    /// <summary>The next moment at which <see cref="Next"/> owes something although nothing happens; null: none.</summary>
    /// <param name="settings">The times that apply.</param>
    /// <param name="now">While an order is under way only what is still to come is of use: what is due has been seen to.</param>
    public DateTimeOffset? DueAt(EscrowSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (Standing is null)
        {
            return null;
        }

        if (Sent is not null)
        {
            // However long the account does not answer, nobody stays beyond what covers it.
            return (IsLimited() ? Holds.Values : []).Select(hold => GoesAt(hold, settings)).Where(at => at > now && at < DateTimeOffset.MaxValue).Select(static at => (DateTimeOffset?)at).Min();
        }

        var due = Standing.BudgetRenewsAt;
        Sooner(!Free.IsEmpty, AnsweredAt + settings.ReturnAfter);
        Sooner(!Holds.IsEmpty, AnsweredAt + settings.SettleEvery);
        Sooner(!Tallies.IsEmpty, SettlesAt(settings));
        foreach (var (_, hold) in IsLimited() ? Holds : Holds.Clear())
        {
            var end = CoverEnd(hold);
            if (end < DateTimeOffset.MaxValue)
            {
                var ask = end - settings.AskBefore(hold);
                Sooner(true, hold.Refused && ask < AnsweredAt + settings.AskAgainAfter ? AnsweredAt + settings.AskAgainAfter : ask);
                Sooner(hold.Refused && AnsweredAt < LeavesAt(hold, settings), LeavesAt(hold, settings));
            }
        }

        return due;

        void Sooner(bool applies, DateTimeOffset at)
        {
            if (applies && !(due <= at))
            {
                due = at;
            }
        }
    }

    /// <summary>Attempts whose cover ends, and that cannot be covered for longer: they must be gone by then, for a hard budget is never exceeded.</summary>
    public IEnumerable<(AttemptId Attempt, DateTimeOffset By)> MustLeave(DateTimeOffset now, EscrowSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var (_, hold) in IsLimited() ? Holds : Holds.Clear())
        {
            if (GoesAt(hold, settings) <= now)
            {
                var end = CoverEnd(hold);
                yield return (hold.Attempt, end < now ? now : end);
            }
        }
    }

    /// <summary>All that was drawn and neither returned nor settled yet: the account holds the same of it as reserved when no order is under way.</summary>
    public BudgetAmounts DrawnOf(string user)
    {
        var drawn = Free.GetValueOrDefault(user) + (Tallies.GetValueOrDefault(user)?.Used ?? default);
        return Holds.Values.Where(hold => hold.User == user).Aggregate(drawn, static (sum, hold) => sum + (hold.Reserved - hold.Used));
    }

    /// <summary>What must hold of every state.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public void SanityCheck()
    {
        Check(Free.Values.All(static free => free.AreSound() && !free.AreZero()), "what is free is more than nothing");
        Check(Tallies.Values.All(static tally => tally.Used.AreSound() && tally.Beyond.AreSound()), "tallies are not negative");
        Check(Holds.Values.All(static hold => hold.Used.AreSound() && hold.Used.FirstBeyond(hold.Reserved) == BudgetUnit.Absent), "no attempt used more of its reservation than it is");
        Check(Sent is null || Sent.Operation == Operation, "the order under way is the last one");

        static void Check(bool holds, string what)
        {
            if (!holds)
            {
                throw new InvalidOperationException($"It does not hold of an escrow that {what}.");
            }
        }
    }

    /// <summary>All of what hard budgets limit, nothing of the rest.</summary>
    private BudgetAmounts Limited(string user)
    {
        var limited = default(BudgetAmounts);
        if (Standing is { } standing)
        {
            foreach (var unit in BudgetAmounts.Units)
            {
                if (standing.BudgetLeft.ContainsKey(unit) || standing.UserBudgetLeft.TryGetValue(user, out var own) && own.ContainsKey(unit))
                {
                    limited = limited.With(unit, BudgetAmounts.Unlimited);
                }
            }
        }

        return limited;
    }

    /// <summary>Until when what was reserved lasts, of what hard budgets limit.</summary>
    private DateTimeOffset CoverEnd(EscrowHold hold)
    {
        var lasts = (hold.Reserved + hold.Beyond).Last(BudgetAmounts.Min(hold.PerHour, Limited(hold.User)));
        return DateTimeOffset.MaxValue - hold.Since <= lasts ? DateTimeOffset.MaxValue : hold.Since + lasts;
    }

    /// <summary>When it is asked to leave unless it is covered for longer by then.</summary>
    private DateTimeOffset LeavesAt(EscrowHold hold, EscrowSettings settings) =>
        CoverEnd(hold) is var end && end < DateTimeOffset.MaxValue && hold.IsOpenEnded ? end - settings.LeaveBefore : end;

    /// <summary>
    /// When it is asked to leave as things stand; the end of time: it is not. The account is asked before its cover ends, so that it goes at that end whether it was answered or not. Where the cover had
    /// ended before it could be asked for (nobody was here to do so, or the budget is newer than what runs) it goes only when the account refuses, or has not answered for a while.
    /// </summary>
    private DateTimeOffset GoesAt(EscrowHold hold, EscrowSettings settings)
    {
        if (hold.Refused)
        {
            return LeavesAt(hold, settings);
        }

        var end = CoverEnd(hold);
        return end == DateTimeOffset.MaxValue || Sent is null ? DateTimeOffset.MaxValue
            : Sent.At < end ? end
            : Sent.At + settings.ExtendEstimatedBefore;
    }

    /// <summary>That moment came, and the account was not heard since.</summary>
    private bool IsDue(DateTimeOffset at, DateTimeOffset now) => AnsweredAt < at && at <= now;

    /// <summary>Where a hard budget waits for what is returned, at once; elsewhere what ends shortly after each other is told together.</summary>
    private DateTimeOffset SettlesAt(EscrowSettings settings) => IsLimited() ? AnsweredAt : AnsweredAt + settings.SettleAfter;

    private Escrow CountAll(DateTimeOffset at) => Holds.Keys.Aggregate(this, (escrow, key) => escrow.Count(key, at));

    /// <summary>Counts what an attempt used up to a moment: first out of its reservation, then without cover. By its whole time, so that what is rounded does not add up.</summary>
    private Escrow Count(string key, DateTimeOffset at)
    {
        var hold = Holds[key];
        var more = Positive(hold.PerHour.Over(at - hold.Since) - hold.Used - hold.Beyond);
        if (more.AreZero())
        {
            return this;
        }

        var used = BudgetAmounts.Min(more, hold.Reserved - hold.Used);
        var beyond = more - used;
        var tally = Tallies.GetValueOrDefault(hold.User) ?? new();
        return this with
        {
            Holds = Holds.SetItem(key, hold with { Used = hold.Used + used, Beyond = hold.Beyond + beyond }),
            Tallies = Put(Tallies, hold.User, tally.Used + used, tally.Beyond + beyond),
        };
    }

    private static BudgetAmounts Positive(in BudgetAmounts amounts) => BudgetAmounts.Max(amounts, default);

    private static ImmutableSortedDictionary<string, BudgetAmounts> Put(ImmutableSortedDictionary<string, BudgetAmounts> of, string user, in BudgetAmounts amounts) =>
        amounts.AreZero() ? of.Remove(user) : of.SetItem(user, amounts);

    private static ImmutableSortedDictionary<string, EscrowTally> Put(ImmutableSortedDictionary<string, EscrowTally> of, string user, in BudgetAmounts used, in BudgetAmounts beyond) =>
        used.AreZero() && beyond.AreZero() ? of.Remove(user) : of.SetItem(user, new() { Used = used, Beyond = beyond });
}
