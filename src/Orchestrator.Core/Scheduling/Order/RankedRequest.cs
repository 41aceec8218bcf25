using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>A waiting attempt in its turn.</summary>
/// <param name="Request">Who waits.</param>
/// <param name="Priority">0 to 1; the greater goes first, equal ones by the earlier deadline, then by <see cref="PendingRequest.SubmissionOrder"/>.</param>
/// <param name="Factors">What the priority is made of.</param>
public readonly record struct RankedRequest(PendingRequest Request, double Priority, PriorityFactors Factors)
{
    /// <summary>The class in which it counts: its own or an inherited one, moved by its deadline, by its wait and by what it promises.</summary>
    public PriorityClass Class { get; init; }

    /// <summary>
    /// Its place, from 0, among all that wait, in the order in which those are tried that may only slip in behind the first which keep a place in time. Inside a user's work of one class
    /// it goes by wait and size (<see cref="HeadStartSettings"/>); what has a deadline, or a priority that was set, keeps its turn.
    /// </summary>
    public int BackfillTurn { get; init; }

    /// <summary>Where the priority comes from.</summary>
    public PrioritySource Source { get; init; }
}
