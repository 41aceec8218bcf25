using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Simulations;

/// <summary>How attempts are opened and closed, and what a stage does after one.</summary>
internal static class Attempts
{
    /// <summary>What ends within it did nothing that is worth a node.</summary>
    private static readonly TimeSpan SoonAfterStart = TimeSpan.FromMinutes(1);

    /// <summary>Opens the next epoch of a stage: whatever older ones still say counts no more (invariant 2).</summary>
    public static void Open(SimulationDraft draft, int i)
    {
        var stage = draft[i];
        if (stage.AwaitsDeath is not null)
        {
            // The old attempt may still write what it would write, too.
            draft.Set(i, stage with
            {
                Status = StageStatus.Backoff,
                BackoffUntil = null,
                Reason = $"it writes shared paths, so it waits until nothing of the old attempt runs any more{(stage.Reason is null ? "" : $"; {stage.Reason}")}",
            });
            return;
        }

        if (stage.Hold is not null)
        {
            draft.Set(i, stage with { Status = StageStatus.Waiting, Reason = null, BackoffUntil = null });
            return;
        }

        var isFresh = stage.FromBeginning || stage.PublishOnlyEpoch > 0;
        if (!isFresh && CheckpointCatalogue.IsLeftToAPerson(stage))
        {
            Finish(draft, i, StageStatus.Failed, "none of the checkpoints that it may go on from can be restored but those that were passed over by order: left to a person");
            return;
        }

        var attempt = new AttemptState
        {
            Epoch = stage.Epoch + 1,
            QueuedAt = draft.Now,
            LookedAt = draft.Now,
            PublishOnlyEpoch = stage.PublishOnlyEpoch,
            Restore = isFresh ? [] : CheckpointCatalogue.RestoreOrder(stage),
        };
        draft.Set(i, stage with
        {
            Status = StageStatus.Queued,
            Reason = null,
            Epoch = attempt.Epoch,
            Live = attempt,
            BackoffUntil = null,
            FromBeginning = false,
        });
        var isLost = attempt.Restore.IsEmpty && stage.CheckpointsMade > 0 && !isFresh;
        draft.Emit(i, new()
        {
            Kind = EventKinds.StageQueued,
            Text = isLost ? $"{stage.Name} queued, from the beginning: none of its checkpoints can be restored" : $"{stage.Name} queued",
            Progress = stage.Progress,
        });
    }

    /// <summary>
    /// Ends the live attempt: into the history, with its use. Its lease is owed back, unless the cluster still has to find out whether it is dead. Where processes of it may still
    /// run, and it writes shared paths, nothing is opened before they are gone.
    /// </summary>
    public static void Close(SimulationDraft draft, int i, AttemptEnd end, string reason, DateTimeOffset? lastSeen = null, bool release = true, bool byReport = false, bool mayRun = false)
    {
        var stage = draft[i];
        var awaitsDeath = mayRun && draft.DefinitionOf(i).WritesSharedPaths && stage.Status is (StageStatus.Starting or StageStatus.Running);
        var closed = stage.Live! with
        {
            EndedAt = draft.Now,
            End = end,
            Reason = reason,
            Look = false,
            Queue = null,
            // Its agent may still be there and repeat its last report: it is over for that one, too.
            LastInstruction = byReport ? stage.Live!.LastInstruction : ReportInstruction.Discard,
        };
        closed = closed with { Use = UseOf(closed, lastSeen) };

        // Which cores it had is over with it: of a large gang they would fill the state.
        closed = closed with { Shares = [.. closed.Shares.Select(static share => new NodeShare { Node = share.Node })] };
        draft.Set(i, stage with
        {
            Live = null,
            Resources = stage.NextResources ?? stage.Resources,
            NextResources = null,
            AwaitsDeath = awaitsDeath ? new() { Epoch = closed.Epoch, Look = true, LookedAt = draft.Now, IsReleased = release } : stage.AwaitsDeath,
            Recent = Last(stage.Recent.Add(closed), StageState.RecentMax),
            Use = stage.Use + closed.Use,
            Exposure = closed.StartedAt is { } started ? stage.Exposure + (draft.Now - started) : stage.Exposure,
            Failures = stage.Failures + (end is AttemptEnd.Failed or AttemptEnd.NodeLost ? 1 : 0),
        });
        RunRetention.Closed(draft, i, closed);
        if (release)
        {
            draft.Set(draft.State with { Releases = draft.State.Releases.Add(draft.AttemptOf(i, closed.Epoch)) });
        }

        draft.Keep(new() { Stage = stage.Name, Attempt = closed });
        draft.Emit(i, new()
        {
            Kind = EventKinds.AttemptEnded,
            Text = $"{stage.Name}: {reason}",
            Epoch = closed.Epoch,
            Node = closed.IsGranted ? closed.Shares[0].Node : null,
            Nodes = closed is { IsGranted: true, Shares.Length: > 1 } ? [.. closed.Shares.Select(static share => share.Node)] : null,
            End = SimulationDraft.Name(end),
            Step = stage.Step < 0 ? null : stage.Step,
            NoticedAfter = lastSeen is { } seen ? draft.Now - seen : null,
            Use = closed.Use,
        });
        if (end is AttemptEnd.Failed or AttemptEnd.NodeLost)
        {
            CheckpointTiming.Happened(draft, i, CheckpointEvent.Failure);
        }
    }

    /// <summary>After an end that is nobody's fault: the next segment, unless the simulation is held.</summary>
    public static void GoOn(SimulationDraft draft, int i)
    {
        switch (draft.State.Status)
        {
            case SimulationStatus.Cancelling:
                Finish(draft, i, StageStatus.Cancelled, "the simulation was cancelled");
                break;
            case SimulationStatus.Pausing or SimulationStatus.Paused:
                draft.Set(i, draft[i] with { Status = StageStatus.Paused, Reason = null });
                break;
            default:
                Open(draft, i);
                break;
        }
    }

    /// <summary>
    /// After a program left by itself: at once, as a rule. One that leaves again and again without having got further waits longer and longer: it uses no retry, and neither
    /// nodes nor the log are spent on it, and after many times it is given up.
    /// </summary>
    public static void GoOnAfterLeaving(SimulationDraft draft, int i, string reason)
    {
        var stage = draft[i];
        if (draft.IsHeld || stage.FruitlessEnds < StageState.FruitlessEndsMax)
        {
            GoOn(draft, i);
            return;
        }

        if (IsHopeless(draft, i, stage.Recent[^1].End))
        {
            var hopeless = FormattableString.Invariant($"{reason}; {stage.FruitlessEnds} times without having got further");
            Recoveries.Note(draft, i, new() { Kind = FailureKind.Deadlock, Detection = FailureDetection.Metrics, Explanation = "it ends again and again and gets no further" }, hopeless);
            Finish(draft, i, StageStatus.Failed, hopeless);
            return;
        }

        var retry = draft.DefinitionOf(i).Retry;
        draft.Set(i, stage with
        {
            Status = StageStatus.Backoff,
            BackoffUntil = draft.Now + RecoveryPlan.Backoff(retry.BackoffFirst, retry.BackoffMax, stage.FruitlessEnds - StageState.FruitlessEndsMax + 1, draft.AttemptOf(i, stage.Epoch)),
            Reason = FormattableString.Invariant($"{reason}; {stage.FruitlessEnds} times without having got further"),
        });
    }

    /// <summary>It ended so often without having got further that it is left to a person. The loss of nodes has more patience: as a rule it is nobody's fault.</summary>
    public static bool IsHopeless(SimulationDraft draft, int i, AttemptEnd end) =>
        draft[i].FruitlessEnds >= (end == AttemptEnd.NodeLost ? Math.Max(draft.DefinitionOf(i).Recovery.WaitsMax, StageState.FruitlessEndsHopeless) : StageState.FruitlessEndsHopeless);

    /// <summary>
    /// Without a checkpoint: a whole segment; or one that ended by itself or with its node no further than it began, or than one before it that also lost what it did. A program
    /// that takes its node down with it would go through the whole cluster, node after node. Where no steps are known, so does one that ended soon.
    /// </summary>
    public static bool IsFruitless(SimulationDraft draft, StageState stage, AttemptEnd end)
    {
        var live = stage.Live!;
        if (live.LastCheckpointAt is not null || end is not (AttemptEnd.Walltime or AttemptEnd.Continued or AttemptEnd.NodeLost))
        {
            return false;
        }

        // Tasks that ended have ended, whatever becomes of those that work on them: their number is the step.
        return (end == AttemptEnd.Walltime && draft.State.Definition.Stages[draft.State.IndexOf(stage.Name)].Tasks is null)
            || (live.LastStep <= live.FirstStep && (live.LastStep >= 0 || draft.Now - (live.StartedAt ?? draft.Now) < SoonAfterStart))
            || (live.LastStep >= 0 && stage.Recent.Any(former => former.End == end && former.LastStep >= live.LastStep));
    }

    /// <summary>Ends a stage for good.</summary>
    public static void Finish(SimulationDraft draft, int i, StageStatus status, string reason)
    {
        var stage = draft[i];
        if (stage.AwaitsDeath is { IsReleased: false } lost)
        {
            draft.Set(draft.State with { Releases = draft.State.Releases.Add(draft.AttemptOf(i, lost.Epoch)) });
        }

        // That an old attempt may still write shared paths is kept: should the stage be run again, it waits for that death.
        draft.Set(i, stage with
        {
            Status = status,
            Reason = reason,
            EndedAt = draft.Now,
            BackoffUntil = null,
            AwaitsDeath = stage.AwaitsDeath is null ? null : stage.AwaitsDeath with { IsReleased = true },
            PublishOnlyEpoch = 0,
        });
        Recoveries.GiveUp(draft, i, status, reason);
        if (status == StageStatus.Failed && draft.State.Reason is null)
        {
            draft.Set(draft.State with { Reason = $"stage {stage.Name} failed: {reason}; what does not depend on it runs to its end" });
        }

        var kind = status switch
        {
            StageStatus.Completed => EventKinds.StageCompleted,
            StageStatus.Failed or StageStatus.SoftFailed => EventKinds.StageFailed,
            _ => EventKinds.StageSkipped,
        };
        draft.Emit(i, new()
        {
            Kind = kind,
            Text = $"{stage.Name} {SimulationDraft.Name(status)}: {reason}",
            Progress = stage.Progress,
            SimulationProgress = Estimates.Progress(draft.State),
        });
        RunRetention.Sweep(draft, i);
        CheckpointTiming.Happened(draft, i, CheckpointEvent.StageEnd);
    }

    /// <summary>Asks the live attempt to leave by a time; a later wish than the one before changes nothing.</summary>
    public static void AskToLeave(SimulationDraft draft, int i, StopReason reason)
    {
        var live = draft[i].Live!;
        var by = draft.Now + draft.DefinitionOf(i).Grace;
        var stronger = live.StopReason is StopReason.Pause or StopReason.Excess && reason == StopReason.Cancel;
        if (live.StopBy is null || stronger)
        {
            draft.SetLive(i, live with { StopBy = live.StopBy is { } before && before < by ? before : by, StopReason = reason, StopSent = false });
        }
    }

    /// <summary>What the agent measured; where it was lost with what it knew, wall time by cores up to when it was last seen.</summary>
    private static ResourceUse UseOf(AttemptState attempt, DateTimeOffset? lastSeen)
    {
        if (attempt.StartedAt is not { } started || attempt.Use.CoreTime > TimeSpan.Zero)
        {
            // An agent knows its own node alone.
            return attempt.Use with { NodeTime = attempt.Use.WallTime * attempt.Shares.Length, MemoryHeld = attempt.Shares.Sum(static share => share.Memory) };
        }

        var until = lastSeen is { } seen && seen > started ? seen : attempt.EndedAt!.Value;
        var wall = attempt.Use.WallTime > TimeSpan.Zero ? attempt.Use.WallTime : until - started;
        return attempt.Use with
        {
            WallTime = wall,
            CoreTime = wall * attempt.Shares.Sum(static share => share.Cores.Length),
            GpuTime = wall * attempt.Shares.Sum(static share => share.Gpus.Length * share.GpuThousandths / 1000.0),
            NodeTime = wall * attempt.Shares.Length,
            MemoryHeld = attempt.Shares.Sum(static share => share.Memory),
        };
    }

    private static ImmutableArray<T> Last<T>(ImmutableArray<T> all, int count) => all.Length <= count ? all : all.RemoveRange(0, all.Length - count);
}
