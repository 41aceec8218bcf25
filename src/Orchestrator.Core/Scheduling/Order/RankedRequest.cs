namespace Orchestrator.Core.Scheduling.Order;

/// <summary>A waiting attempt in its turn.</summary>
/// <param name="Request">Who waits.</param>
/// <param name="Priority">0 to 1; the greater goes first, equal ones by <see cref="PendingRequest.SubmissionOrder"/>.</param>
/// <param name="Factors">What the priority is made of.</param>
public readonly record struct RankedRequest(PendingRequest Request, double Priority, PriorityFactors Factors);
