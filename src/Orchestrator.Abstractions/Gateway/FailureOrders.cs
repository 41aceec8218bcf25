using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A failure that a person saw.</summary>
public sealed record FailureOrder
{
    public string? Stage { get; init; }

    public FailureKind Kind { get; init; }

    /// <summary>Absent: that of its kind.</summary>
    public FailureSeverity Severity { get; init; }

    /// <summary>What was seen, as a sentence.</summary>
    public string? Text { get; init; }

    /// <summary>Null: where the stage runs.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? OccurredAt { get; init; }
}

/// <summary>How the recovery from a failure ended, in the words of a person.</summary>
public sealed record RecoveryOrder
{
    public string? Stage { get; init; }

    /// <summary>Of the failure, in its stage.</summary>
    public long Number { get; init; }

    /// <summary>To complete: whether it went well.</summary>
    public bool Succeeded { get; init; } = true;

    public string? Details { get; init; }
}
