using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>An account in a list.</summary>
public sealed record AccountSummary
{
    public AccountId Id { get; init; }

    public string Institution { get; init; } = "";

    public string Project { get; init; } = "";

    /// <summary>Simulations that were submitted for it.</summary>
    public long Simulations { get; init; }

    /// <summary>Those that have not ended.</summary>
    public long Live { get; init; }

    /// <summary>What it has of the cluster now; null: the cluster has nothing of it.</summary>
    public ShareStanding? Standing { get; init; }
}
