using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

public static partial class ClusterMachine
{
    /// <summary>A plan is carried out as far as it still holds. One made before windows, reservations, licences or the policy changed is not: the next one knows of it.</summary>
    private static void Plan(ClusterDraft draft, SchedulingPlan plan, long version, ClusterPolicy policy)
    {
        if (version < draft.State.ArrangedAt)
        {
            return;
        }

        var settings = ClusterPlanning.SettingsOf(draft.State, policy);
        var demands = NoDemands;
        foreach (var placement in plan.Placements)
        {
            if (!draft.State.Queue.TryGetValue(placement.Attempt.ToString(), out var queued) || !ClusterPlanning.Fits(draft.State, queued.Request, placement, draft.Now))
            {
                continue;
            }

            var charge = ClusterEscrows.ChargeOf(queued.Request, settings);
            if (charge is not null && !ClusterEscrows.Covers(draft.State, queued.Request, charge))
            {
                // Its account is asked first; the plan after the answer starts it, or says that the budget does not cover it.
                demands = demands.Count == 0 ? new(StringComparer.Ordinal) : demands;
                var account = queued.Request.Owner.Account.Value;
                if (!demands.TryGetValue(account, out var wanted))
                {
                    demands.Add(account, wanted = []);
                }

                wanted.Add(new(placement.Attempt, queued.Request.Owner.User, charge.Cost));
                continue;
            }

            draft.Add(new ClusterFact.Granted { Attempt = placement.Attempt, Shares = placement.Shares, Charge = charge, DurationExpected = ClusterLearning.AtGrant(draft.State, queued.Request) });
            ClusterProtection.Keep(draft, placement.Attempt);
        }

        foreach (var preemption in plan.Preemptions)
        {
            Preempt(draft, preemption);
        }

        foreach (var order in plan.Power)
        {
            ClusterPower.Switch(draft, order);
        }

        ClusterEscrows.Settle(draft, demands, policy, preemption => Preempt(draft, preemption));
        PassOver(draft, plan, policy);
    }

    /// <summary>First the fact that it was chosen, why and at what cost, then the order to leave: both are stored before anybody is asked.</summary>
    private static void Preempt(ClusterDraft draft, Preemption preemption)
    {
        if (ClusterPreemptions.Refusal(draft.State, preemption) is not null)
        {
            return;
        }

        draft.Add(preemption.Relocation ? new ClusterFact.Relocated { Preemption = preemption } : new ClusterFact.Preempted { Preemption = preemption });
        var reason = preemption.Trigger == PreemptionTrigger.Maintenance ? StopReason.Maintenance : StopReason.Preemption;
        Order(draft, new() { Attempt = preemption.Victim, StopBy = preemption.StopBy, Reason = reason }, reason);
    }

    /// <summary>
    /// Why the rest waits. A reason is stored when it is the first, or another one than what is stored and that one is some seconds old: ten thousand that wait, and change their
    /// reason with every plan, must not fill the ledger. What was not stored comes with one of the next plans.
    /// </summary>
    private static void PassOver(ClusterDraft draft, SchedulingPlan plan, ClusterPolicy policy)
    {
        var changed = ImmutableArray.CreateBuilder<WaitingRequest>();

        // Who started may let another go on that only would have delayed somebody: one such reason at least is stored with the start, or nobody would plan again.
        var owesAnother = !plan.Placements.IsEmpty;
        foreach (var waiting in plan.Waiting)
        {
            if (changed.Count >= policy.ReasonsAtOnce && !owesAnother)
            {
                break;
            }

            if (changed.Count >= policy.ReasonsAtOnce && waiting.Reason.Constraint != PlacementConstraint.NotAhead)
            {
                // There may be a hundred thousand of them behind.
                continue;
            }

            if (!draft.State.Queue.TryGetValue(waiting.Attempt.ToString(), out var queued))
            {
                continue;
            }

            var isFirst = owesAnother && waiting.Constraint == PlacementConstraint.NotAhead;
            owesAnother &= !isFirst;
            if ((isFirst && queued.Reason?.Constraint != PlacementConstraint.NotAhead) || (changed.Count < policy.ReasonsAtOnce && IsNews(queued, waiting.Shared, draft.Now, policy)))
            {
                changed.Add(new() { Attempt = waiting.Attempt, Reason = waiting.Reason });
            }
        }

        if (changed.Count > 0)
        {
            draft.Add(new ClusterFact.PassedOver { Waiting = changed.ToImmutable() });
        }
    }

    private static bool IsNews(QueuedRequest queued, WaitReason reason, DateTimeOffset now, ClusterPolicy policy)
    {
        if (queued.Reason is not { } stored)
        {
            return true;
        }

        // What its simulation acts upon, or nobody would guess, is said at once.
        var mustKnow = stored.NeverFits != reason.NeverFits || (stored.Constraint == PlacementConstraint.NotAvoided) != (reason.Constraint == PlacementConstraint.NotAvoided);
        return stored.Constraint != reason.Constraint && (mustKnow || queued.ReasonAt is not { } at || now - at >= policy.ReasonsEvery);
    }
}
