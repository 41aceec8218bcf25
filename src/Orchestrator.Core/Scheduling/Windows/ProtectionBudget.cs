using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Preempting;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>
/// Which running work is really protected. Protection is a budget per account: beyond <see cref="ProtectionSettings.AccountPart"/> of the cluster's cores an account's work is like
/// any other's, the newest first.
/// </summary>
public sealed class ProtectionBudget
{
    private readonly HashSet<AttemptId> beyond = [];

    public ProtectionBudget(IEnumerable<SchedulableNode> nodes, IEnumerable<RunningLease> running, ProtectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(running);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.AccountPart >= 1)
        {
            return;
        }

        var allowed = nodes.Sum(static node => (long)Math.Max(0, node.Cores)) * Math.Max(0, settings.AccountPart);
        foreach (var account in running.Where(static lease => lease.Protected).GroupBy(static lease => lease.Owner.Account.Value ?? "", StringComparer.Ordinal))
        {
            var used = 0L;
            foreach (var lease in account.OrderBy(static lease => lease.StartedAt).ThenBy(static lease => lease.Attempt.ToString(), StringComparer.Ordinal))
            {
                var cores = PreemptionCost.Cores(lease);
                if (used + cores > allowed)
                {
                    beyond.Add(lease.Attempt);
                }
                else
                {
                    used += cores;
                }
            }
        }
    }

    public bool Protects(RunningLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return lease.Protected && !beyond.Contains(lease.Attempt);
    }
}
