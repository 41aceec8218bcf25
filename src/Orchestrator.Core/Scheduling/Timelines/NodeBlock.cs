namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>A time in which a node takes nothing, or only what is inside a reservation.</summary>
internal struct NodeBlock
{
    public long From;
    public long Until;

    /// <summary><see cref="PlacementConstraint.AllocationEnd"/>, <see cref="PlacementConstraint.Maintenance"/> or <see cref="PlacementConstraint.Reserved"/>.</summary>
    public PlacementConstraint Constraint;

    /// <summary>Work that can be stopped at a checkpoint may run until it begins.</summary>
    public bool Soft;

    /// <summary>With Reserved, the number of the reservation; with Maintenance, of the window.</summary>
    public int Source;
}
