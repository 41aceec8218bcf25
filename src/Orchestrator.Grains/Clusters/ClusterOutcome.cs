using Orchestrator.Core.Clusters;

namespace Orchestrator.Grains.Clusters;

/// <summary>An effect that was done, and what came back.</summary>
internal sealed record ClusterOutcome(ClusterEffect Effect, ClusterInput? Input);
