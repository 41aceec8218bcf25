using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>Who may be asked to make way.</summary>
internal static class ClusterPreemptions
{
    /// <summary>
    /// Why it is not: it runs no more, it already leaves, it is to stay with what it has, or it is protected, which gives way to nobody but a critical maintenance window or an
    /// operator, or is moved with little lost, or asks for more protection than its account has or a window grants (invariant 7). Null: it may.
    /// </summary>
    public static string? Refusal(ClusterState state, Preemption preemption)
    {
        if (!state.Leases.TryGetValue(preemption.Victim.ToString(), out var lease) || lease.State != LeaseState.Granted)
        {
            return $"attempt: {preemption.Victim} holds no nodes.";
        }

        if (lease.Order.StopBy is { } already && already <= preemption.StopBy)
        {
            return $"attempt: {preemption.Victim} is leaving already.";
        }

        if (preemption.Action == PreemptionAction.ContinueLimited)
        {
            return $"action: {preemption.Victim} stays.";
        }

        return lease.Request.Protected && !preemption.Relocation && !preemption.BeyondProtection && !OverridesProtection(state, preemption)
            ? $"attempt: {preemption.Victim} is protected; a critical maintenance window or an operator ends it."
            : null;
    }

    public static bool OverridesProtection(ClusterState state, Preemption preemption) => preemption.Trigger switch
    {
        PreemptionTrigger.Admin => true,
        PreemptionTrigger.Maintenance => state.Windows.TryGetValue(preemption.For, out var window) && window.Severity == WindowSeverity.Critical,
        _ => false,
    };
}
