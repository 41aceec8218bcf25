using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Accounts;

/// <summary>What a running attempt holds of the budgets of its account.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-hold")]
public sealed record EscrowHold
{
    [Id(0)] public string User { get; init; } = "";

    /// <summary>What it uses in an hour.</summary>
    [Id(1)] public BudgetAmounts PerHour { get; init; }

    [Id(2)] public DateTimeOffset Since { get; init; }

    /// <summary>All that was ever reserved for it, also what it has used of that.</summary>
    [Id(3)] public BudgetAmounts Reserved { get; init; }

    /// <summary>What it used of <see cref="Reserved"/> and was counted.</summary>
    [Id(4)] public BudgetAmounts Used { get; init; }

    /// <summary>What it used without cover and was counted.</summary>
    [Id(5)] public BudgetAmounts Beyond { get; init; }

    /// <summary>It could not be covered for longer when that was last asked for.</summary>
    [Id(6)] public bool Refused { get; init; }

    [Id(7)] public AttemptId Attempt { get; init; }

    /// <summary>Nobody says when it ends, or it has outlasted what was said.</summary>
    [Id(8)] public bool IsOpenEnded { get; init; }
}
