using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Core.Simulations;

/// <summary>Which stages may start (invariant 4), which never will, and when the simulation has ended (invariant 1). Edges are judged by <see cref="EdgeRules"/>.</summary>
internal static class Readiness
{
    /// <summary>A definition never changes, so that its graph is made once for each that is held.</summary>
    private static readonly ConditionalWeakTable<SimulationDefinition, WorkflowGraph> Graphs = [];

    public static WorkflowGraph GraphOf(SimulationState state) => GraphOf(state.Definition);

    public static WorkflowGraph GraphOf(SimulationDefinition definition) => Graphs.GetValue(definition, static of => WorkflowGraph.Unchecked(of.Stages));

    /// <summary>What others may know of a stage.</summary>
    public static StageFacts Facts(StageState stage) => new()
    {
        Status = stage.Status,
        Progress = stage.ProgressMax,
        ExitStatus = stage.ExitStatus,
        Metrics = stage.Metrics,
        Artifacts = stage.Outputs.IsEmpty ? stage.Artifacts : stage.Artifacts.IsEmpty ? stage.Outputs : [.. stage.Outputs, .. stage.Artifacts],
    };

    /// <summary>Takes every consequence of what the step touched, until there is none left. What was not touched, and waits for nothing that was, is not looked at.</summary>
    public static void Settle(SimulationDraft draft)
    {
        if (draft.State.IsFinal)
        {
            return;
        }

        do
        {
            while (draft.TakeTouched() is { Count: > 0 } touched)
            {
                foreach (var place in touched.Order())
                {
                    TaskWorkers.Settle(draft, place);
                }

                foreach (var place in Reached(draft, touched))
                {
                    Settle(draft, place);
                }
            }
        }
        while (EndVainWaits(draft));

        if (draft.State.Status == SimulationStatus.Pausing && draft.State.Stages.All(static stage => stage.Live is null))
        {
            draft.Set(draft.State with { Status = SimulationStatus.Paused });
            draft.Emit(new() { Kind = EventKinds.SimulationPaused, Text = "paused", Status = SimulationDraft.Name(SimulationStatus.Paused), SteeredBy = draft.State.PausedBy });
        }

        if (draft.State.Stages.All(static stage => stage.IsFinal))
        {
            End(draft);
        }
    }

    /// <summary>Whether a stage may start by what its dependencies say, or did say when it was opened.</summary>
    public static bool MayStart(SimulationState state, int stage) => Judge(state, stage, DateTimeOffset.MaxValue).Verdict == JoinVerdict.Open;

    /// <summary>What a stage waits for, as sentences.</summary>
    public static IEnumerable<string> Waits(SimulationState state, int stage)
    {
        if (state.Stages[stage].Hold is { } hold)
        {
            yield return hold.Words;
        }

        // Before all times: whatever waits for a time still does, or it would not wait.
        var (verdict, edges, trigger) = Judge(state, stage, DateTimeOffset.MinValue);
        foreach (var edge in edges.Where(static edge => edge.State == EdgeState.Pending))
        {
            yield return edge.Why!;
        }

        if (verdict == JoinVerdict.Waiting && trigger is { State: EdgeState.Pending, Why: { } why })
        {
            yield return why;
        }
    }

    /// <summary>Where the edges of a stage stand, in the order of its definition.</summary>
    public static IReadOnlyList<EdgeJudgement> Edges(SimulationState state, int stage, DateTimeOffset now) => Judge(state, stage, now).Edges;

    /// <summary>When time alone lets a stage go on next; null: no stage waits for a time.</summary>
    public static DateTimeOffset? Due(SimulationState state)
    {
        DateTimeOffset? due = null;
        foreach (var place in GraphOf(state).Timed)
        {
            if (state.Stages[place] is { Status: StageStatus.Waiting, Hold: null })
            {
                var (_, edges, trigger) = Judge(state, place, DateTimeOffset.MinValue);
                foreach (var at in edges.Append(trigger).Where(static edge => edge is { DueAt: not null, StartsDelay: false }).Select(static edge => edge.DueAt!.Value))
                {
                    due = due is null || at < due ? at : due;
                }
            }
        }

        return due;
    }

    /// <summary>The touched ones and what is judged by them.</summary>
    private static SortedSet<int> Reached(SimulationDraft draft, HashSet<int> touched)
    {
        var graph = GraphOf(draft.State);
        var reached = new SortedSet<int>(touched);
        foreach (var place in touched)
        {
            reached.UnionWith(graph.FollowersOf(place));
            reached.UnionWith(graph.WatchersOf(place));
            if (!draft[place].Artifacts.IsEmpty || !draft[place].Outputs.IsEmpty)
            {
                reached.UnionWith(graph.DataTriggered);
            }
        }

        return reached;
    }

    private static void Settle(SimulationDraft draft, int i)
    {
        var stage = draft[i];
        if (draft.State.Status == SimulationStatus.Cancelling && stage.Status is StageStatus.Waiting or StageStatus.Backoff or StageStatus.Paused)
        {
            Attempts.Finish(draft, i, StageStatus.Cancelled, "the simulation was cancelled");
            return;
        }

        if (stage.Status != StageStatus.Waiting)
        {
            return;
        }

        var (verdict, edges, trigger) = Judge(draft.State, i, draft.Now);
        for (var number = 0; number < edges.Count; number++)
        {
            KeepDelay(draft, i, number, edges[number], draft.DefinitionOf(i).After[number].Delay);
        }

        KeepDelay(draft, i, EdgeMark.Trigger, trigger, draft.DefinitionOf(i).Trigger?.Delay ?? TimeSpan.Zero);
        switch (verdict)
        {
            case JoinVerdict.Never:
                Attempts.Finish(draft, i, StageStatus.Skipped, string.Join("; ", edges.Append(trigger).Where(static edge => edge.State == EdgeState.Failed).Select(static edge => edge.Why)));
                break;
            case JoinVerdict.Open when stage.Hold is null && draft.DefinitionOf(i).Kind == StageKind.Barrier:
                draft.Set(i, draft[i] with { StartedAt = draft.Now, Progress = 1, ProgressMax = 1 });
                Attempts.Finish(draft, i, StageStatus.Completed, "passed");
                break;
            case JoinVerdict.Open when stage.Hold is null:
                KeepSatisfied(draft, i, edges, trigger);
                if (draft.IsHeld)
                {
                    draft.Set(i, draft[i] with { Status = StageStatus.Paused });
                }
                else
                {
                    Attempts.Open(draft, i);
                }

                break;
            default:
                break;
        }
    }

    private static (JoinVerdict Verdict, IReadOnlyList<EdgeJudgement> Edges, EdgeJudgement Trigger) Judge(SimulationState state, int i, DateTimeOffset now)
    {
        var definition = state.Definition.Stages[i];
        var stage = state.Stages[i];
        var (open, pending, broken, failed) = (0, 0, 0, 0);
        var edges = definition.After.IsEmpty ? [] : new EdgeJudgement[definition.After.Length];
        for (var number = 0; number < edges.Length; number++)
        {
            edges[number] = EdgeRules.Judge(definition.After[number], Mark(stage, number), Book, now);
            open += edges[number].IsOpen ? 1 : 0;
            pending += edges[number].State == EdgeState.Pending ? 1 : 0;
            broken += edges[number].State == EdgeState.Failed ? 1 : 0;
            failed += edges[number].IsBrokenByFailure ? 1 : 0;
        }

        var trigger = new EdgeJudgement(EdgeState.Satisfied);
        var verdict = JoinRules.Of(definition, open, pending, broken, failed);
        if (verdict == JoinVerdict.Open && definition.Trigger is not null)
        {
            trigger = EdgeRules.Judge(definition.Trigger, Mark(stage, EdgeMark.Trigger), Book, state.Stages.Select(Facts), now);
            verdict = trigger.State switch { EdgeState.Pending => JoinVerdict.Waiting, EdgeState.Failed => JoinVerdict.Never, _ => verdict };
        }

        return (verdict, edges, trigger);

        StageFacts? Book(string name) => GraphOf(state).IndexOf(name) is >= 0 and var place ? Facts(state.Stages[place]) : null;
    }

    private static EdgeMark? Mark(StageState stage, int edge)
    {
        foreach (var mark in stage.Edges)
        {
            if (mark.Edge == edge)
            {
                return mark;
            }
        }

        return null;
    }

    /// <summary>Once it is over it stays so, or whoever asks what is due next would hear of it again and again while the stage waits for something else.</summary>
    private static void KeepDelay(SimulationDraft draft, int i, int edge, EdgeJudgement judged, TimeSpan delay)
    {
        if (judged.StartsDelay)
        {
            draft.Mark(i, edge, mark => mark with { Since = draft.Now });
        }
        else if (Mark(draft[i], edge) is { Since: { } since, PassedAt: null } && draft.Now - since >= delay)
        {
            draft.Mark(i, edge, mark => mark with { PassedAt = draft.Now });
        }
    }

    /// <summary>
    /// A trigger that waits for a file of whatever stage waits in vain once nothing is left that could write one: all has ended or waits, and neither a time nor a person lets
    /// anything of it go on. Then it never starts, so that the simulation comes to an end (invariant 1).
    /// </summary>
    /// <returns>Whether there was one.</returns>
    private static bool EndVainWaits(SimulationDraft draft)
    {
        var triggered = GraphOf(draft.State).DataTriggered;
        if (triggered.Count == 0 || !draft.State.Stages.All(static stage => stage.IsFinal || stage is { Status: StageStatus.Waiting, Hold: null }))
        {
            return false;
        }

        List<int> vain = [];
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i].IsFinal)
            {
                continue;
            }

            var (verdict, edges, trigger) = Judge(draft.State, i, draft.Now);
            // Where the stages before it let it start, what else of its edges is open decides nothing.
            var deciding = trigger.State == EdgeState.Pending ? [trigger] : edges;
            if (deciding.Any(static edge => edge.State == EdgeState.Pending && (edge.NeedsPerson || edge.DueAt is not null)))
            {
                return false;
            }

            if (verdict == JoinVerdict.Waiting && trigger.State == EdgeState.Pending && draft.DefinitionOf(i).Trigger is { Kind: TriggerKind.Data })
            {
                vain.Add(i);
            }
        }

        foreach (var i in vain)
        {
            Attempts.Finish(draft, i, StageStatus.Skipped, $"no stage is left that could write {draft.DefinitionOf(i).Trigger!.Artifact}");
        }

        return vain.Count > 0;
    }

    /// <summary>Files that a program calls usable are remembered by those that wait for them: the stage itself holds the newest few only, and those of its newest attempt.</summary>
    public static void NoteFiles(SimulationDraft draft, int i, ImmutableArray<Artifact> files)
    {
        var graph = GraphOf(draft.State);
        var facts = new StageFacts { Artifacts = files };
        foreach (var place in graph.FollowersOf(i))
        {
            var after = draft.DefinitionOf(place).After;
            for (var number = 0; number < after.Length; number++)
            {
                if (after[number] is { Condition: DependencyCondition.Artifact, Artifact: { } wanted } && after[number].Stage == draft[i].Name)
                {
                    Note(place, number, wanted);
                }
            }
        }

        foreach (var place in graph.DataTriggered)
        {
            if (draft.DefinitionOf(place).Trigger?.Artifact is { } wanted)
            {
                Note(place, EdgeMark.Trigger, wanted);
            }
        }

        void Note(int place, int edge, string wanted)
        {
            if (draft[place].Status == StageStatus.Waiting && Mark(draft[place], edge)?.MetAt is null && EdgeRules.HasArtifact(facts, wanted))
            {
                draft.Mark(place, edge, mark => mark with { MetAt = draft.Now });
            }
        }
    }

    /// <summary>What let it start stays so, though files go away with the attempt that wrote them, and numbers change.</summary>
    private static void KeepSatisfied(SimulationDraft draft, int i, IReadOnlyList<EdgeJudgement> edges, EdgeJudgement trigger)
    {
        var after = draft.DefinitionOf(i).After;
        for (var number = 0; number < edges.Count; number++)
        {
            if (edges[number].State == EdgeState.Satisfied && after[number] is { When: not null } or { Condition: DependencyCondition.Artifact })
            {
                draft.Mark(i, number, mark => mark with { SatisfiedAt = draft.Now });
            }
        }

        if (trigger.State == EdgeState.Satisfied && draft.DefinitionOf(i).Trigger is { Kind: TriggerKind.Data or TriggerKind.Expression })
        {
            draft.Mark(i, EdgeMark.Trigger, mark => mark with { SatisfiedAt = draft.Now });
        }
    }

    private static void End(SimulationDraft draft)
    {
        var state = draft.State;
        var failed = Enumerable.Range(0, state.Stages.Length).Where(place => state.Stages[place].Status == StageStatus.Failed && !TaskWorkers.IsMadeGood(state, place)).Select(place => state.Stages[place]).FirstOrDefault();
        var (status, kind, reason) = state switch
        {
            { Status: SimulationStatus.Cancelling } => (SimulationStatus.Cancelled, EventKinds.SimulationCancelled, state.Reason ?? "cancelled"),
            _ when failed is not null => (SimulationStatus.Failed, EventKinds.SimulationFailed, $"stage {failed.Name} failed: {failed.Reason}"),

            // It was cancelled, and only a part of it was let go on.
            _ when state.Stages.FirstOrDefault(static stage => stage.Status == StageStatus.Cancelled) is { } cancelled =>
                (SimulationStatus.Cancelled, EventKinds.SimulationCancelled, $"stage {cancelled.Name} stays cancelled; 'rerun' of it lets it go on"),
            _ => (SimulationStatus.Completed, EventKinds.SimulationCompleted, CompletedBecause(state)),
        };
        draft.Set(state with { Status = status, Reason = reason, EndedAt = draft.Now });
        draft.Emit(new()
        {
            Kind = kind,
            Text = $"{SimulationDraft.Name(status)}: {reason}",
            Status = SimulationDraft.Name(status),
            SimulationProgress = Estimates.Progress(draft.State),
            Metrics = draft.State.Metrics,
        });
    }

    private static string CompletedBecause(SimulationState state)
    {
        var others = state.Stages.Where(static stage => stage.Status != StageStatus.Completed).Select(static stage => $"{stage.Name} {EdgeRules.Words(stage.Status)}").ToArray();
        return others.Length == 0 ? "all stages completed" : $"ended; {string.Join(", ", others)}";
    }
}
