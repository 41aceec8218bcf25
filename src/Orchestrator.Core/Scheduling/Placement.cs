using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>The nodes of one attempt: as many distinct ones as it asked for, granted as a whole.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.placement")]
public sealed record Placement
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>One for each node, by node id; the first is the lead's.</summary>
    [Id(1)] public ImmutableArray<NodeShare> Shares { get; init; } = [];
}
