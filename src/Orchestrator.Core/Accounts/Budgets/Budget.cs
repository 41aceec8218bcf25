using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Accounts;

/// <summary>So much of one unit, for an account or for one of its users, in a window. User, unit, kind and window together name it: there is one of each at most.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.budget")]
public sealed record Budget
{
    /// <summary>Whose use counts; "": that of all users of the account together.</summary>
    [Id(0)] public string User { get; init; } = "";

    [Id(1)] public BudgetUnit Unit { get; init; }

    [Id(2)] public BudgetKind Kind { get; init; } = BudgetKind.Hard;

    [Id(3)] public BudgetWindow Window { get; init; } = BudgetWindow.Total;

    /// <summary>In units (core-hours, ...), 0 or more.</summary>
    [Id(4)] public double Limit { get; init; }

    /// <summary>Since when it holds, and where its windows begin; before, nothing is counted and nothing is limited. Null: always, by the calendar.</summary>
    [Id(5)] public DateTimeOffset? From { get; init; }

    /// <summary>Its name among the budgets of an account, as in "core-hours/hard/month" or "core-hours/hard/month/ada".</summary>
    public string Key() => User.Length == 0 ? $"{NameOf(Unit)}/{NameOf(Kind)}/{NameOf(Window)}" : $"{NameOf(Unit)}/{NameOf(Kind)}/{NameOf(Window)}/{User}";

    /// <summary>The limit as an amount.</summary>
    public long LimitAmount() => BudgetAmounts.FromUnits(Limit);

    /// <summary>The name of a unit in files and commands: "core-hours".</summary>
    public static string NameOf(BudgetUnit unit) => unit switch
    {
        BudgetUnit.CoreHours => "core-hours",
        BudgetUnit.GpuHours => "gpu-hours",
        BudgetUnit.MemoryHours => "memory-hours",
        BudgetUnit.Cost => "cost",
        BudgetUnit.Energy => "energy",
        _ => "absent",
    };

    /// <summary>The name of a kind in files and commands: "hard".</summary>
    public static string NameOf(BudgetKind kind) => kind switch
    {
        BudgetKind.Hard => "hard",
        BudgetKind.Soft => "soft",
        _ => "absent",
    };

    /// <summary>The name of a window in files and commands: "month".</summary>
    public static string NameOf(BudgetWindow window) => window switch
    {
        BudgetWindow.Total => "total",
        BudgetWindow.Minute => "minute",
        BudgetWindow.Hour => "hour",
        BudgetWindow.Day => "day",
        BudgetWindow.Week => "week",
        BudgetWindow.Month => "month",
        _ => "absent",
    };
}
