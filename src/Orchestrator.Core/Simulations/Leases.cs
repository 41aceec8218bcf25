using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What follows from where the cluster says an attempt stands.</summary>
internal static class Leases
{
    public static void Seen(SimulationDraft draft, LeaseStatus lease)
    {
        var i = draft.State.IndexOf(lease.Attempt.Stage);
        if (i < 0)
        {
            return;
        }

        if (draft[i].AwaitsDeath is { } lost && lost.Epoch == lease.Attempt.Epoch)
        {
            SeenAfterLoss(draft, i, lost, lease);
            return;
        }

        if (draft[i].Live is not { } live || live.Epoch != lease.Attempt.Epoch)
        {
            return;
        }

        draft.NoteLive(i, live with { Look = false, LookedAt = draft.Now, Requested = lease.State != LeaseState.Unknown });
        switch (lease.State)
        {
            case LeaseState.Queued when !live.IsGranted:
                Queued(draft, i, lease);
                break;
            case LeaseState.Granted when !live.IsGranted:
                Granted(draft, i, lease);
                break;
            case LeaseState.Granted when live.ClusterStop != lease.Stop || live.StopFor != lease.StopFor:
                draft.SetLive(i, draft[i].Live! with { ClusterStop = lease.Stop, StopFor = lease.StopFor, Migrates = lease.Migrates });
                break;
            case LeaseState.Lost:
                Lost(draft, i, lease, lease.LostNode is { } node ? $"{node} was lost" : "its node was lost");
                break;
            case LeaseState.Unknown when live.IsGranted:
                Lost(draft, i, lease, "the cluster does not know its lease any more");
                break;
            default:
                // What is unknown and was not granted is asked for again.
                break;
        }
    }

    public static void Requested(SimulationDraft draft, LeaseStatus lease)
    {
        var i = draft.State.IndexOf(lease.Attempt.Stage);
        if (lease.State == LeaseState.Unknown && i >= 0 && draft[i].Live is { IsGranted: false } live && live.Epoch == lease.Attempt.Epoch)
        {
            // The cluster knows a newer epoch of the stage, as after a restored backup: go past it.
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, "the cluster knows a newer attempt");
            Attempts.GoOn(draft, i);
            return;
        }

        if (lease.State == LeaseState.Refused && i >= 0 && draft[i].Live is { IsGranted: false } refused && refused.Epoch == lease.Attempt.Epoch)
        {
            // It would be refused again: nothing but another definition helps.
            var reason = $"the cluster refused its request: {lease.Problem}";
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, reason);
            Attempts.Finish(draft, i, StageStatus.Failed, reason);
            return;
        }

        Seen(draft, lease);
    }

    public static void OrderSent(SimulationDraft draft, LeaseOrder order)
    {
        var i = draft.State.IndexOf(order.Attempt.Stage);
        if (i >= 0 && draft[i].Live is { } live && live.Epoch == order.Attempt.Epoch)
        {
            draft.NoteLive(i, live with
            {
                CheckpointOrderSent = Math.Max(live.CheckpointOrderSent, order.Checkpoint),
                PreviewOrderSent = Math.Max(live.PreviewOrderSent, order.Preview),
                StopSent = live.StopSent || (order.StopBy == live.StopBy && order.Reason == live.StopReason),
            });
        }
    }

    /// <summary>Every live attempt is compared with what the cluster holds.</summary>
    public static void LookAtAll(SimulationDraft draft)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i].Live is { Look: false } live)
            {
                draft.NoteLive(i, live with { Look = true });
            }

            if (draft[i] is { IsFinal: false, AwaitsDeath: { Look: false } lost })
            {
                draft.Note(i, draft[i] with { AwaitsDeath = lost with { Look = true } });
            }
        }
    }

    private static void Queued(SimulationDraft draft, int i, LeaseStatus lease)
    {
        if (lease.Reason?.Constraint == PlacementConstraint.NotAvoided && !draft[i].Avoid.IsEmpty)
        {
            // Only nodes that it leaves out would do: better those than none.
            var stage = draft[i];
            var isRefused = stage.Recent.Any(closed => closed.End == AttemptEnd.LaunchRefused && LeavesOut(closed));
            var why = isRefused ? "no node is left but those that could not launch it"
                : stage.Recent.Any(closed => closed.Migrates && LeavesOut(closed)) ? "no other nodes would do than those that it was moved off"
                : "no node is left but those with which it was lost";
            draft.Set(i, stage with { Avoid = [], IsRefusedEverywhere = stage.IsRefusedEverywhere || isRefused });
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, why);
            Attempts.GoOn(draft, i);
            return;
        }

        if (lease.Reason is { NeverFits: true } && draft[i].Resources is not null)
        {
            if (draft.DefinitionOf(i).OnExcess == ExcessAction.Stop && draft[i].Recent.LastOrDefault(static closed => closed.End != AttemptEnd.Withdrawn) is { End: AttemptEnd.Failed, Excesses.IsEmpty: false } greedy)
            {
                // With what it was submitted with it was stopped, and would be again.
                var hopeless = $"no node has what it needs: {Excesses.Told(greedy)}";
                Attempts.Close(draft, i, AttemptEnd.Withdrawn, hopeless);
                Attempts.Finish(draft, i, StageStatus.Failed, hopeless);
                return;
            }

            // No node has as much as it was reconfigured to ask for: what it was submitted with is better than nothing.
            draft.Set(i, draft[i] with { Resources = null });
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, "no node has what it was reconfigured to ask for");
            Attempts.GoOn(draft, i);
            return;
        }

        draft.NoteLive(i, draft[i].Live! with { Queue = lease });

        bool LeavesOut(AttemptState closed) => closed.Shares.Any(share => draft[i].Avoid.Contains(share.Node));
    }

    private static void Granted(SimulationDraft draft, int i, LeaseStatus lease)
    {
        var stage = draft[i];
        var walltime = draft.DefinitionOf(i).Walltime;
        DateTimeOffset? end = walltime is { } length ? draft.Now + length : null;
        if (lease.AllocationEnd is { } allocation && (end is null || allocation < end))
        {
            end = allocation;
        }

        var publishOnly = stage.Live!.PublishOnlyEpoch > 0;
        draft.Set(i, stage with
        {
            Status = publishOnly ? StageStatus.Publishing : StageStatus.Starting,
            AttemptsMade = stage.AttemptsMade + 1,
            Live = stage.Live! with
            {
                GrantedAt = draft.Now,
                Shares = lease.Shares,
                EndTime = end,
                Queue = null,
                ClusterStop = lease.Stop,
                StopFor = lease.StopFor,
                Migrates = lease.Migrates,
            },
        });
        draft.Emit(i, new()
        {
            Kind = EventKinds.StageGranted,
            Text = $"{stage.Name} got {string.Join(", ", lease.Shares.Select(static share => share.Node))}",
            Node = lease.Shares[0].Node,
        });
        if (draft.State.Status is SimulationStatus.Pausing or SimulationStatus.Cancelling)
        {
            Attempts.AskToLeave(draft, i, draft.State.Status == SimulationStatus.Pausing ? StopReason.Pause : StopReason.Cancel);
        }
    }

    private static void Lost(SimulationDraft draft, int i, LeaseStatus lease, string reason)
    {
        var stage = draft[i];
        var live = stage.Live!;
        var text = lease.LastSeen is { } seen ? $"{reason}, noticed after {SimulationDraft.Seconds(draft.Now - seen)}" : reason;
        if (lease.Together.Length > 0)
        {
            text += $", together with others: {lease.Together}";
        }

        if (stage.Step >= 0 && live.StartedAt is not null)
        {
            text += $", at step {SimulationDraft.Number(stage.Step)}";
        }

        if (stage.Status == StageStatus.Publishing)
        {
            // Its completion had been accepted: whoever comes next only publishes.
            draft.Set(i, stage with { PublishOnlyEpoch = live.PublishOnlyEpoch > 0 ? live.PublishOnlyEpoch : live.Epoch });
        }

        if (stage.Status == StageStatus.Running)
        {
            draft.Set(i, draft[i] with { FruitlessEnds = Attempts.IsFruitless(draft, stage, AttemptEnd.NodeLost) ? stage.FruitlessEnds + 1 : 0 });
        }

        var mustBeDead = draft.DefinitionOf(i).WritesSharedPaths && lease.State == LeaseState.Lost && !lease.SeenDead && !Attempts.IsHopeless(draft, i, AttemptEnd.NodeLost)
            && stage.Status is StageStatus.Starting or StageStatus.Running && draft.State.Status != SimulationStatus.Cancelling;
        Attempts.Close(draft, i, AttemptEnd.NodeLost, text, lease.LastSeen, release: !mustBeDead, mayRun: !mustBeDead && lease.State == LeaseState.Lost && !lease.SeenDead);
        Recoveries.Note(
            draft,
            i,
            new()
            {
                Kind = FailureKind.NodeOffline,
                Detection = lease.SeenDead ? FailureDetection.SystemReport : FailureDetection.Heartbeat,
                Explanation = lease.Together.Length > 0 ? $"{lease.Together} were lost together" : lease.SeenDead ? "its node is gone" : "its node was not heard of",
                NodeAtFault = true,
            },
            reason,
            lease.LastSeen,
            lease.LostNode);
        if (!mustBeDead && stage.Status == StageStatus.Running)
        {
            Attempts.GoOnAfterLeaving(draft, i, reason);
            return;
        }

        if (!mustBeDead)
        {
            Attempts.GoOn(draft, i);
            return;
        }

        draft.Set(i, draft[i] with
        {
            Status = draft.IsHeld ? StageStatus.Paused : StageStatus.Backoff,
            AwaitsDeath = new() { Epoch = live.Epoch, LookedAt = draft.Now },
            Reason = $"{reason}; it writes shared paths, so it waits until the old attempt was seen dead, or an operator declares it dead",
        });
    }

    private static void SeenAfterLoss(SimulationDraft draft, int i, LostAttempt lost, LeaseStatus lease)
    {
        if (lease.IsGone)
        {
            Forget(draft, i, lost);
            return;
        }

        draft.Note(i, draft[i] with { AwaitsDeath = lost with { Look = false, LookedAt = draft.Now } });
    }

    /// <summary>A lost attempt is dead, or an operator says so: a stage that waited for that alone goes on.</summary>
    public static void Forget(SimulationDraft draft, int i, LostAttempt lost)
    {
        draft.Set(i, draft[i] with { AwaitsDeath = null });
        if (!lost.IsReleased)
        {
            draft.Set(draft.State with { Releases = draft.State.Releases.Add(new AttemptId(draft.State.Definition.Id, draft[i].Name, lost.Epoch)) });
        }

        // What was run again waits for its dependencies once more, which Readiness judges; what has ended has ended.
        if (draft[i] is { Status: StageStatus.Paused } or { Status: StageStatus.Backoff, BackoffUntil: null })
        {
            Attempts.GoOn(draft, i);
        }
    }
}
