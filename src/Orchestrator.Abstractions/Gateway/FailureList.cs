using System.Collections.Immutable;
using Orchestrator.Core.Failures;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>Failures as far back as events are kept, and what became of them.</summary>
public sealed record FailureList
{
    /// <summary>The newest first.</summary>
    public ImmutableArray<FailureRecord> Failures { get; init; } = [];

    /// <summary>Over all that were asked for, also those that are not in the list.</summary>
    public RecoveryTally Tally { get; init; } = RecoveryTally.None;

    /// <summary>Those of which nothing came yet.</summary>
    public int Open { get; init; }

    /// <summary>Of these the gravest, and of these the oldest: to be looked at first; at most <see cref="FailureTriage.AtOnce"/>.</summary>
    public ImmutableArray<FailureRecord> First { get; init; } = [];
}
