using System.Collections.Immutable;

namespace Orchestrator.Core.Accounts;

/// <summary>What an operator changes of an account; what is null or empty stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-change")]
public sealed record AccountChange
{
    /// <summary>Above 0.</summary>
    [Id(0)] public double? Shares { get; init; }

    /// <summary>Shares of single users, above 0; 0 takes a user out of the list.</summary>
    [Id(1)] public ImmutableSortedDictionary<string, double> Users { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>0 to 1.</summary>
    [Id(2)] public double? Guaranteed { get; init; }

    /// <summary>The guarantee to 1.</summary>
    [Id(3)] public double? Maximum { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(4)] public double? LendLimit { get; init; }

    [Id(5)] public bool? MayBorrow { get; init; }

    /// <summary>0 or more; -1: any number.</summary>
    [Id(6)] public int? RunningMax { get; init; }

    /// <summary>Budgets to set, each in place of the one of the same key. What was used in the present window stays counted, unless its windows begin elsewhere.</summary>
    [Id(7)] public ImmutableArray<Budget> Budgets { get; init; } = [];

    /// <summary>Keys of budgets to take away.</summary>
    [Id(8)] public ImmutableArray<string> RemoveBudgets { get; init; } = [];

    /// <summary>1 hour to 3650 days.</summary>
    [Id(9)] public TimeSpan? UsageHalfLife { get; init; }
}

/// <summary>Why a change of an account was refused: one mistake.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-problem")]
public sealed record AccountProblem
{
    /// <summary>The field, as in "guaranteed" or "budgets.core-hours/hard/month.limit".</summary>
    [Id(0)] public string Field { get; init; } = "";

    /// <summary>What is wrong, and what is allowed, as a sentence.</summary>
    [Id(1)] public string Message { get; init; } = "";

    public override string ToString() => $"{Field}: {Message}";
}
