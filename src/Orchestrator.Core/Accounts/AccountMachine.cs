using System.Collections.Immutable;
using Orchestrator.Core.Events;

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
    public static ImmutableArray<AccountFact> Decide(AccountState state, AccountInput input)
    {
        var (events, rolledUpTo) = input switch
        {
            AccountInput.Used used => (used.Events, 0L),
            AccountInput.RollUp rollUp => (rollUp.Events, rollUp.Position),
            _ => throw new InvalidTransitionException("account", "open", input.GetType().Name),
        };
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
        _ => throw new InvalidTransitionException("account", "open", fact.GetType().Name),
    };

    /// <summary>Decide, and then apply it.</summary>
    public static AccountState Step(AccountState state, AccountInput input) => Decide(state, input).Aggregate(state, Apply);

    /// <summary>What must hold of every state.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public static void SanityCheck(AccountState state)
    {
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
            Total = state.Total + counted.Use,
            ByUser = state.ByUser.SetItem(counted.User, Sum(state.ByUser.GetValueOrDefault(counted.User), counted.Use)),
            Days = days.Count > DaysMax ? days.Remove(days.First().Key) : days,
            Beyond = state.Beyond.SetItem(counted.Source, new() { Sequence = counted.Sequence, Position = counted.Position }),
        };
    }

    private static ResourceUse Sum(ResourceUse? one, ResourceUse other) => one is null ? other : one + other;
}
