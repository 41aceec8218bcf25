namespace Orchestrator.Core.Accounts;

/// <summary>
/// For how long a budget is meant. Windows follow each other without gaps. Without <see cref="Budget.From"/> they are those of the calendar in UTC: whole minutes and hours, days
/// from midnight, weeks from Monday, months from the 1st. With it they count from that moment: months then begin on its day of the month, or on the last one of shorter months.
/// </summary>
[GenerateSerializer, Alias("orchestrator.budget-window")]
public enum BudgetWindow
{
    Absent = 0,

    /// <summary>One window without an end.</summary>
    Total = 1,
    Minute = 2,
    Hour = 3,
    Day = 4,
    Week = 5,
    Month = 6,
}
