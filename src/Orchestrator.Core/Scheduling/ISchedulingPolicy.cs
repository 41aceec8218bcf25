namespace Orchestrator.Core.Scheduling;

/// <summary>
/// Decides which pending attempts start where. A policy is a pure function: it keeps no state between calls,
/// reads no clock, and the same problem and instant give the same plan (invariant 11).
/// </summary>
public interface ISchedulingPolicy
{
    /// <summary>Every pending attempt of the problem is in the plan once: placed, or waiting with a reason.</summary>
    /// <exception cref="ArgumentException">A node or a pending attempt is listed twice, or a share is of a node not listed.</exception>
    SchedulingPlan Plan(SchedulingProblem problem, DateTimeOffset now);
}
