using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>Which stages may start (invariant 4), which never will, and when the simulation has ended (invariant 1).</summary>
internal static class Readiness
{
    private enum Edge
    {
        Pending,
        Satisfied,
        Never,
    }

    /// <summary>Takes every consequence of the stages' statuses, until there is none left.</summary>
    public static void Settle(SimulationDraft draft)
    {
        if (draft.State.IsFinal)
        {
            return;
        }

        bool changed;
        do
        {
            changed = false;
            for (var i = 0; i < draft.Count; i++)
            {
                changed |= Settle(draft, i);
            }
        }
        while (changed);

        if (draft.State.Status == SimulationStatus.Pausing && draft.State.Stages.All(static stage => stage.Live is null))
        {
            draft.Set(draft.State with { Status = SimulationStatus.Paused });
            draft.Emit(new() { Kind = EventKinds.SimulationPaused, Text = "paused", Status = SimulationDraft.Name(SimulationStatus.Paused) });
        }

        if (draft.State.Stages.All(static stage => stage.IsFinal))
        {
            End(draft);
        }
    }

    /// <summary>Whether a stage may start by what its dependencies say.</summary>
    public static bool MayStart(SimulationState state, int stage) =>
        state.Definition.Stages[stage].After.All(edge => Judge(state, edge) == Edge.Satisfied);

    /// <summary>What a stage waits for, as sentences.</summary>
    public static IEnumerable<string> Waits(SimulationState state, int stage) =>
        from edge in state.Definition.Stages[stage].After
        where Judge(state, edge) == Edge.Pending
        select edge.Condition switch
        {
            DependencyCondition.Failure => $"waits for {edge.Stage} to fail",
            DependencyCondition.End => $"waits for {edge.Stage} to end",
            DependencyCondition.Progress => FormattableString.Invariant($"waits for {edge.Stage} to reach {edge.Progress:P0}"),
            _ => $"waits for {edge.Stage} to complete",
        };

    private static bool Settle(SimulationDraft draft, int i)
    {
        var stage = draft[i];
        if (draft.State.Status == SimulationStatus.Cancelling && stage.Status is StageStatus.Waiting or StageStatus.Backoff or StageStatus.Paused)
        {
            Attempts.Finish(draft, i, StageStatus.Cancelled, "the simulation was cancelled");
            return true;
        }

        if (stage.Status != StageStatus.Waiting)
        {
            return false;
        }

        var edges = draft.DefinitionOf(i).After;
        if (edges.FirstOrDefault(edge => Judge(draft.State, edge) == Edge.Never) is { } broken)
        {
            var other = draft.State.Stages[draft.State.IndexOf(broken.Stage)];
            Attempts.Finish(draft, i, StageStatus.Skipped, $"{broken.Stage} {Words(other.Status)}");
            return true;
        }

        if (!MayStart(draft.State, i))
        {
            return false;
        }

        if (draft.IsHeld)
        {
            draft.Set(i, stage with { Status = StageStatus.Paused });
        }
        else
        {
            Attempts.Open(draft, i);
        }

        return true;
    }

    private static Edge Judge(SimulationState state, Dependency edge)
    {
        var other = state.Stages[state.IndexOf(edge.Stage)];
        var satisfied = edge.Condition switch
        {
            DependencyCondition.Failure => other.HasFailed,
            DependencyCondition.End => other.HasFailed || other.Status == StageStatus.Completed,
            DependencyCondition.Progress => other.Status == StageStatus.Completed || other.ProgressMax >= edge.Progress,
            _ => other.Status == StageStatus.Completed,
        };
        return satisfied ? Edge.Satisfied : other.IsFinal ? Edge.Never : Edge.Pending;
    }

    private static void End(SimulationDraft draft)
    {
        var state = draft.State;
        var failed = state.Stages.FirstOrDefault(static stage => stage.Status == StageStatus.Failed);
        var (status, kind, reason) = state switch
        {
            { Status: SimulationStatus.Cancelling } => (SimulationStatus.Cancelled, EventKinds.SimulationCancelled, state.Reason ?? "cancelled"),
            _ when failed is not null => (SimulationStatus.Failed, EventKinds.SimulationFailed, $"stage {failed.Name} failed: {failed.Reason}"),
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
        var others = state.Stages.Where(static stage => stage.Status != StageStatus.Completed).Select(static stage => $"{stage.Name} {Words(stage.Status)}").ToArray();
        return others.Length == 0 ? "all stages completed" : $"ended; {string.Join(", ", others)}";
    }

    private static string Words(StageStatus status) => status switch
    {
        StageStatus.Completed => "completed",
        StageStatus.Failed => "failed",
        StageStatus.SoftFailed => "failed softly",
        StageStatus.Skipped => "was skipped",
        StageStatus.Cancelled => "was cancelled",
        _ => "has not ended",
    };
}
