using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>What becomes of who makes way.</summary>
public static class PreemptionActions
{
    /// <summary>
    /// By the trigger and the victim's class:
    /// <code>
    /// maintenance, reservation, admin   checkpoint and stop
    /// higher priority                   high, medium: migrate; else checkpoint and stop
    /// shortage                          low, background: requeue; else continue, limited: no victim
    /// fairness                          requeue
    /// deadline                          cancel the attempt
    /// </code>
    /// </summary>
    public static PreemptionAction For(PreemptionTrigger trigger, PriorityClass victim) => trigger switch
    {
        PreemptionTrigger.HigherPriority => victim is PriorityClass.High or PriorityClass.Medium ? PreemptionAction.Migrate : PreemptionAction.CheckpointAndStop,
        PreemptionTrigger.ResourceShortage => victim is PriorityClass.Low or PriorityClass.Background ? PreemptionAction.Requeue : PreemptionAction.ContinueLimited,
        PreemptionTrigger.Fairness => PreemptionAction.Requeue,
        PreemptionTrigger.Deadline => PreemptionAction.Cancel,
        PreemptionTrigger.Maintenance or PreemptionTrigger.Reservation or PreemptionTrigger.Admin => PreemptionAction.CheckpointAndStop,
        _ => PreemptionAction.Absent,
    };
}
