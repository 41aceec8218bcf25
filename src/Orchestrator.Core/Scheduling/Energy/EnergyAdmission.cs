namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>Puts work off to cheaper energy within its slack; see <see cref="EnergyMode"/>. Work that it puts off waits with the moment at which it had better start.</summary>
public sealed class EnergyAdmission : IAdmissionRule, IChangesByItself
{
    /// <inheritdoc/>
    public IAdmission Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new Admission(Deferral.Of(view, now));
    }

    /// <inheritdoc/>
    public DateTimeOffset? NextChange(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var deferral = Deferral.Of(view, now);
        var next = deferral.NextHourThatCounts();
        if (deferral.IsActive)
        {
            foreach (var request in view.Pending)
            {
                if (deferral.Until(request) is { } start && (next is null || start < next))
                {
                    next = start;
                }
            }
        }

        return next;
    }

    private sealed class Admission(Deferral deferral) : IAdmission
    {
        public WaitReason? Refusal(PendingRequest request) => deferral.Until(request) is { } start
            ? new() { Constraint = PlacementConstraint.Energy, NodesNeeded = request.Resources.Nodes, PlannedStart = start }
            : null;

        public void Start(PendingRequest request, Placement placement)
        {
            // What starts changes no price.
        }
    }
}
