namespace Orchestrator.Core.Scheduling;

/// <summary>
/// What a node must satisfy for an attempt, in the order in which it is asked: first what cannot change while the
/// nodes stay the same, then what an operator or time changes, then what the end of other attempts changes.
/// </summary>
[GenerateSerializer, Alias("orchestrator.placement-constraint")]
public enum PlacementConstraint
{
    Absent = 0,

    /// <summary>The request is malformed: a count below 1, or a negative amount.</summary>
    ValidRequest = 1,

    /// <summary>There are as many nodes as the request wants, whatever they have.</summary>
    NodeCount = 2,

    /// <summary>The empty node has the cores.</summary>
    Cores = 3,

    /// <summary>The empty node has the memory.</summary>
    Memory = 4,

    /// <summary>The empty node has the GPUs, of the model and memory asked for.</summary>
    Gpus = 5,

    /// <summary>The node takes work of the user.</summary>
    User = 6,

    /// <summary>The request does not avoid the node.</summary>
    NotAvoided = 10,

    /// <summary>The node is not draining.</summary>
    NotDraining = 11,

    /// <summary>The attempt ends at or before the end of the node's allocation.</summary>
    AllocationEnd = 12,

    /// <summary>The node is seen alive.</summary>
    Alive = 13,

    /// <summary>Nobody has the node alone; for an exclusive request, nobody has anything of it.</summary>
    Exclusivity = 20,

    /// <summary>Enough cores are free now.</summary>
    FreeCores = 21,

    /// <summary>Enough memory is free now.</summary>
    FreeMemory = 22,

    /// <summary>Enough GPUs of the model and memory asked for are free now.</summary>
    FreeGpus = 23,
}
