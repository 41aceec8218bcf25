using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>Who holds what after a reallocation.</summary>
public sealed record ReallocationPlan
{
    /// <summary>By scenario, then by type; the total of each type is what it was.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Resources { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>>.Empty;

    /// <summary>Empty: nothing moves.</summary>
    public ImmutableArray<AllocationChange> Changes { get; init; } = [];

    /// <summary>What moves and why, or why nothing does.</summary>
    public string Explanation { get; init; } = "";
}
