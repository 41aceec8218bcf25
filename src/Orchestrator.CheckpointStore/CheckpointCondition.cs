namespace Orchestrator.CheckpointStore;

/// <summary>What a look at every byte of a checkpoint found.</summary>
public enum CheckpointCondition
{
    Absent = 0,

    /// <summary>Every byte is as its manifest says.</summary>
    Valid = 1,

    /// <summary>Nothing is there that says what it was: its manifest is gone, or the store does not know it.</summary>
    Missing = 2,

    /// <summary>Its manifest is there, and files are gone or not as long as it says.</summary>
    Incomplete = 3,

    /// <summary>Bytes of it, or its manifest, are others than those that were written.</summary>
    Corrupted = 4,
}

/// <summary>The same, with what is wrong.</summary>
public sealed record CheckpointVerdict
{
    public static readonly CheckpointVerdict Valid = new() { Condition = CheckpointCondition.Valid };

    public required CheckpointCondition Condition { get; init; }

    /// <summary>A sentence; null of a valid one.</summary>
    public string? Damage { get; init; }
}
