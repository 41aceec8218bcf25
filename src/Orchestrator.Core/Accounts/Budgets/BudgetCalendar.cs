namespace Orchestrator.Core.Accounts;

/// <summary>Where the windows of budgets begin and end (<see cref="BudgetWindow"/>).</summary>
public static class BudgetCalendar
{
    // The first day of the calendar is a Monday and the 1st of a month: windows counted from it are those of the calendar.
    private static readonly DateTimeOffset Origin = DateTimeOffset.MinValue;

    /// <summary>The window that a moment is in, its end not included; null before the first.</summary>
    public static (DateTimeOffset Start, DateTimeOffset End)? WindowAt(Budget budget, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var from = budget.From?.ToUniversalTime() ?? Origin;
        if (at < from)
        {
            return null;
        }

        switch (budget.Window)
        {
            case BudgetWindow.Total:
                return (from, DateTimeOffset.MaxValue);
            case BudgetWindow.Month:
                var utc = at.ToUniversalTime();
                var months = ((utc.Year - from.Year) * 12) + utc.Month - from.Month;
                months = from.AddMonths(months) > utc ? months - 1 : months;
                return (from.AddMonths(months), After(from, months + 1));
            default:
                var length = LengthOf(budget.Window).Ticks;
                var start = from.AddTicks((at - from).Ticks / length * length);
                return (start, DateTimeOffset.MaxValue - start > TimeSpan.FromTicks(length) ? start.AddTicks(length) : DateTimeOffset.MaxValue);
        }
    }

    private static DateTimeOffset After(DateTimeOffset from, int months) => (from.Year * 12) + from.Month + months > 9999 * 12 ? DateTimeOffset.MaxValue : from.AddMonths(months);

    private static TimeSpan LengthOf(BudgetWindow window) => window switch
    {
        BudgetWindow.Minute => TimeSpan.FromMinutes(1),
        BudgetWindow.Hour => TimeSpan.FromHours(1),
        BudgetWindow.Day => TimeSpan.FromDays(1),
        BudgetWindow.Week => TimeSpan.FromDays(7),
        _ => throw new ArgumentOutOfRangeException(nameof(window), window, "no window of a budget"),
    };
}
