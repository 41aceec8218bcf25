namespace Orchestrator.Core.Workflows;

/// <summary>What an exit status of the program means.</summary>
[GenerateSerializer, Alias("orchestrator.exit-meaning")]
public enum ExitMeaning
{
    Absent = 0,
    Success = 1,

    /// <summary>Start again from the beginning of the stage, at the cost of a retry.</summary>
    Retry = 2,

    /// <summary>Restore the newest checkpoint and go on, at the cost of a retry.</summary>
    Restart = 3,

    /// <summary>Checkpointed on purpose: go on at once, no retry used.</summary>
    Continue = 4,

    /// <summary>The stage failed, yet stages after it with condition end or failure, and independent ones, go on.</summary>
    SoftFail = 5,

    /// <summary>The simulation fails; no retry.</summary>
    HardFail = 6,
}
