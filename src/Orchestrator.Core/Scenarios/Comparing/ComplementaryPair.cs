using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>Two scenarios of which each is strong where the other is weak.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.complementary-pair")]
public sealed record ComplementaryPair
{
    [Id(0)] public string One { get; init; } = "";

    [Id(1)] public string Other { get; init; } = "";

    /// <summary>0 to 1: 0.7 of how evenly the strengths are parted, and 0.3 of how different the approaches are.</summary>
    [Id(2)] public double Score { get; init; }

    /// <summary>Where the first is better by the margin, and where the second.</summary>
    [Id(3)] public ImmutableArray<Criterion> OneIsStronger { get; init; } = [];

    [Id(4)] public ImmutableArray<Criterion> OtherIsStronger { get; init; } = [];

    /// <summary>Above 0.6.</summary>
    public bool IsComplementary => Score > 0.6;
}
