using System.Collections.Immutable;

namespace Orchestrator.Core.Usage;

/// <summary>Use of the past, as another system wrote it down.</summary>
public sealed record UsageImport
{
    /// <summary>By their start; each job once.</summary>
    public ImmutableArray<UsageRecord> Records { get; init; } = [];

    /// <summary>Up to this moment all is known, so that what is not there was not used; null: up to the newest use.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What was left out and why, and what was taken otherwise than it stands there; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
