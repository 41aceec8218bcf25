namespace Orchestrator.Core.Scheduling;

/// <summary>One rule, beside nodes, of what may start: shares, budgets, licences, energy, hooks. It is opened once for each plan.</summary>
public interface IAdmissionRule
{
    IAdmission Open(ISchedulingView view, DateTimeOffset now);
}

/// <summary>The rule during one plan; it counts what the plan starts.</summary>
public interface IAdmission
{
    /// <summary>Why the request must not start now; null: it may. Asking changes nothing.</summary>
    WaitReason? Refusal(PendingRequest request);

    /// <summary>The plan starts it, on these shares.</summary>
    void Start(PendingRequest request, Placement placement);
}
