namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>The moment of a plan, in ticks.</summary>
/// <param name="Now">UTC.</param>
/// <param name="Useful">Work that a checkpoint carries over starts if it gets so long at least.</param>
/// <param name="RelocateAhead">So long before a window protected work is moved: what starts there would have to leave as soon as it has begun.</param>
internal readonly record struct TableMoment(long Now, long Useful, long RelocateAhead)
{
    /// <summary>The same for what is arranged next for a node.</summary>
    public long UsefulBefore(in NodeBlock block, Shape shape) => shape.Protected && block.Constraint == PlacementConstraint.Maintenance ? Useful + RelocateAhead : Useful;
}
