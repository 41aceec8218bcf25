using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Core.Events;

/// <summary>How much an event matters to whoever looks after a deployment. It follows from the kind alone.</summary>
public enum EventLevel
{
    Absent = 0,

    /// <summary>What happens in the course of normal work.</summary>
    Info = 1,

    /// <summary>Something is not as it should be, and work goes on by itself.</summary>
    Warning = 2,

    /// <summary>Something was lost, or a person has to do something.</summary>
    Error = 3,
}

/// <summary>The level of each kind of event.</summary>
public static class EventLevels
{
    /// <summary>In an order of their own; what is in neither list is information.</summary>
    private static readonly FrozenSet<string> Warnings = FrozenSet.ToFrozenSet(
    [
        EventKinds.StageUnclear, EventKinds.StagesRefused, EventKinds.UsesMoreThanDeclared, EventKinds.CheckpointUnreadable, EventKinds.CheckpointFailed, EventKinds.CheckpointSpaceLow,
        EventKinds.FailureDetected, EventKinds.StorageSlow, EventKinds.ReportStale, EventKinds.NodeDegraded, EventKinds.NodeQuarantined, EventKinds.AttemptPreempted,
        EventKinds.ReservationPreempted, EventKinds.ConflictFound, EventKinds.BudgetWarned, EventKinds.BudgetDegraded,
    ]);

    private static readonly FrozenSet<string> Errors = FrozenSet.ToFrozenSet(
    [
        EventKinds.SimulationFailed, EventKinds.StageFailed, EventKinds.CheckpointDamaged, EventKinds.FailureAbandoned, EventKinds.NodeLost, EventKinds.WindowBlocked, EventKinds.BudgetHalted,
    ]);

    public static EventLevel Of(string kind) => Errors.Contains(kind) ? EventLevel.Error : Warnings.Contains(kind) ? EventLevel.Warning : EventLevel.Info;

    /// <summary>All kinds of a level and above, in their order; empty: every kind.</summary>
    public static ImmutableArray<string> KindsFrom(EventLevel level) => level switch
    {
        EventLevel.Error => [.. Errors.Order(StringComparer.Ordinal)],
        EventLevel.Warning => [.. Errors.Union(Warnings).Order(StringComparer.Ordinal)],
        _ => [],
    };
}
