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

    /// <summary>The node has the features.</summary>
    Features = 7,

    /// <summary>The empty node has the scratch storage and network.</summary>
    Storage = 8,

    /// <summary>The site has the licences; one part of the topology, as asked for, has the nodes.</summary>
    Site = 9,

    /// <summary>The request does not avoid the node.</summary>
    NotAvoided = 10,

    /// <summary>The node is not draining.</summary>
    NotDraining = 11,

    /// <summary>The attempt ends at or before the end of the node's allocation.</summary>
    AllocationEnd = 12,

    /// <summary>The node is seen alive.</summary>
    Alive = 13,

    /// <summary>The attempt ends, or can be stopped at a checkpoint, before the node's next maintenance window.</summary>
    Maintenance = 14,

    /// <summary>The node is not kept for a reservation of others in that time.</summary>
    Reserved = 15,

    /// <summary>The node has power, or is being switched on.</summary>
    Power = 16,

    /// <summary>Nobody has the node alone; for an exclusive request, nobody has anything of it.</summary>
    Exclusivity = 20,

    /// <summary>Enough cores are free now.</summary>
    FreeCores = 21,

    /// <summary>Enough memory is free now.</summary>
    FreeMemory = 22,

    /// <summary>Enough GPUs of the model and memory asked for are free now.</summary>
    FreeGpus = 23,

    /// <summary>Enough scratch storage and network are free now.</summary>
    FreeStorage = 24,

    /// <summary>Enough licences are free now.</summary>
    FreeLicences = 25,

    /// <summary>Free nodes are together in one part of the topology, as asked for.</summary>
    Together = 26,

    /// <summary>It takes nothing that is kept for those ahead of it: it would delay one of them.</summary>
    NotAhead = 30,

    /// <summary>Its account stays within its maximum, and takes nothing of what others are guaranteed.</summary>
    Share = 31,

    /// <summary>The budgets of its account and user cover it.</summary>
    Budget = 32,

    /// <summary>Fewer attempts run than may at once.</summary>
    Concurrency = 33,

    /// <summary>The site's hook lets it start.</summary>
    Hook = 34,

    /// <summary>Energy is not cheaper within its slack.</summary>
    Energy = 35,

    /// <summary>Nothing holds it.</summary>
    NotHeld = 36,

    /// <summary>The plan came to it before its limit of depth.</summary>
    Depth = 37,
}
