using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>Failures as far back as events are kept, and what became of them.</summary>
public sealed record FailureList
{
    /// <summary>The newest first.</summary>
    public ImmutableArray<FailureRecord> Failures { get; init; } = [];

    /// <summary>Over all that were asked for, also those that are not in the list. What befell a node counts once, however many simulations ran there.</summary>
    public RecoveryTally Tally { get; init; } = RecoveryTally.None;

    /// <summary>From when they happened until all ran again, added up over what <see cref="Tally"/> counts; of what does not run yet, until now.</summary>
    public TimeSpan Downtime { get; init; }

    /// <summary>How many of them were noticed in the last 24 hours.</summary>
    public int LastDay { get; init; }

    /// <summary>Checkpoints of the same time; null where neither a time nor a simulation was asked for.</summary>
    public CheckpointTally? Checkpoints { get; init; }

    /// <summary>Those of which nothing came yet.</summary>
    public int Open { get; init; }

    /// <summary>Of these the gravest, and of these the oldest: to be looked at first; at most <see cref="FailureTriage.AtOnce"/>.</summary>
    public ImmutableArray<FailureRecord> First { get; init; } = [];
}
