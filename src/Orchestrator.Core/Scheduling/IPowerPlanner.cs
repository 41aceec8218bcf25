using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>Which nodes are switched off or on after a plan was made. Asked once for each plan, last of all, with the plan as it stands.</summary>
public interface IPowerPlanner
{
    /// <summary>Never a node that runs, or is given, anything. Nodes that are switched off count as nodes that there are; nothing starts on them until they are on.</summary>
    PowerPlan Plan(ISchedulingView view, SchedulingPlan plan, DateTimeOffset now);
}

/// <summary>What a power planner decided.</summary>
/// <param name="Orders">By node id.</param>
/// <param name="NextChange">When it decides otherwise although nothing happens; null: never.</param>
public readonly record struct PowerPlan(ImmutableArray<PowerOrder> Orders, DateTimeOffset? NextChange)
{
    public static PowerPlan None { get; } = new([], null);
}
