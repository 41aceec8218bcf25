using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Accounts;

/// <summary>What an account answers to an order.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-reply")]
public sealed record EscrowReply
{
    /// <summary>The order's.</summary>
    [Id(0)] public long Operation { get; init; }

    /// <summary>By the place of each draw: whether it is reserved now.</summary>
    [Id(1)] public ImmutableArray<bool> Granted { get; init; } = [];

    /// <summary>The account as it is now: what is left is without all that clusters have drawn.</summary>
    [Id(2)] public AccountStanding Standing { get; init; } = new();
}
