using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// The rules of an account: every use counts once (invariant 9). A use is known by its source and sequence; what was counted is remembered per source only until the whole
/// log behind it was looked through, so that the state does not grow with the number of simulations.
/// </summary>
public static class AccountMachine
{
    /// <summary>Days beyond so many go, the oldest first; totals keep them.</summary>
    public const int DaysMax = 1100;

    /// <summary>What an input brings that is new; nothing when all of it is known.</summary>
    /// <param name="state">The account.</param>
    /// <param name="input">What it hears.</param>
    /// <param name="now">The present: it decides in which windows of budgets something counts.</param>
    /// <exception cref="ArgumentException">A cluster's order, or an operator's change, is not one that could be: see <see cref="AccountRules.Change"/> to tell what is wrong.</exception>
    public static ImmutableArray<AccountFact> Decide(AccountState state, AccountInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return input switch
        {
            AccountInput.Used used => Count(state, used.Events, 0),
            AccountInput.RollUp rollUp => Count(state, rollUp.Events, rollUp.Position),
            AccountInput.Exchange exchange => AccountBudgets.Exchange(state, exchange.Order, now),
            AccountInput.Set set => Arrange(state, set, now),
            AccountInput.Published published => state.Outbox.IsEmpty || published.Sequence < state.Outbox[0].Sequence ? [] : [new AccountFact.Published { Sequence = published.Sequence }],
            _ => throw new InvalidTransitionException("account", "open", input.GetType().Name),
        };
    }

    /// <summary>What was, or would be again, answered to an order.</summary>
    public static EscrowReply Answer(AccountState state, EscrowOrder order, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(order);
        var escrow = state.Escrows.GetValueOrDefault(order.Cluster.Value) ?? new();
        return new()
        {
            Operation = order.Operation,
            // An order before the last is long answered: the cluster does not wait for this answer.
            Granted = escrow.Operation == order.Operation ? escrow.Granted : [.. order.Draws.Select(static _ => false)],
            Standing = AccountBudgets.StandingAt(state, now),
        };
    }

    private static ImmutableArray<AccountFact> Arrange(AccountState state, AccountInput.Set set, DateTimeOffset now)
    {
        var (terms, problems) = AccountRules.Change(state, set.Change, now);
        if (!problems.IsEmpty)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(set));
        }

        if (terms.Equals(state.Terms))
        {
            return [];
        }

        var facts = new AccountFact.TermsSet { Terms = terms, By = set.By, At = now };
        var happened = new AccountFact.Happened
        {
            Event = new()
            {
                Kind = EventKinds.AccountChanged,
                Sequence = state.EventSequence + 1,
                At = now,
                Text = $"the terms of the account were changed{(set.By.Length == 0 ? "" : $" by {set.By}")}: {Words(state.Terms, terms)}",
                By = set.By.Length == 0 ? null : set.By,
            },
        };
        return [facts, happened, .. AccountBudgets.LevelsReached(Apply(Apply(state, facts), happened), now)];
    }

    /// <summary>What is another, with what it was.</summary>
    private static string Words(AccountTerms before, AccountTerms after)
    {
        var changes = new List<string>();
        Add("shares", before.Shares, after.Shares);
        Add("guaranteed", before.Guaranteed, after.Guaranteed);
        Add("maximum", before.Maximum, after.Maximum);
        Add("lend limit", before.LendLimit, after.LendLimit);
        Add("may borrow", before.MayBorrow ? "yes" : "no", after.MayBorrow ? "yes" : "no");
        Add("running at once", before.RunningMax?.ToString(CultureInfo.InvariantCulture) ?? "any number", after.RunningMax?.ToString(CultureInfo.InvariantCulture) ?? "any number");
        Add("half-life", DurationWords.Of(before.UsageHalfLife), DurationWords.Of(after.UsageHalfLife));
        foreach (var user in before.Users.Keys.Union(after.Users.Keys).Order(StringComparer.Ordinal))
        {
            Add($"shares of {user}", before.Users.GetValueOrDefault(user, 1), after.Users.GetValueOrDefault(user, 1));
        }

        foreach (var key in before.Budgets.Keys.Union(after.Budgets.Keys).Order(StringComparer.Ordinal))
        {
            Add($"budget {key}", before.Budgets.GetValueOrDefault(key)?.Limit ?? 0, after.Budgets.GetValueOrDefault(key)?.Limit ?? 0);
        }

        return changes.Count == 0 ? "in details" : string.Join(", ", changes);

        void Add<T>(string name, T was, T becomes)
        {
            if (!EqualityComparer<T>.Default.Equals(was, becomes))
            {
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {becomes} (was {was})"));
            }
        }
    }

    private static ImmutableArray<AccountFact> Count(AccountState state, ImmutableArray<AccountInput.Logged> events, long rolledUpTo)
    {
        var facts = ImmutableArray.CreateBuilder<AccountFact>();
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (position, occurrence) in events)
        {
            if (occurrence is not { Kind: EventKinds.AttemptEnded, Use: { } use } || position <= state.CountedTo)
            {
                continue;
            }

            var known = counted.TryGetValue(occurrence.Source, out var sequence) ? sequence : state.Beyond.GetValueOrDefault(occurrence.Source)?.Sequence ?? 0;
            if (occurrence.Sequence <= known)
            {
                continue;
            }

            counted[occurrence.Source] = occurrence.Sequence;
            facts.Add(new AccountFact.UseCounted
            {
                Source = occurrence.Source,
                Sequence = occurrence.Sequence,
                Position = position,
                At = occurrence.At,
                User = occurrence.User ?? "",
                Use = use,
                Project = occurrence.Project ?? "",
                Simulation = occurrence.Simulation?.Value ?? occurrence.Source,
                Stage = occurrence.Stage ?? "",
                Node = occurrence.Node?.Value ?? "",
                Nodes = UsageRecord.NodesOf(occurrence),
            });
        }

        if (rolledUpTo > state.CountedTo && (facts.Count > 0 || !state.Beyond.IsEmpty || rolledUpTo - state.CountedTo >= RollUpEvery))
        {
            facts.Add(new AccountFact.RolledUp { Position = rolledUpTo });
        }

        return facts.ToImmutable();
    }

    /// <summary>The state after a fact. Pure: the ledger gives the same state whenever it is read.</summary>
    public static AccountState Apply(AccountState state, AccountFact fact) => fact switch
    {
        AccountFact.UseCounted counted => Count(state, counted),
        AccountFact.RolledUp rolledUp => state with
        {
            CountedTo = rolledUp.Position,
            Beyond = state.Beyond.RemoveRange(state.Beyond.Where(cursor => cursor.Value.Position <= rolledUp.Position).Select(static cursor => cursor.Key)),
        },
        AccountFact.TermsSet set => AccountBudgets.Rearrange(state, set.Terms),
        AccountFact.Exchanged exchanged => AccountBudgets.Apply(state, exchanged),
        AccountFact.LevelReached reached => AccountBudgets.Apply(state, reached),
        AccountFact.Happened happened => state with { EventSequence = happened.Event.Sequence, Outbox = state.Outbox.Add(happened.Event) },
        AccountFact.Published published => state with { Outbox = [.. state.Outbox.Where(occurrence => occurrence.Sequence > published.Sequence)] },
        _ => throw new InvalidTransitionException("account", "open", fact.GetType().Name),
    };

    /// <summary>Decide, and then apply it.</summary>
    public static AccountState Step(AccountState state, AccountInput input, DateTimeOffset now) => Decide(state, input, now).Aggregate(state, Apply);

    /// <summary>What must hold of every state, at every moment.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public static void SanityCheck(AccountState state, DateTimeOffset at)
    {
        AccountBudgets.SanityCheck(state, at);
        var byUser = state.ByUser.Values.Aggregate(new ResourceUse(), static (sum, use) => sum + use);
        if (byUser != state.Total)
        {
            throw new InvalidOperationException($"Users used {byUser}, all together {state.Total}.");
        }

        if (state.Days.Count < DaysMax && state.Days.Values.Aggregate(new ResourceUse(), static (sum, use) => sum + use) != state.Total)
        {
            throw new InvalidOperationException("The days do not add up to the total.");
        }

        if (state.Beyond.Values.Any(cursor => cursor.Position <= state.CountedTo))
        {
            throw new InvalidOperationException("A cursor is remembered that the roll-up has passed.");
        }
    }

    /// <summary>Without any use of its own an account notes that it looked through the log only now and then, since each note is an entry of its ledger.</summary>
    private const long RollUpEvery = 10_000;

    private static AccountState Count(AccountState state, AccountFact.UseCounted counted)
    {
        var day = new DateTimeOffset(counted.At.UtcDateTime.Date, TimeSpan.Zero);
        var days = state.Days.SetItem(day, Sum(state.Days.GetValueOrDefault(day), counted.Use));
        return state with
        {
            Attempts = state.Attempts + 1,
            Usage = state.Usage.With(UsageRecord.Of(counted.At, counted.Use, counted.User, counted.Project, counted.Simulation, counted.Stage, counted.Node) with { Nodes = counted.Nodes }),
            Total = state.Total + counted.Use,
            ByUser = state.ByUser.SetItem(counted.User, Sum(state.ByUser.GetValueOrDefault(counted.User), counted.Use)),
            Days = days.Count > DaysMax ? days.Remove(days.First().Key) : days,
            Beyond = state.Beyond.SetItem(counted.Source, new() { Sequence = counted.Sequence, Position = counted.Position }),
            Decayed = state.Decayed.SetItem(
                counted.User,
                (state.Decayed.GetValueOrDefault(counted.User) ?? new DecayedUse { At = counted.At }).With(counted.Use, counted.At, state.Terms.UsageHalfLife)),
        };
    }

    private static ResourceUse Sum(ResourceUse? one, ResourceUse other) => one is null ? other : one + other;
}
