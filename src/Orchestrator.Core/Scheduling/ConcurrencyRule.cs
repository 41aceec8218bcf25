namespace Orchestrator.Core.Scheduling;

/// <summary>Not more attempts run at once than <see cref="SchedulingSettings.RunningMax"/>; what is over and waits for its processes to be gone does not count.</summary>
public sealed class ConcurrencyRule : IAdmissionRule
{
    /// <inheritdoc/>
    public IAdmission Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (view.Settings.RunningMax is not { } most)
        {
            return Shares.FreeAdmission.Instance;
        }

        var running = 0;
        foreach (var lease in view.Running)
        {
            running += lease.Ending ? 0 : 1;
        }

        return new Admission(most - running);
    }

    private sealed class Admission(int left) : IAdmission
    {
        private int left = left;

        public WaitReason? Refusal(PendingRequest request) =>
            left > 0 ? null : new() { Constraint = PlacementConstraint.Concurrency, NodesNeeded = request.Resources.Nodes };

        public void Start(PendingRequest request, Placement placement) => left--;
    }
}
