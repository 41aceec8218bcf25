namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>The moment of a plan, in ticks.</summary>
/// <param name="Now">UTC.</param>
/// <param name="Useful">Work that a checkpoint carries over starts if it gets so long at least.</param>
internal readonly record struct TableMoment(long Now, long Useful);
