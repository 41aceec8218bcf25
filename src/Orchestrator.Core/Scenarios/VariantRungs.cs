using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios;

/// <summary>How far a variant has come on the ladder of successive halving.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.variant-rungs")]
public sealed record VariantRungs
{
    /// <summary>The mean of the objective when all its members had come to each rung, lower is better; only of rungs that they have come to.</summary>
    [Id(0)] public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>So many rungs it may pass.</summary>
    [Id(1)] public int Cleared { get; init; }
}
