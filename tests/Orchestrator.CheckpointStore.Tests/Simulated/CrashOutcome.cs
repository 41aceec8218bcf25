namespace Orchestrator.CheckpointStore.Tests.Simulated;

/// <summary>What a crash of the machine leaves of what was not synced.</summary>
public enum CrashOutcome
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>All of it.</summary>
    Everything = 1,

    /// <summary>Names, and files full of zeros.</summary>
    NamesWithoutBytes = 2,

    /// <summary>The later half of the changes of names, and of the writes.</summary>
    LaterHalf = 3,

    /// <summary>Any part, by a seed.</summary>
    AnyPart = 4,

    /// <summary>Another part.</summary>
    AnotherPart = 5,
}
