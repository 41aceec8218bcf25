using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>Between a cluster and the accounts that pay for its work: nothing starts that is not drawn (invariant 8), and what was used or is not needed is settled.</summary>
internal static class ClusterEscrows
{
    /// <summary>What the account of a request pays; null: it has none.</summary>
    public static LeaseCharge? ChargeOf(LeaseRequest request, SchedulingSettings settings)
    {
        if (request.Owner.Account.Value is null)
        {
            return null;
        }

        var perHour = settings.Shares.Rates.PerHour(request.Resources);
        return new()
        {
            PerHour = perHour,
            Cost = perHour.Over(request.DurationEstimate ?? settings.Shares.UnknownDuration),
            IsOpenEnded = request.DurationEstimate is null,
        };
    }

    /// <summary>What was drawn covers the start.</summary>
    public static bool Covers(ClusterState state, LeaseRequest request, LeaseCharge charge) =>
        state.Escrows.TryGetValue(request.Owner.Account.Value, out var escrow) && escrow.Covers(request.Owner.User, charge.Cost);

    /// <summary>An account that nothing is known of is asked as soon as the first of its work comes.</summary>
    public static void Meet(ClusterDraft draft, LeaseRequest request, ClusterPolicy policy)
    {
        if (request.Owner.Account.Value is { } account && !draft.State.Escrows.ContainsKey(account))
        {
            Turn(draft, account, [], policy, refresh: false);
        }
    }

    /// <summary>Turns to every account that something is owed to, or wanted of; what cannot be covered any longer is asked to leave.</summary>
    public static void Settle(ClusterDraft draft, IReadOnlyDictionary<string, List<EscrowDemand>> demands, ClusterPolicy policy, Action<Preemption> preempt)
    {
        foreach (var (account, wanted) in demands)
        {
            if (!draft.State.Escrows.ContainsKey(account))
            {
                // Its work waits since before accounts were asked.
                Turn(draft, account, wanted, policy, refresh: false);
            }
        }

        foreach (var (account, escrow) in draft.State.Escrows)
        {
            var wanted = demands.GetValueOrDefault(account);
            if (wanted is null && escrow.Sent is null && !(escrow.DueAt(policy.Escrow, draft.Now) <= draft.Now))
            {
                continue;
            }

            Turn(draft, account, wanted ?? [], policy, refresh: false);
            Leave(draft, account, policy, preempt);
        }
    }

    /// <summary>Asks those to leave whose cover ends and was refused for longer.</summary>
    public static void Leave(ClusterDraft draft, string account, ClusterPolicy policy, Action<Preemption> preempt)
    {
        foreach (var (attempt, by) in draft.State.Escrows[account].MustLeave(draft.Now, policy.Escrow).ToList())
        {
            preempt(new()
            {
                Victim = attempt,
                Trigger = PreemptionTrigger.ResourceShortage,
                For = account,
                StopBy = by,
                Action = PreemptionAction.Requeue,
                Reason = "the budgets of its account cover it no longer",
            });
        }
    }

    /// <summary>Asks one account, unless an order to it is under way or nothing is owed.</summary>
    public static void Turn(ClusterDraft draft, string account, IReadOnlyList<EscrowDemand> demands, ClusterPolicy policy, bool refresh)
    {
        var escrow = draft.State.Escrows.GetValueOrDefault(account) ?? new();
        if (escrow.Next(policy.Cluster, demands, draft.Now, policy.Escrow, refresh) is { } order)
        {
            draft.Add(new ClusterFact.EscrowSent { Account = new AccountId(account), Order = order });
        }
    }

    /// <summary>When something is owed to an account by time alone; null: nothing will be.</summary>
    public static DateTimeOffset? NextEdge(ClusterState state, ClusterPolicy policy, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var escrow in state.Escrows.Values)
        {
            if (escrow.DueAt(policy.Escrow, now) is { } due && !(next <= due))
            {
                next = due;
            }
        }

        return next;
    }
}
