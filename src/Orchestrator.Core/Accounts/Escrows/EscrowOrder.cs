using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// What a cluster asks of an account, in one step: it settles what its attempts used, gives back what it does not need, and draws what others need. One order of a cluster is under
/// way at a time; a repeat under the same number does nothing twice and gets the same answer.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-order")]
public sealed record EscrowOrder
{
    [Id(0)] public ClusterId Cluster { get; init; }

    /// <summary>Numbers the orders of the cluster to this account, from 1 by one.</summary>
    [Id(1)] public long Operation { get; init; }

    /// <summary>When it was made.</summary>
    [Id(2)] public DateTimeOffset At { get; init; }

    /// <summary>One for each user at most.</summary>
    [Id(3)] public ImmutableArray<EscrowSettlement> Settlements { get; init; } = [];

    /// <summary>In the order in which they are to be granted: each whole, or not at all.</summary>
    [Id(4)] public ImmutableArray<EscrowDraw> Draws { get; init; } = [];

    /// <summary>What runs is settled too, up to <see cref="At"/>; else only what ended.</summary>
    [Id(5)] public bool SettlesRunning { get; init; }
}

/// <summary>What became of what was drawn for a user.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-settlement")]
public sealed record EscrowSettlement
{
    [Id(0)] public string User { get; init; } = "";

    /// <summary>Used, out of what was drawn.</summary>
    [Id(1)] public BudgetAmounts Used { get; init; }

    /// <summary>Used although nothing had been drawn for it, since no hard budget was known when it started.</summary>
    [Id(2)] public BudgetAmounts Beyond { get; init; }

    /// <summary>Drawn, not used, and not needed any more.</summary>
    [Id(3)] public BudgetAmounts Returned { get; init; }
}

/// <summary>What a cluster wants to reserve.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-draw")]
public sealed record EscrowDraw
{
    [Id(0)] public string User { get; init; } = "";

    [Id(1)] public BudgetAmounts Amounts { get; init; }

    /// <summary>For whom: one that would start, or one that runs and must be covered for longer.</summary>
    [Id(2)] public AttemptId For { get; init; }
}
