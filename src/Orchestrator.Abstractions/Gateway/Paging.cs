using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A page of a list.</summary>
public sealed record Page<T>
{
    public ImmutableArray<T> Items { get; init; } = [];

    /// <summary>What to pass as <c>cursor</c> for the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
