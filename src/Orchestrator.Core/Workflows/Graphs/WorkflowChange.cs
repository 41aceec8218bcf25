using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>What one input did: stages that became ready, that will never start, and barriers that were passed.</summary>
public sealed record WorkflowChange(ImmutableArray<string> Ready, ImmutableArray<string> Skipped, ImmutableArray<string> Passed);
