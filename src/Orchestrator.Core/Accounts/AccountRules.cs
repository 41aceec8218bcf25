using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Accounts;

/// <summary>What may be arranged with an account.</summary>
public static class AccountRules
{
    /// <summary>Budgets of one account, at most.</summary>
    public const int BudgetsMax = 200;

    private static readonly TimeSpan HalfLifeMin = TimeSpan.FromHours(1), HalfLifeMax = TimeSpan.FromDays(3650);

    /// <summary>The terms after a change, and all that is wrong with it; where anything is, nothing may be changed.</summary>
    public static (AccountTerms Terms, ImmutableArray<AccountProblem> Problems) Change(AccountState state, AccountChange change, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(change);
        var problems = ImmutableArray.CreateBuilder<AccountProblem>();
        var terms = state.Terms with
        {
            Shares = change.Shares ?? state.Terms.Shares,
            Users = state.Terms.Users.SetItems(change.Users.Where(static user => user.Value != 0)).RemoveRange(change.Users.Where(static user => user.Value == 0).Select(static user => user.Key)),
            Guaranteed = change.Guaranteed ?? state.Terms.Guaranteed,
            Maximum = change.Maximum ?? state.Terms.Maximum,
            LendLimit = change.LendLimit ?? state.Terms.LendLimit,
            MayBorrow = change.MayBorrow ?? state.Terms.MayBorrow,
            RunningMax = change.RunningMax switch { null => state.Terms.RunningMax, -1 => null, var most => most },
            UsageHalfLife = change.UsageHalfLife ?? state.Terms.UsageHalfLife,
            Budgets = state.Terms.Budgets,
        };

        Require(terms.Shares > 0 && double.IsFinite(terms.Shares), "shares", terms.Shares, "a number above 0");
        foreach (var (user, shares) in change.Users)
        {
            Require(user.Length > 0, "users", "\"\"", "the name of a user");
            Require(shares >= 0 && double.IsFinite(shares), $"users.{user}", shares, "a number above 0, or 0 to take the user out of the list");
        }

        Require(terms.Guaranteed is >= 0 and <= 1, "guaranteed", terms.Guaranteed, "a part of the cluster from 0 to 1");
        Require(terms.Maximum is >= 0 and <= 1 && terms.Maximum >= terms.Guaranteed, "maximum", terms.Maximum, Invariant($"a part of the cluster from what is guaranteed ({terms.Guaranteed}) to 1"));
        Require(terms.LendLimit is >= 0 and <= 1, "lend_limit", terms.LendLimit, "a part of the guarantee from 0 to 1");
        Require(terms.RunningMax is not < 0, "running_max", terms.RunningMax ?? 0, "0 or more, or -1 for any number");
        Require(terms.UsageHalfLife >= HalfLifeMin && terms.UsageHalfLife <= HalfLifeMax, "usage_half_life", terms.UsageHalfLife, "1 hour to 3650 days");

        foreach (var key in change.RemoveBudgets)
        {
            Require(state.Terms.Budgets.ContainsKey(key), "remove_budgets", $"\"{key}\"", state.Terms.Budgets.IsEmpty ? "nothing, as there is no budget" : string.Join(", ", state.Terms.Budgets.Keys));
            terms = terms with { Budgets = terms.Budgets.Remove(key) };
        }

        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var budget in change.Budgets)
        {
            var key = budget.Key();
            var field = $"budgets.{key}";
            Require(named.Add(key), field, "named twice", "one budget of each user, unit, kind and window");
            Require(budget.Unit != default && Enum.IsDefined(budget.Unit), $"{field}.unit", budget.Unit, "core-hours, gpu-hours, memory-hours, cost or energy");
            Require(budget.Kind != default && Enum.IsDefined(budget.Kind), $"{field}.kind", budget.Kind, "hard or soft");
            Require(budget.Window != default && Enum.IsDefined(budget.Window), $"{field}.window", budget.Window, "total, minute, hour, day, week or month");
            Require(budget.Limit >= 0 && double.IsFinite(budget.Limit), $"{field}.limit", budget.Limit, "a number of units, 0 or more");
            if (problems.Count > 0)
            {
                continue;
            }

            terms = terms with { Budgets = terms.Budgets.SetItem(key, budget) };
            if (AccountBudgets.Rearrange(state, terms) is var after && AccountBudgets.LeftOf(after, budget, now) < 0)
            {
                // Clusters may start what they have drawn: a limit below that would be exceeded at this very moment (invariant 8).
                var least = AccountBudgets.CountAt(after, budget, now).Used + AccountBudgets.ReservedOf(after, budget);
                Require(false, $"{field}.limit", budget.Limit, Invariant($"{BudgetAmounts.ToUnits(least)} or more, which are used or reserved in this window"));
            }
        }

        Require(terms.Budgets.Count <= BudgetsMax, "budgets", terms.Budgets.Count, Invariant($"{BudgetsMax} of them at most"));
        return (terms, problems.ToImmutable());

        void Require(bool holds, string field, object value, string allowed)
        {
            if (!holds)
            {
                problems.Add(new() { Field = field, Message = Invariant($"{value} is not allowed; {allowed} is.") });
            }
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
