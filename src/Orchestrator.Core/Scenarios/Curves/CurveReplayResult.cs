using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>What a policy found within its budget.</summary>
public sealed record CurveReplayResult
{
    public string Policy { get; init; } = "";

    public int Seed { get; init; }

    /// <summary>Epochs that it was given.</summary>
    public long Budget { get; init; }

    /// <summary>The least loss after any epoch that was trained; null: no epoch gave a finite one.</summary>
    public double? Best { get; init; }

    /// <summary>After how many epochs, over all configurations, the best was there; with a target, when that was reached. Null: never.</summary>
    public long? ReachedAt { get; init; }

    /// <summary>Each time the best improved: after how many epochs, and to what.</summary>
    public ImmutableArray<(long Epochs, double Best)> Improvements { get; init; } = [];

    /// <summary>Epochs that were trained.</summary>
    public long Spent { get; init; }

    /// <summary>Why it ended before its budget was spent, as a sentence; null: it did not.</summary>
    public string? EndedEarly { get; init; }
}
