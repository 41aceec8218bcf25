using System.Collections.Immutable;

namespace Orchestrator.Definitions;

/// <summary>One scenario of the file; a file without scenarios has a single one without a name.</summary>
internal sealed record Variant(string Name, ImmutableDictionary<string, string> Parameters)
{
    /// <summary>What it has to do with.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
}
