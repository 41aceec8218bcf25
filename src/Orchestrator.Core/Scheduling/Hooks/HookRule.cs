using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Scheduling.Hooks;

/// <summary>What the site's hook vetoes does not start.</summary>
public sealed class HookRule : IAdmissionRule
{
    /// <inheritdoc/>
    public IAdmission Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        foreach (var (_, verdict) in view.Context.Hook.Verdicts)
        {
            if (verdict.Veto)
            {
                return new Admission(view.Context.Hook);
            }
        }

        return FreeAdmission.Instance;
    }

    private sealed class Admission(HookVerdicts hook) : IAdmission
    {
        public WaitReason? Refusal(PendingRequest request) => hook.Verdicts.TryGetValue(request.Attempt.ToString(), out var verdict) && verdict.Veto
            ? new() { Constraint = PlacementConstraint.Hook, NodesNeeded = request.Resources.Nodes, For = verdict.Reason.Length > 0 ? verdict.Reason : null }
            : null;

        public void Start(PendingRequest request, Placement placement)
        {
            // Who starts changes nothing of who is vetoed.
        }
    }
}
