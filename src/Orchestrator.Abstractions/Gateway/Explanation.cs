using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Explanations;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>Why a simulation is where it is, from what is stored (invariant 10): <c>GET /v1/simulations/{id}/why</c>.</summary>
public sealed record Explanation
{
    /// <summary>One sentence.</summary>
    public string Summary { get; init; } = "";

    /// <summary>One for each stage that is not complete.</summary>
    public ImmutableArray<StageExplanation> Stages { get; init; } = [];

    /// <summary>The newest events of it, oldest first, as sentences with their times.</summary>
    public ImmutableArray<string> Recent { get; init; } = [];
}

/// <summary>Why a stage is where it is.</summary>
public sealed record StageExplanation
{
    public string Stage { get; init; } = "";

    public string Status { get; init; } = "";

    /// <summary>Sentences, the binding reason first.</summary>
    public ImmutableArray<string> Because { get; init; } = [];

    /// <summary>Of a stage that waits for nodes: what decided, who is ahead, when it starts, and what would start it sooner; null: it does not wait.</summary>
    public AttemptExplanation? Queue { get; init; }
}
