namespace Orchestrator.Core.Simulations;

/// <summary>What became of a report, and what the agent does next with the attempt.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.report-reply")]
public sealed record ReportReply
{
    [Id(0)] public ReportVerdict Verdict { get; init; }

    [Id(1)] public ReportInstruction Instruction { get; init; }
}

/// <summary>What became of a report.</summary>
[GenerateSerializer, Alias("orchestrator.report-verdict")]
public enum ReportVerdict
{
    Absent = 0,
    Accepted = 1,

    /// <summary>The attempt is not the stage's newest, or is over: nothing changed. What it still writes is never read.</summary>
    Stale = 2,

    /// <summary>It was known already; the instruction is the same as the first time.</summary>
    Repeated = 3,

    /// <summary>Reports before it are missing: deliver from the first one that was not acknowledged.</summary>
    OutOfOrder = 4,
}

/// <summary>What the agent does after the report.</summary>
[GenerateSerializer, Alias("orchestrator.report-instruction")]
public enum ReportInstruction
{
    Absent = 0,

    /// <summary>Go on.</summary>
    None = 1,

    /// <summary>Move the declared outputs from the run directory to the stage's results, and report it.</summary>
    Publish = 2,

    /// <summary>Nobody will read the run directory: stop what still runs of it, and forget the attempt.</summary>
    Discard = 3,
}
