using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>Parts of what there is, by scenario.</summary>
public static class Shares
{
    /// <summary>They sum to 1 or less, and none is negative or no number.</summary>
    public static bool AreValid(IReadOnlyDictionary<string, double> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        return shares.Values.All(static share => share >= 0) && shares.Values.Sum() <= 1 + 1e-9;
    }

    /// <summary>What a scenario gets of a resource; 0 for a scenario or a resource that is unknown.</summary>
    public static double Of(IReadOnlyDictionary<string, double> shares, IReadOnlyDictionary<string, double> totals, string scenario, string resource)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(totals);
        return shares.TryGetValue(scenario, out var share) && totals.TryGetValue(resource, out var total) ? share * total : 0;
    }

    /// <summary>The same for each.</summary>
    public static ImmutableSortedDictionary<string, double> Equal(IReadOnlyCollection<string> scenarios) =>
        scenarios.ToImmutableSortedDictionary(static scenario => scenario, scenario => 1.0 / scenarios.Count, StringComparer.Ordinal);
}
