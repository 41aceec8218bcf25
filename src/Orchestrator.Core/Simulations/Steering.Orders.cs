using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <content>Orders about one stage, carried out.</content>
internal static partial class Steering
{
    /// <summary>What runs is asked to leave with a checkpoint, what waits for nodes leaves the queue.</summary>
    private static void Hold(SimulationDraft draft, int i, StageOrder order)
    {
        if (draft[i].Hold is not null)
        {
            return;
        }

        draft.Set(i, draft[i] with { Hold = new() { By = order.By, Why = order.Reason, At = draft.Now } });
        Emit(draft, i, EventKinds.StageHeld, "held", order);
        switch (draft[i])
        {
            case { Live.IsGranted: true, Status: not StageStatus.Publishing }:
                Attempts.AskToLeave(draft, i, StopReason.Pause);
                break;
            case { Live.IsGranted: false }:
                Attempts.Close(draft, i, AttemptEnd.Withdrawn, "withdrawn from the queue, held");
                Attempts.GoOn(draft, i);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends what lives of a stage: nobody waits for it.</summary>
    private static void Stop(SimulationDraft draft, int i, string reason)
    {
        if (draft[i].Live is { } live)
        {
            Attempts.Close(draft, i, live.IsGranted ? AttemptEnd.Cancelled : AttemptEnd.Withdrawn, reason, mayRun: live.IsGranted);
        }
    }

    private static void Set(SimulationDraft draft, int i, StageOrder order)
    {
        var reason = Said($"set to {SimulationDraft.Name(order.Status)}", order);
        Stop(draft, i, reason);
        var completed = order.Status == StageStatus.Completed;
        draft.Set(i, draft[i] with { Progress = completed ? 1 : draft[i].Progress, ProgressMax = completed ? 1 : draft[i].ProgressMax, IsSkippedByOrder = false });
        Attempts.Finish(draft, i, order.Status, reason);
        Revive(draft, Readiness.GraphOf(draft.State).Downstream(i));
        if (completed && draft.State.Stages.All(static stage => stage.Status != StageStatus.Failed))
        {
            draft.Set(draft.State with { Reason = null });
        }
    }

    private static void Rerun(SimulationDraft draft, int i, StageOrder order)
    {
        var target = GoesOn(order) ? TargetOf(draft.State, i, order.Checkpoint) : null;
        var roots = RerunRoots(draft.State, i, order);
        var places = RerunPlaces(draft.State, i, order);
        if (draft.State.IsFinal)
        {
            Reopen(draft, i, places, order);
        }

        if (target is null)
        {
            Emit(draft, i, EventKinds.StageRerun, "and what comes after it: again from the beginning", order);
        }
        else
        {
            EmitGoingOn(draft, i, target, order);
        }

        var runs = TaskRuns(draft.State, places, order.KeepsTasks ? roots : []);
        var before = draft.State;
        foreach (var place in places)
        {
            if (draft[place] is { Status: StageStatus.Waiting, Epoch: 0, Edges.IsEmpty: true } || (place != i && draft[place].IsSkippedByOrder))
            {
                continue;
            }

            Stop(draft, place, Said("run again", order));
            var stage = draft[place];
            if (place == i && target is not null)
            {
                draft.Set(place, GoingOn(stage, target));
                continue;
            }

            draft.Set(place, new StageState
            {
                Name = stage.Name,
                Status = StageStatus.Waiting,
                Epoch = stage.Epoch,
                Recent = stage.Recent,

                // What its former attempts left on disk is removed by the same rules as ever.
                Runs = stage.Runs,
                Checkpoints = stage.Checkpoints,

                // What was saved before belongs to the former run: no attempt goes on from it any more, unless somebody names it.
                RerunAfterEpoch = stage.Epoch,
                TriesAfterEpoch = stage.Epoch,
                ExposureBefore = stage.Exposure,
                TaskRun = runs.GetValueOrDefault(place, stage.TaskRun),
                FromBeginning = true,
                AttemptsMade = stage.AttemptsMade,
                CheckpointsMade = stage.CheckpointsMade,
                StepsAgain = stage.StepsAgain,
                Estimate = stage.Estimate,
                Use = stage.Use,
                CheckpointCost = stage.CheckpointCost,
                CheckpointFlush = stage.CheckpointFlush,
                SmallerCheckpointCost = stage.SmallerCheckpointCost,
                PreviewCosts = stage.PreviewCosts,
                Exposure = stage.Exposure,
                Failures = stage.Failures,
                AwaitsDeath = stage.AwaitsDeath is null ? null : stage.AwaitsDeath with { Look = true },
                StaleEpochs = stage.StaleEpochs,
                CheckpointPolicy = stage.CheckpointPolicy,
                Faults = stage.Faults,
                FaultsSeen = stage.FaultsSeen,
                Resources = stage.Resources,
                IsReconfigured = stage.IsReconfigured,
                Recovery = stage.Recovery,
                Hold = stage.Hold,
                Priority = stage.Priority,
                PublishedEpoch = stage.PublishedEpoch,
                PublishedAfter = stage.PublishedAfter,
                AddedBy = stage.AddedBy,
                Family = stage.Family,
                Generation = stage.Generation,

                // Whoever approved saw other results; what was declared not to matter still does not.
                Edges = roots.Contains(place) ? [.. stage.Edges.Select(static mark => mark with { SatisfiedAt = null })] : [.. stage.Edges.Select(mark => Kept(before, place, mark, places)).OfType<EdgeMark>()],
            });
        }

        draft.Set(draft.State with { Reason = draft.State.Status is SimulationStatus.Running or SimulationStatus.Pending ? null : draft.State.Reason });
    }

    /// <summary>
    /// A simulation that had ended goes on. Where it was cancelled, what never ran waits again: it has nothing to begin anew. What ran stays cancelled, but for what is run again now: each has
    /// checkpoints of its own, and is let go on by an order of its own.
    /// </summary>
    private static void Reopen(SimulationDraft draft, int i, int[] places, StageOrder order)
    {
        draft.Set(draft.State with
        {
            Status = draft.State.StartedAt is null ? SimulationStatus.Pending : SimulationStatus.Running,
            EndedAt = null,
            ReminderRemoved = false,
            PausedBy = null,
        });
        List<string> cancelled = [];
        for (var place = 0; place < draft.Count; place++)
        {
            if (draft[place] is { Status: StageStatus.Cancelled } stage && !places.Contains(place))
            {
                if (stage.AttemptsMade == 0)
                {
                    draft.Set(place, stage with { Status = StageStatus.Waiting, Reason = null, EndedAt = null });
                }
                else
                {
                    cancelled.Add(stage.Name);
                }
            }
        }

        var others = cancelled.Count == 0 ? "" : $", while {Named(cancelled)} {(cancelled.Count == 1 ? "stays" : "stay")} cancelled";
        draft.Emit(new() { Kind = EventKinds.SimulationReopened, Text = Said($"goes on, {draft[i].Name} and what comes after it again{others}", order), Status = SimulationDraft.Name(draft.State.Status) });
    }

    /// <summary>
    /// Where a rerun begins. Tasks are of their whole set: whoever names it, or a worker of it, begins all of them anew, and so all workers begin; where they are to be kept, those
    /// that have ended go on with the one that is named.
    /// </summary>
    private static ImmutableArray<int> RerunRoots(SimulationState state, int i, StageOrder order) =>
        TaskWorkers.Of(state, i) is { IsEmpty: false } workers ? [.. workers.Where(place => place == i || !order.KeepsTasks || state.Stages[place].IsFinal)] : [i];

    /// <summary>What runs again: the roots and what comes after them, and where that are workers of tasks, the other ones of their set and what comes after those. The named one first.</summary>
    private static int[] RerunPlaces(SimulationState state, int i, StageOrder order)
    {
        var places = new SortedSet<int>();
        var open = new Queue<int>(RerunRoots(state, i, order));
        var kept = order.KeepsTasks ? TaskWorkers.Of(state, i) : [];
        while (open.TryDequeue(out var next))
        {
            if (!places.Add(next))
            {
                continue;
            }

            foreach (var place in Readiness.GraphOf(state).Downstream(next))
            {
                open.Enqueue(place);
            }

            if (state.Definition.Stages[next].Tasks is { Workers: > 1 } && !kept.Contains(next))
            {
                foreach (var place in TaskWorkers.Of(state, next))
                {
                    open.Enqueue(place);
                }
            }
        }

        return places.Contains(i) ? [i, .. places.Where(place => place != i)] : [.. places];
    }

    /// <summary>The next run of each set of tasks that begins anew, by the places of its workers; those of kept tasks are not in it.</summary>
    private static Dictionary<int, int> TaskRuns(SimulationState state, int[] places, ImmutableArray<int> kept)
    {
        var runs = new Dictionary<int, int>();
        foreach (var place in places)
        {
            if (state.Definition.Stages[place].Tasks is not null && !kept.Contains(place))
            {
                runs[place] = TaskWorkers.RunOf(state, TaskWorkers.Of(state, place)) + 1;
            }
        }

        return runs;
    }

    /// <summary>What stays known of an edge of a stage that runs again with one before it: a bypass, and a file of a stage that does not run again, which holds the newest of its files only.</summary>
    private static EdgeMark? Kept(SimulationState before, int place, EdgeMark mark, int[] again)
    {
        if (mark.BypassedBy is not null)
        {
            return mark;
        }

        var definition = before.Definition.Stages[place];
        var isOfAnother = mark.Edge == EdgeMark.Trigger
            ? definition.Trigger?.Artifact is { } wanted && !again.Any(each => EdgeRules.HasArtifact(new() { Artifacts = before.Stages[each].Artifacts }, wanted))
            : !again.Contains(before.IndexOf(definition.After[mark.Edge].Stage));
        return isOfAnother && mark.MetAt is { } met ? new() { Edge = mark.Edge, MetAt = met } : null;
    }

    private static void Approve(SimulationDraft draft, int i, StageOrder order)
    {
        var given = false;
        foreach (var (edge, who) in Wanted(draft.State, i).ToArray())
        {
            if (MayApprove(who, order) && draft[i].Edges.FirstOrDefault(mark => mark.Edge == edge)?.ApprovedBy is null)
            {
                draft.Mark(i, edge, mark => mark with { ApprovedBy = order.By, ApprovedAt = draft.Now, Why = order.Reason });
                given = true;
            }
        }

        if (given)
        {
            Emit(draft, i, EventKinds.StageApproved, "approved", order);
        }
    }

    private static void Bypass(SimulationDraft draft, int i, StageOrder order)
    {
        var given = false;
        var after = draft.DefinitionOf(i).After;
        for (var number = 0; number < after.Length; number++)
        {
            if (after[number].Stage == order.From && draft[i].Edges.FirstOrDefault(mark => mark.Edge == number)?.BypassedBy is null)
            {
                draft.Mark(i, number, mark => mark with { BypassedBy = order.By, BypassedAt = draft.Now, Why = order.Reason });
                given = true;
            }
        }

        if (given)
        {
            Emit(draft, i, EventKinds.StageBypassed, $"need not wait for {order.From} any more", order);
            draft.Set(i, draft[i] with { IsSkippedByOrder = false });
            Revive(draft, [i, .. Readiness.GraphOf(draft.State).Downstream(i)]);
        }
    }

    /// <summary>What was skipped is judged anew, and what did not start since the simulation is held; what a person skipped stays so.</summary>
    private static void Revive(SimulationDraft draft, IEnumerable<int> places)
    {
        foreach (var place in places)
        {
            if (draft[place] is { Status: StageStatus.Skipped, Epoch: 0, IsSkippedByOrder: false } or { Status: StageStatus.Paused, Epoch: 0 } && draft[place] is var stage)
            {
                draft.Set(place, stage with { Status = StageStatus.Waiting, Reason = null, EndedAt = null });
            }
        }
    }
}
