namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>Moments (UTC ticks) at which something may start, both included.</summary>
internal readonly record struct OpenSpan(long First, long Last);
