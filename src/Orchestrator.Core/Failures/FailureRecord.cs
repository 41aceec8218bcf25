using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Failures;

/// <summary>One failure: what happened, by what it was noticed, what is done about it, and what became of that.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.failure-record")]
public sealed record FailureRecord
{
    /// <summary>Numbered by its source, from 1.</summary>
    [Id(0)] public long Number { get; init; }

    [Id(1)] public FailureKind Kind { get; init; }

    [Id(2)] public FailureSeverity Severity { get; init; }

    [Id(3)] public FailureDetection Detection { get; init; }

    [Id(4)] public SimulationId? Simulation { get; init; }

    [Id(5)] public string? Stage { get; init; }

    [Id(6)] public int Epoch { get; init; }

    [Id(7)] public NodeId? Node { get; init; }

    /// <summary>What happened, as a sentence.</summary>
    [Id(8)] public string Text { get; init; } = "";

    /// <summary>Why it is taken for this kind.</summary>
    [Id(9)] public string Explanation { get; init; } = "";

    /// <summary>When it happened, as far as that is known: the last sign of life, or when it was noticed.</summary>
    [Id(10)] public DateTimeOffset OccurredAt { get; init; }

    [Id(11)] public DateTimeOffset DetectedAt { get; init; }

    /// <summary>What is done about it; absent: nothing is left to be done.</summary>
    [Id(12)] public RecoveryStrategy Strategy { get; init; }

    /// <summary>How often failures of this stage were recovered from in a row, this one included; 0: not counted.</summary>
    [Id(13)] public int Try { get; init; }

    /// <summary>Running time that is done again.</summary>
    [Id(14)] public TimeSpan WorkLost { get; init; }

    /// <summary>When the work was as far again as a running program; null: not yet, or never.</summary>
    [Id(15)] public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>It is over, one way or another.</summary>
    [Id(16)] public bool IsResolved { get; init; }

    /// <summary>How it was resolved, as a sentence; null: it is not.</summary>
    [Id(17)] public string? Resolution { get; init; }

    /// <summary>The program's own step when it happened; -1: not known.</summary>
    [Id(18)] public long Step { get; init; } = -1;

    /// <summary>The node had a part in it.</summary>
    [Id(19)] public bool NodeAtFault { get; init; }

    /// <summary>The user who saw it; null: it was noticed by itself.</summary>
    [Id(20)] public string? ReportedBy { get; init; }

    /// <summary>The user who said how it ended; null: the work itself showed it.</summary>
    [Id(21)] public string? ResolvedBy { get; init; }

    /// <summary>From the failure until somebody knew.</summary>
    public TimeSpan TimeToDetect => DetectedAt > OccurredAt ? DetectedAt - OccurredAt : TimeSpan.Zero;

    /// <summary>From then on until the work ran again; null: it does not yet.</summary>
    public TimeSpan? TimeToRepair => RecoveredAt - DetectedAt;

    /// <summary>It ended well.</summary>
    public bool IsRecovered => RecoveredAt is not null;
}
