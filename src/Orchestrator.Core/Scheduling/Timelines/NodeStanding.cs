namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>For what other reasons than a lack of anything a node is closed, as its cell counts it; nothing: it is on, and nobody is on it.</summary>
[Flags]
internal enum NodeStanding
{
    Absent = 0,
    Draining = 1,

    /// <summary>Not draining, and not seen alive.</summary>
    NotSeen = 2,

    /// <summary>Neither of the two, and without power.</summary>
    Unpowered = 4,

    /// <summary>None of the three, and somebody has it alone.</summary>
    Alone = 8,

    /// <summary>None of the first three, and somebody has something of it.</summary>
    Used = 16,
}
