namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>Some of many equal processors, wherever they are, for some time.</summary>
/// <param name="Processors">At least 1.</param>
/// <param name="Estimate">Ticks, not negative; <see cref="long.MaxValue"/>: not known.</param>
internal readonly record struct ProcessorRequest(int Processors, long Estimate);
