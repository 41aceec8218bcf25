using Orchestrator.Abstractions.Accounts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;

namespace Orchestrator.Grains.Accounts;

/// <summary>Makes of the state of an account what people see.</summary>
internal static class AccountViews
{
    public static AccountView Of(string key, AccountState state, DateTimeOffset now) => new()
    {
        Id = new AccountId(key),
        Total = state.Total,
        ByUser = state.ByUser,
        Days = [.. state.Days.Select(static day => new UsageDay { Day = day.Key, Use = day.Value })],
        Terms = state.Terms,
        Budgets = [.. state.Terms.Budgets.Values.Select(budget => Of(state, budget, now))],
        Usage = AccountBudgets.StandingAt(state, now).Usage,
    };

    /// <summary>Institution and project as a campaign file names them; null of an account that no campaign can name.</summary>
    public static string? ProjectOf(AccountId account)
    {
        var name = account.Value[2..];
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? null : $"{name[..dot]}/{name[(dot + 1)..]}";
    }

    private static BudgetView Of(AccountState state, Budget budget, DateTimeOffset now)
    {
        var window = BudgetCalendar.WindowAt(budget, now);
        var count = AccountBudgets.CountAt(state, budget, now);
        var left = AccountBudgets.LeftOf(state, budget, now);
        return new()
        {
            Key = budget.Key(),
            Budget = budget,
            Status = AccountBudgets.StatusOf(state, budget, now),
            WindowStart = window?.Start == DateTimeOffset.MinValue ? null : window?.Start,
            WindowEnd = window?.End == DateTimeOffset.MaxValue ? null : window?.End,
            Used = BudgetAmounts.ToUnits(count.Used),
            Reserved = BudgetAmounts.ToUnits(AccountBudgets.ReservedOf(state, budget)),
            Left = left == BudgetAmounts.Unlimited ? null : BudgetAmounts.ToUnits(left),
            Overrun = BudgetAmounts.ToUnits(count.Overrun),
        };
    }
}
