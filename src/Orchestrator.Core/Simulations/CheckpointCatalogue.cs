using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>The checkpoints of a stage: committed, proven, found damaged, pruned; and which are to be restored (invariants 5 and 6).</summary>
internal static class CheckpointCatalogue
{
    /// <summary>How often a stage goes back further for the same failure before it is left to a person.</summary>
    public const int GoingBackMax = 3;

    private static readonly CheckpointPolicy OnlyWhatMust = new() { KeepRecent = 2, Retention = new() };

    /// <summary>Weight of the newest measurement of what a checkpoint costs.</summary>
    internal const double CostWeight = 0.5;

    public static CheckpointRecord? Find(StageState stage, string? name) => stage.Checkpoints.LastOrDefault(record => record.Name == name);

    public static bool IsRestorable(CheckpointRecord record) => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven;

    /// <summary>It is as it was written, of the run that the stage is in, and nobody went back behind it.</summary>
    public static bool MayRestore(StageState stage, CheckpointRecord record) => IsRestorable(record) && !record.PassedOver && IsOfRun(stage, record);

    /// <summary>Nothing is left to go on from but what a person passed over: to restore that, or to begin anew, is for a person to say, too.</summary>
    public static bool IsLeftToAPerson(StageState stage) =>
        !stage.Checkpoints.Any(record => MayRestore(stage, record)) && stage.Checkpoints.Any(record => record.PassedOver && IsRestorable(record) && IsOfRun(stage, record));

    /// <summary>
    /// Names in the order in which they are to be tried: the newest intact one first; after the same failure at the same step the newest proven one, and with each further
    /// repeat one more back. Where none is proven, the one before the newest stands for it. It never goes back behind the oldest: months are not begun anew unless somebody says so.
    /// </summary>
    public static ImmutableArray<string> RestoreOrder(StageState stage)
    {
        CheckpointRecord[] restorable = [.. stage.Checkpoints.Where(record => MayRestore(stage, record)).Reverse()];
        var skip = 0;
        if (stage.Failure is { Repeats: > 0 } failure)
        {
            var proven = Array.FindIndex(restorable, static record => record.Status == CheckpointStatus.Proven);
            skip = Math.Clamp((proven < 0 ? 1 : proven) + failure.Repeats - 1, 0, Math.Max(0, restorable.Length - 1));
        }

        return [.. restorable[skip..].Select(static record => record.Name)];
    }

    /// <summary>It goes back further than to the newest one, which is bounded by itself.</summary>
    public static bool GoesBack(StageState stage) => !stage.FromBeginning && stage.Failure is { Repeats: >= 1 and <= GoingBackMax } && stage.Checkpoints.Any(record => MayRestore(stage, record));

    /// <summary>It went back as often as it makes sense, and failed the same way.</summary>
    public static bool IsHopeless(StageState stage) => stage.Failure is { Repeats: > GoingBackMax } && stage.Checkpoints.Any(record => MayRestore(stage, record));

    /// <summary>
    /// The failure of the live attempt, counted if it is the one before at the same step. What died before it made a step of its own did not get past the place of the one before, either:
    /// the checkpoint that it loaded may be what kills it.
    /// </summary>
    public static StageFailure Again(StageState stage, string cause, int atLeast)
    {
        var madeNoStep = stage.Live is { } live && live.LastStep <= live.FirstStep;
        return stage.Failure is { } before && before.Cause == cause && (before.Step == stage.Step || (madeNoStep && stage.Step < before.Step))
            ? new() { Cause = cause, Step = before.Step, Repeats = Math.Max(atLeast, before.Repeats + 1) }
            : new() { Cause = cause, Step = stage.Step, Repeats = atLeast };
    }

    public static void Commit(SimulationDraft draft, int i, AttemptReport.Checkpointed report)
    {
        var stage = draft[i];
        var said = report.Checkpoint;
        var known = Find(stage, said.Name);
        if (said.Name.Length == 0 || known is { Status: not CheckpointStatus.Failed })
        {
            return;
        }

        if (known is not null)
        {
            // What failed once was there after all, for an agent that looked again.
            stage = stage with { Checkpoints = stage.Checkpoints.Remove(known) };
        }

        var live = stage.Live!;
        var record = said with
        {
            Attempt = report.Attempt,
            Reason = null,
            Restores = 0,
            RestoredAt = null,
            Status = CheckpointStatus.Intact,
            Pinned = false,
            PassedOver = false,
            Number = stage.CheckpointsMade + 1,
            TakenAt = said.TakenAt == default ? draft.Now : said.TakenAt,
            WorkSaved = said.WorkSaved > TimeSpan.Zero ? said.WorkSaved : live.WorkBefore + (draft.Now - (live.StartedAt ?? draft.Now)),
        };
        var isSmaller = record.Kind is not (CheckpointKind.Absent or CheckpointKind.Full);
        draft.Set(i, stage with
        {
            Checkpoints = stage.Checkpoints.Add(record),
            CheckpointsMade = stage.CheckpointsMade + 1,
            CheckpointCost = isSmaller ? stage.CheckpointCost : Smoothed(stage.CheckpointCost, record.Cost),
            SmallerCheckpointCost = isSmaller ? Smoothed(stage.SmallerCheckpointCost, record.Cost) : stage.SmallerCheckpointCost,
            CheckpointFlush = Smoothed(stage.CheckpointFlush, record.Flush),
            // Without steps, a checkpoint beyond the restored one is what shows that the failure was got over.
            Failure = stage.Failure is { } failure && (failure.Step < 0 || record.Step > failure.Step) ? null : stage.Failure,
            Live = live with { LastCheckpointAt = draft.Now, CheckpointProgress = record.Progress >= 0 ? record.Progress : stage.Progress },
        });
        draft.Emit(i, new()
        {
            Kind = EventKinds.CheckpointCommitted,
            Text = record.Step >= 0 ? $"{stage.Name} checkpointed at step {SimulationDraft.Number(record.Step)}" : $"{stage.Name} checkpointed: {record.Name}",
            Node = report.Node,
            Checkpoint = record.Name,
            Step = record.Step < 0 ? null : record.Step,
            Progress = record.Progress < 0 ? null : record.Progress,
            Cost = record.Cost,
        });
        ProveByProgress(draft, i, record);
        Recoveries.Checkpointed(draft, i, record);
        SetSpace(draft, i, report.NoRoom);
        Retain(draft, i);
        Excesses.Leave(draft, i);
    }

    /// <summary>What should have been one is on record as failed, and changes nothing of those that are.</summary>
    public static void Fail(SimulationDraft draft, int i, AttemptReport.CheckpointFailed report)
    {
        var stage = draft[i];
        if (report.Checkpoint.Length == 0 || Find(stage, report.Checkpoint) is not null)
        {
            return;
        }

        draft.Set(i, stage with
        {
            Checkpoints = stage.Checkpoints.Add(new()
            {
                Name = report.Checkpoint,
                Attempt = report.Attempt,
                Path = report.Path,
                Step = report.Step,
                TakenAt = draft.Now,
                Status = CheckpointStatus.Failed,
                Reason = report.Reason,
            }),
        });
        draft.Emit(i, new()
        {
            Kind = EventKinds.CheckpointFailed,
            Text = $"{stage.Name}: checkpoint {report.Checkpoint} failed: {report.Reason}",
            Node = report.Node,
            Checkpoint = report.Checkpoint,
            Step = report.Step < 0 ? null : report.Step,
        });
        if (report.IsNoRoom)
        {
            SetSpace(draft, i, report.Reason);
        }

        Retain(draft, i);
    }

    /// <summary>An attempt went on from it.</summary>
    public static void Restored(SimulationDraft draft, int i, string? name)
    {
        if (Find(draft[i], name) is { } record)
        {
            draft.Set(i, draft[i] with { Checkpoints = draft[i].Checkpoints.Replace(record, record with { Restores = record.Restores + 1, RestoredAt = draft.Now }) });
        }
    }

    /// <summary>While there is no room only what must stay does, whatever the policy keeps besides, and the timing asks for smaller ones. It is told when that begins and ends.</summary>
    private static void SetSpace(SimulationDraft draft, int i, string? noRoom)
    {
        var stage = draft[i];
        if (stage.IsShortOfSpace == noRoom is not null)
        {
            return;
        }

        draft.Set(i, stage with { IsShortOfSpace = noRoom is not null });
        var smaller = CheckpointTiming.PolicyOf(draft.State, i).Smaller == CheckpointKind.Absent ? "" : ", and smaller ones are asked for";
        draft.Emit(i, new()
        {
            Kind = noRoom is null ? EventKinds.CheckpointSpaceWell : EventKinds.CheckpointSpaceLow,
            Text = noRoom is null
                ? $"{stage.Name}: there is room for checkpoints again"
                : $"{stage.Name}: there is no room for checkpoints: {noRoom.TrimEnd('.')}; older ones are pruned{smaller}, the newest proven one stays, and the program runs on",
            Node = stage.Live is { IsGranted: true } live ? live.Shares[0].Node : null,
        });
    }

    /// <summary>A person wants one kept, or not any more.</summary>
    public static void Pin(SimulationDraft draft, int i, string name, bool pinned)
    {
        if (Find(draft[i], name) is { } record && record.Pinned != pinned)
        {
            draft.Set(i, draft[i] with { Checkpoints = draft[i].Checkpoints.Replace(record, record with { Pinned = pinned }) });
            Retain(draft, i);
        }
    }

    /// <summary>A person needs the room: the newest so many stay, and what always does.</summary>
    public static void Prune(SimulationDraft draft, int i, int keep) => Retain(draft, i, new() { KeepRecent = keep });

    public static void Verified(SimulationDraft draft, int i, AttemptReport.Verified report)
    {
        if (report.Passed)
        {
            Prove(draft, i, report.Checkpoint, "its verify command passed");
        }
        else
        {
            Damage(draft, i, report.Checkpoint);
        }
    }

    /// <summary>A restart that got past the checkpoint it came from has proven it; one that follows a failure, once it got past that, too: what it carries may be the cause.</summary>
    public static void ProveByProgress(SimulationDraft draft, int i, CheckpointRecord? next = null)
    {
        var stage = draft[i];
        if (Find(stage, stage.Live?.Restored) is not { Status: CheckpointStatus.Intact } restored)
        {
            return;
        }

        var (step, progress) = next is null ? (stage.Step, stage.Progress) : (next.Step, next.Progress);
        if (stage.Failure is { Step: >= 0 } failure && step <= failure.Step)
        {
            return;
        }

        var isPast = (step >= 0 && restored.Step >= 0) ? step > restored.Step
            : restored.Progress >= 0 && progress >= 0 ? progress > restored.Progress
            : next is not null;
        if (isPast)
        {
            Prove(draft, i, restored.Name, "a restart progressed past it");
        }
    }

    public static void Damage(SimulationDraft draft, int i, string name)
    {
        if (Find(draft[i], name) is not { } record || !IsRestorable(record))
        {
            return;
        }

        Mark(draft, i, record, CheckpointStatus.Damaged, EventKinds.CheckpointDamaged, $"{draft[i].Name}: checkpoint {name} is damaged");
    }

    /// <summary>It cannot be read on a node, and one before it was taken. Its bytes may be right: it is tried again, and retention treats it like any other.</summary>
    public static void PassOver(SimulationDraft draft, int i, string name, NodeId node)
    {
        if (Find(draft[i], name) is { } record && IsRestorable(record))
        {
            draft.Emit(i, new()
            {
                Kind = EventKinds.CheckpointUnreadable,
                Text = $"{draft[i].Name}: checkpoint {name} cannot be read on {node}, and the one before it is taken",
                Node = node,
                Checkpoint = name,
                Step = record.Step < 0 ? null : record.Step,
            });
        }
    }

    private static void Prove(SimulationDraft draft, int i, string name, string why)
    {
        if (Find(draft[i], name) is { Status: CheckpointStatus.Intact } record)
        {
            Mark(draft, i, record, CheckpointStatus.Proven, EventKinds.CheckpointProven, $"{draft[i].Name}: checkpoint {name} is proven, {why}");
            RunRetention.Sweep(draft, i);
        }
    }

    private static void Mark(SimulationDraft draft, int i, CheckpointRecord record, CheckpointStatus status, string kind, string text)
    {
        draft.Set(i, draft[i] with { Checkpoints = draft[i].Checkpoints.Replace(record, record with { Status = status }) });
        draft.Emit(i, new() { Kind = kind, Text = text, Checkpoint = record.Name, Step = record.Step < 0 ? null : record.Step });
        Retain(draft, i);
    }

    private static bool IsOfRun(StageState stage, CheckpointRecord record) => stage.RerunAfterEpoch == 0 || record.Attempt.Epoch > stage.RerunAfterEpoch;

    private static TimeSpan Smoothed(TimeSpan? before, TimeSpan measured) => before is { } known ? (CostWeight * measured) + ((1 - CostWeight) * known) : measured;

    /// <summary>Prunes what the policy does not keep (invariant 6).</summary>
    private static void Retain(SimulationDraft draft, int i, CheckpointPolicy? policy = null)
    {
        var stage = draft[i];
        policy ??= stage.IsShortOfSpace ? OnlyWhatMust : CheckpointTiming.PolicyOf(draft.State, i);
        IEnumerable<string> inUse = stage.Live switch
        {
            { StartedAt: null } opened => opened.Restore,
            { Restored: { } restored } => [restored],
            _ => [],
        };
        var kept = CheckpointRetention.Kept(stage.Checkpoints, policy.KeepRecent, policy.Retention, inUse);
        foreach (var record in stage.Checkpoints.Where(record => !kept.Contains(record.Name)))
        {
            draft.Set(i, draft[i] with { Checkpoints = draft[i].Checkpoints.Remove(record) });
            draft.Set(draft.State with { Deletions = draft.State.Deletions.Add(record with { Status = CheckpointStatus.Deleted }) });
            draft.Keep(new() { Stage = stage.Name, Checkpoint = record });
            draft.Emit(i, new()
            {
                Kind = EventKinds.CheckpointDeleted,
                Text = $"{stage.Name}: checkpoint {record.Name} was pruned",
                Checkpoint = record.Name,
                Step = record.Step < 0 ? null : record.Step,
            });
        }
    }
}
