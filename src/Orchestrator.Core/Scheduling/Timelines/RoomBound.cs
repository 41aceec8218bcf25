namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>What keeps a shape off some nodes of one cell, however long it runs or from some length on: it is found once, and asked for each length.</summary>
/// <param name="Cell">Of which nodes.</param>
/// <param name="Constraint">What they lack now; absent: they have room for a while.</param>
/// <param name="Count">So many nodes.</param>
/// <param name="Until">UTC ticks from which on there is no room beside what the plan keeps.</param>
/// <param name="Turn">Whose place that is.</param>
/// <param name="UntilHeld">UTC ticks from which on there is no room even without what the plan keeps.</param>
/// <param name="Source">The reservation that holds it, or else the turn.</param>
internal readonly record struct RoomBound(NodeCell Cell, PlacementConstraint Constraint, int Count, long Until, int Turn, long UntilHeld, int Source);
