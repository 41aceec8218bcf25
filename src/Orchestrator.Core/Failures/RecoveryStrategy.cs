namespace Orchestrator.Core.Failures;

/// <summary>
/// What is done after a failure. Which checkpoint a program goes on from is never a matter of the strategy, but of invariant 5; only <see cref="PartialRestart"/> and
/// <see cref="Rollback"/> go back further than that.
/// </summary>
[GenerateSerializer, Alias("orchestrator.recovery-strategy")]
public enum RecoveryStrategy
{
    Absent = 0,

    /// <summary>Once more, wherever there is room.</summary>
    Restart = 1,

    /// <summary>The same, and only where there is a checkpoint to go on from.</summary>
    Restore = 2,

    /// <summary>Once more, on other nodes.</summary>
    Migrate = 3,

    /// <summary>The failed stage alone from its beginning; what the stages before it published is kept.</summary>
    PartialRestart = 4,

    /// <summary>Once more with more memory or another environment.</summary>
    Reconfigure = 5,

    /// <summary>Once more from one checkpoint further back.</summary>
    Rollback = 6,

    /// <summary>Noted and waited for; nothing is changed.</summary>
    Ignore = 7,
}
