using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Replay.Campaigns;

public sealed partial class CampaignReplay
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private void Submit(ReplayedWork work)
    {
        work.SubmittedAt = work.SubmittedAt < 0 ? Now : work.SubmittedAt;
        if (work.WaitsFor == 0)
        {
            Enqueue(work);
        }
    }

    private void Enqueue(ReplayedWork work)
    {
        work.Epoch++;
        work.Generation++;
        work.Phase = WorkPhase.Waiting;
        work.QueuedAt = Now;
        var left = Left(work);
        waiting.Add(work.Attempt, work);
        workspace.Enqueue(new()
        {
            Attempt = work.Attempt,
            Resources = work.Resources,
            Priority = work.Priority,
            SubmissionOrder = work.Index,
            QueuedSince = At(Now),
            DurationEstimate = TimeSpan.FromTicks(left),
            Owner = work.Owner,
            JobType = work.Stage,
            Deadline = work.Deadline,
            Protected = work.Protected,
            CanCheckpoint = work.CanCheckpoint,
            Preemptions = work.Preempted.Length,
        });
        AskForPlan(Now);
    }

    /// <summary>How long the attempt holds its nodes by its estimate.</summary>
    private static long Left(ReplayedWork work)
    {
        var whole = work.StartTime + Math.Max(TimeSpan.TicksPerMinute, (long)(work.Estimate * (1 - (work.Durable / (double)work.Work))));
        return Math.Min(whole, work.Walltime);
    }

    private void Grant(Placement placement)
    {
        if (!waiting.Remove(placement.Attempt, out var work))
        {
            return;
        }

        var wait = Now - work.QueuedAt;
        work.Waited += wait;
        work.WaitLongest = Math.Max(work.WaitLongest, wait);
        tally.Waited(work, wait);
        work.FirstStart = work.FirstStart < 0 ? Now : work.FirstStart;
        work.GrantedAt = Now;
        work.StopBy = -1;
        work.DurableAt = -1;
        work.Shares = placement.Shares;
        work.Nodes = [.. placement.Shares.Select(share => numbers[share.Node]).Order()];
        foreach (var share in placement.Shares)
        {
            hours.Take(numbers[share.Node], CoresOf(share), Now);
        }

        running.Add(work.Attempt, work);
        workspace.SetRunning(Lease(work));
        GroupOf(work)?.Started(work);
        Enter(work, WorkPhase.Starting, Now + work.StartTime);
        if (work.Walltime < long.MaxValue)
        {
            Add(Now + work.Walltime - (2 * CostNow(work)), HappeningKind.SegmentEnding, work.Index, work.Epoch);
        }

        // A node may have failed that nobody has noticed yet.
        if (Array.Exists(work.Nodes, hours.IsDown))
        {
            Lose(work);
            foreach (var node in work.Nodes.Where(hours.IsDown))
            {
                Add(Now + script.Policy.DetectionWindow.Ticks, HappeningKind.LossNoticed, node);
            }
        }
    }

    private int CoresOf(NodeShare share) => share.Exclusive ? Math.Max(1, nodes[numbers[share.Node]].Cores) : share.Cores.Length;

    private RunningLease Lease(ReplayedWork work) => new()
    {
        Attempt = work.Attempt,
        Shares = work.Shares,
        Resources = work.Resources,
        Priority = work.Priority,
        Owner = work.Owner,
        JobType = work.Stage,
        StartedAt = At(work.GrantedAt),
        EndsBy = At(work.GrantedAt + Left(work)),
        Deadline = work.Deadline,
        Protected = work.Protected,
        CanCheckpoint = work.CanCheckpoint,
        CheckpointedAt = work.DurableAt < 0 ? null : At(work.DurableAt),
        RestartCost = TimeSpan.FromTicks(work.StartTime + work.CostBase),
        StopBy = work.StopBy < 0 ? null : At(work.StopBy),
        Preempted = Recent(work),
        StartedByPreemption = work.StartedByPreemption,
    };

    private ImmutableArray<DateTimeOffset> Recent(ReplayedWork work)
    {
        if (!work.Preempted.IsEmpty && work.Preempted[0] <= At(Now) - Day)
        {
            work.Preempted = work.Preempted.RemoveAll(at => at <= At(Now) - Day);
        }

        return work.Preempted;
    }

    private void Enter(ReplayedWork work, WorkPhase phase, long until)
    {
        work.Phase = phase;
        work.Since = Now;
        work.Generation++;
        Add(until, HappeningKind.PhaseEnded, work.Index, work.Generation);
    }

    private void Compute(ReplayedWork work)
    {
        var next = Now + work.Work - work.Progress;
        if (work.CanCheckpoint && IntervalOf(work) is { } interval)
        {
            next = Math.Min(next, Math.Max(Now, work.CountedFrom + interval.Ticks));
        }

        Enter(work, WorkPhase.Computing, next);
    }

    /// <summary>As simulations time their checkpoints.</summary>
    private TimeSpan? IntervalOf(ReplayedWork work) => work.Checkpoint.Every switch
    {
        CheckpointTrigger.Periodic or CheckpointTrigger.Hybrid => work.Checkpoint.Interval,
        CheckpointTrigger.Adaptive => CheckpointTiming.Adaptive(work.Checkpoint, script.Policy, work.Cost, work.Nodes.Length, TimeSpan.FromTicks(work.Exposure), work.NodeLosses),
        _ => null,
    };

    private void PhaseEnded(ReplayedWork work)
    {
        switch (work.Phase)
        {
            case WorkPhase.Starting:
                Recovered(work);
                work.CountedFrom = Now;
                work.DurableAt = Now;
                work.Progress = work.Durable;
                MarkStale(work);
                Compute(work);
                break;
            case WorkPhase.Computing:
                work.Progress += Now - work.Since;
                if (work.Progress >= work.Work)
                {
                    Complete(work);
                }
                else
                {
                    Enter(work, WorkPhase.Writing, Now + CostNow(work));
                }

                break;
            case WorkPhase.Writing:
                Written(work);
                break;
            default:
                break;
        }
    }

    private void Written(ReplayedWork work)
    {
        var cost = TimeSpan.FromTicks(Now - work.Since);
        work.Cost = work.Cost is { } known ? (CheckpointCatalogue.CostWeight * cost) + ((1 - CheckpointCatalogue.CostWeight) * known) : cost;
        work.Checkpoints++;
        work.CheckpointTime += cost.Ticks;
        work.Durable = work.Progress;
        work.DurableAt = work.Since;
        work.CountedFrom = Now;
        if (work.StopBy >= 0)
        {
            Leave(work);
            return;
        }

        MarkStale(work);
        if (work.Protected && IsWindowNear(work))
        {
            AskForPlan(Now);
        }

        Compute(work);
    }

    private void MarkStale(ReplayedWork work)
    {
        if (!work.IsStale)
        {
            work.IsStale = true;
            stale.Add(work);
        }
    }

    private long CostNow(ReplayedWork work)
    {
        var factor = 1.0;
        foreach (var spell in script.Storage)
        {
            factor *= spell.From.Ticks <= Now && Now < spell.Until.Ticks ? spell.Factor : 1;
        }

        return (long)(work.CostBase * factor);
    }

    private void Complete(ReplayedWork work)
    {
        Vacate(work);
        work.Phase = WorkPhase.Done;
        work.Durable = work.Work;
        work.EndedAt = Now;
        foreach (var follower in work.Followers)
        {
            follower.WaitsFor--;
            if (follower.WaitsFor == 0)
            {
                Submit(follower);
            }
        }

        AskForPlan(Now);
    }

    /// <summary>Its nodes are free.</summary>
    private void Vacate(ReplayedWork work)
    {
        running.Remove(work.Attempt);
        workspace.End(work.Attempt);
        foreach (var share in work.Shares)
        {
            hours.Take(numbers[share.Node], -CoresOf(share), Now);
        }

        var held = Now - work.GrantedAt;
        work.Held += held;
        work.Exposure += held;
        work.Generation++;
        Spend(work, held);
    }

    /// <summary>It is asked to make way: it writes a checkpoint at once, and leaves.</summary>
    private void Ask(ReplayedWork work, Preemption order)
    {
        var by = TicksOf(order.StopBy);
        var isFirst = work.StopBy < 0;
        if (!isFirst && work.StopBy <= by)
        {
            return;
        }

        work.StopBy = by;
        if (isFirst)
        {
            if (order.Relocation)
            {
                work.Relocations++;
                work.MovedAt = Now;
                tally.Relocations++;
            }
            else
            {
                work.Preemptions++;
                work.Preempted = Recent(work).Add(At(Now));
                tally.Preempted(work, order.Trigger);
            }
        }

        workspace.SetRunning(Lease(work));
        Add(by, HappeningKind.TimeToLeave, work.Index, work.Epoch);
        LeaveSoon(work);
    }

    private void SegmentEnds(ReplayedWork work)
    {
        if (running.ContainsKey(work.Attempt) && work.StopBy < 0 && work.Phase != WorkPhase.Lost)
        {
            work.StopBy = work.GrantedAt + work.Walltime;
            Add(work.StopBy, HappeningKind.TimeToLeave, work.Index, work.Epoch);
            LeaveSoon(work);
        }
    }

    private void LeaveSoon(ReplayedWork work)
    {
        switch (work.Phase)
        {
            case WorkPhase.Computing when work.CanCheckpoint:
                work.Progress += Now - work.Since;
                if (work.Progress >= work.Work)
                {
                    Complete(work);
                }
                else
                {
                    Enter(work, WorkPhase.Writing, Now + CostNow(work));
                }

                break;
            case WorkPhase.Computing or WorkPhase.Starting:
                Leave(work);
                break;
            default:
                // It leaves when its checkpoint is written, or is gone already.
                break;
        }
    }

    /// <summary>Its time is up: what is not in a checkpoint is lost.</summary>
    private void MustBeGone(ReplayedWork work)
    {
        if (running.ContainsKey(work.Attempt) && work.StopBy >= 0 && work.StopBy <= Now && work.Phase is WorkPhase.Writing)
        {
            Leave(work);
        }
    }

    private void Leave(ReplayedWork work)
    {
        var lost = Computed(work) - work.Durable;
        if (lost > 0)
        {
            work.WorkLost += lost;
            tally.LostByLeaving(lost * work.CoresTaken);
        }

        Vacate(work);
        Enqueue(work);
    }

    private long Computed(ReplayedWork work) => work.Phase switch
    {
        WorkPhase.Computing => work.Progress + Now - work.Since,
        WorkPhase.Starting => work.Durable,
        _ => work.Progress,
    };

    /// <summary>A node under it failed: from now on nothing it does counts.</summary>
    private void Lose(ReplayedWork work)
    {
        if (work.Phase is WorkPhase.Lost)
        {
            return;
        }

        // Writing time since then is lost too, though no work: the longer of both readings is told.
        var loss = work.DurableAt >= 0 && work.Phase != WorkPhase.Starting ? Now - work.DurableAt : 0;
        work.WorkLost += Computed(work) - work.Durable;
        work.LossLargest = Math.Max(work.LossLargest, loss);
        work.FailedAt = work.FailedAt < 0 ? Now : work.FailedAt;
        work.NodeLosses++;
        tally.Lost(work, loss);
        work.Phase = WorkPhase.Lost;
        work.Since = Now;
        work.Generation++;
    }

    private void Recover(ReplayedWork work)
    {
        Vacate(work);
        Enqueue(work);
    }

    private void Recovered(ReplayedWork work)
    {
        if (work.FailedAt >= 0)
        {
            tally.Recovered(work, Now - work.FailedAt, work.GrantedAt - work.QueuedAt);
            work.FailedAt = -1;
        }

        if (work.MovedAt >= 0)
        {
            tally.Moved(Now - work.MovedAt);
            work.MovedAt = -1;
        }
    }
}
