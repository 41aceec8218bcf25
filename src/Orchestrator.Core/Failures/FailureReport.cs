using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Failures;

/// <summary>A failure that a person, or a tool of theirs, saw.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.failure-report")]
public sealed record FailureReport
{
    [Id(0)] public FailureKind Kind { get; init; }

    /// <summary>Absent: that of its kind.</summary>
    [Id(1)] public FailureSeverity Severity { get; init; }

    /// <summary>What was seen, as a sentence.</summary>
    [Id(2)] public string Text { get; init; } = "";

    /// <summary>On which node; null: where the stage runs, if it does.</summary>
    [Id(3)] public NodeId? Node { get; init; }

    /// <summary>When; null: now.</summary>
    [Id(4)] public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>How a person ends a recovery.</summary>
[GenerateSerializer, Alias("orchestrator.recovery-ending")]
public enum RecoveryEnding
{
    Absent = 0,

    /// <summary>It is over, and went well.</summary>
    Succeeded = 1,

    /// <summary>It is over, and did not help.</summary>
    Failed = 2,

    /// <summary>Nobody goes on with it.</summary>
    Cancelled = 3,
}
