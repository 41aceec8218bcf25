namespace Orchestrator.Core.Failures;

/// <summary>What is known of an end when its kind is to be told.</summary>
public sealed record FailureEvidence
{
    /// <summary>Null: a signal ended it, or nothing is known.</summary>
    public int? ExitStatus { get; init; }

    public int? Signal { get; init; }

    /// <summary>The last lines of its standard error, or a message of the system.</summary>
    public string? Words { get; init; }

    /// <summary>What the batch system gave as its reason ("OUT_OF_MEMORY", "NODE_FAIL", "TIMEOUT"); null: there is none.</summary>
    public string? SchedulerReason { get; init; }

    /// <summary>Bytes that it used at its peak on its node, and may use; 0: not known.</summary>
    public long MemoryPeak { get; init; }

    /// <summary>Bytes; 0: not known.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>It ended without an exit record, and its node with it.</summary>
    public bool NodeGone { get; init; }

    /// <summary>Declared outputs are missing.</summary>
    public bool OutputsMissing { get; init; }
}

/// <summary>What kind of failure it was, and by what that is known.</summary>
public sealed record FailureDiagnosis
{
    public FailureKind Kind { get; init; }

    public FailureDetection Detection { get; init; }

    /// <summary>One sentence for people: what was seen, and what it usually means.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>Its node had a part in it: another one may do better.</summary>
    public bool NodeAtFault { get; init; }
}
