namespace Orchestrator.Core.Workflows;

/// <summary>What is done when a stage uses more of a node than it declared.</summary>
[GenerateSerializer, Alias("orchestrator.excess-action")]
public enum ExcessAction
{
    /// <summary>As <see cref="Note"/>.</summary>
    Absent = 0,

    /// <summary>It is on record, and runs on.</summary>
    Note = 1,

    /// <summary>It is asked to leave with a checkpoint, and is tried again only with a larger request.</summary>
    Stop = 2,
}
