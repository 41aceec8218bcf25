using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Clusters;

/// <summary>What an account pays for a lease.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-charge")]
public sealed record LeaseCharge
{
    /// <summary>What it uses in an hour.</summary>
    [Id(0)] public BudgetAmounts PerHour { get; init; }

    /// <summary>What is reserved at its start: what it uses as long as it is estimated to run, or for a first while.</summary>
    [Id(1)] public BudgetAmounts Cost { get; init; }

    /// <summary>Nobody says how long it runs.</summary>
    [Id(2)] public bool IsOpenEnded { get; init; }
}
