using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What a plan must know of an account (a project, or a client of a render farm).</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-standing")]
public sealed record AccountStanding
{
    /// <summary>Its part of its institution, in proportion to the others' (importance); above 0.</summary>
    [Id(0)] public double Shares { get; init; } = 1;

    /// <summary>Shares of its users; one that is not listed has one.</summary>
    [Id(1)] public ImmutableSortedDictionary<string, double> Users { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Decayed usage of each user in core-seconds at <see cref="UsageAt"/>; of an account it is their sum.</summary>
    [Id(2)] public ImmutableSortedDictionary<string, double> Usage { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Id(3)] public DateTimeOffset UsageAt { get; init; }

    /// <summary>Part of the cluster's cores that it gets whenever it wants them, 0 to 1.</summary>
    [Id(4)] public double Guaranteed { get; init; }

    /// <summary>Part of the cluster's cores that it never exceeds, 0 to 1.</summary>
    [Id(5)] public double Maximum { get; init; } = 1;

    /// <summary>Part of its guarantee that it lends at most while it does not need it, 0 to 1.</summary>
    [Id(6)] public double LendLimit { get; init; } = 0.5;

    /// <summary>Beyond its guarantee it may use what others lend.</summary>
    [Id(7)] public bool MayBorrow { get; init; } = true;

    /// <summary>What is left of hard budgets, reserved amounts taken off, by what is counted; what is not listed has no limit.</summary>
    [Id(8)] public ImmutableSortedDictionary<BudgetUnit, double> BudgetLeft { get; init; } = ImmutableSortedDictionary<BudgetUnit, double>.Empty;

    /// <summary>The same for single users, the stricter of both ruling.</summary>
    [Id(9)] public ImmutableSortedDictionary<string, ImmutableSortedDictionary<BudgetUnit, double>> UserBudgetLeft { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<BudgetUnit, double>>.Empty;

    /// <summary>When the earliest window of a used-up budget ends; null: none does.</summary>
    [Id(10)] public DateTimeOffset? BudgetRenewsAt { get; init; }

    /// <summary>Attempts that may run at once; null: any number.</summary>
    [Id(11)] public int? RunningMax { get; init; }

    /// <summary>To whom it belongs; "": to whom its id says.</summary>
    [Id(12)] public string Institution { get; init; } = "";
}
