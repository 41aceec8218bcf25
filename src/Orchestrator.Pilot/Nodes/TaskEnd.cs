using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Nodes;

/// <summary>The end of one attempt.</summary>
internal sealed record TaskEnd
{
    public TaskLease Lease { get; init; }

    public TaskOutcome Outcome { get; init; }

    /// <summary>Exit status; the negative number of the signal that ended it; -1 for a time-out.</summary>
    public int Code { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>Where its output is, of packed output.</summary>
    public PackedOutput? Packed { get; init; }

    /// <summary>What kept it from starting.</summary>
    public string? Message { get; init; }

    /// <summary>Nothing comes after it: the task has completed, or failed for good. Set when the rules have seen it.</summary>
    public bool IsFinal { get; init; }
}
