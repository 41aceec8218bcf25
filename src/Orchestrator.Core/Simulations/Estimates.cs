using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>How long stages take: the baseline as submitted, and what is thought of it since. Every change is kept, so that forecasts can be judged afterwards.</summary>
public static class Estimates
{
    /// <summary>Below this progress an extrapolation says more about start-up than about the stage.</summary>
    private const double ProgressMin = 0.02;

    /// <summary>An estimate that moves by less than this part of the one in force is not worth a record.</summary>
    private const double ChangeMin = 0.1;

    /// <summary>0 to 1: stages by their estimated durations.</summary>
    public static double Progress(SimulationState state)
    {
        if (state.Status == SimulationStatus.Completed)
        {
            return 1;
        }

        double done = 0;
        double whole = 0;
        foreach (var stage in state.Stages)
        {
            whole += stage.Estimate.Ticks;
            done += stage.Estimate.Ticks * (stage.Status is StageStatus.Completed or StageStatus.SoftFailed or StageStatus.Skipped ? 1 : stage.Progress);
        }

        return whole == 0 ? 0 : Math.Min(1, done / whole);
    }

    /// <summary>When everything has ended if nothing waits for nodes: the longest chain of what is left.</summary>
    public static DateTimeOffset ExpectedEnd(SimulationState state, DateTimeOffset now)
    {
        var ends = new DateTimeOffset?[state.Stages.Length];
        var last = now;
        for (var i = 0; i < ends.Length; i++)
        {
            var end = EndOf(state, i, now, ends);
            last = end > last ? end : last;
        }

        return last;
    }

    /// <summary>
    /// How long a stage has run of what counts: what the checkpoint carries that its attempt went on from, and the time since; while it waits, what the checkpoint carries from which it would go on. What was lost,
    /// and what is done again, is not in it.
    /// </summary>
    public static TimeSpan WorkDone(StageState stage, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stage);
        return stage.Live switch
        {
            // It only moves the files of an attempt that is over.
            { PublishOnlyEpoch: > 0 and var epoch } => stage.Recent.LastOrDefault(closed => closed.Epoch == epoch) is { } over ? Ran(over, over.EndedAt ?? now) : TimeSpan.Zero,
            { StartedAt: not null } live => Ran(live, now),
            { } opened => Saved(opened.Restore),
            null => stage.FromBeginning ? TimeSpan.Zero : Saved(CheckpointCatalogue.RestoreOrder(stage)),
        };

        TimeSpan Saved(ImmutableArray<string> names)
        {
            foreach (var name in names)
            {
                if (CheckpointCatalogue.Find(stage, name) is { } record && CheckpointCatalogue.IsRestorable(record))
                {
                    return record.WorkSaved;
                }
            }

            return TimeSpan.Zero;
        }

        static TimeSpan Ran(AttemptState attempt, DateTimeOffset until) => attempt.StartedAt is { } started && until > started ? attempt.WorkBefore + (until - started) : attempt.WorkBefore;
    }

    internal static HistoryDraft Row(SimulationDraft draft, StageDefinition stage, TimeSpan duration, double progress) => new()
    {
        Stage = stage.Name,
        Estimate = new()
        {
            Simulation = draft.State.Definition.Id,
            Stage = stage.Name,
            Made = draft.Now,
            Duration = duration,
            Baseline = stage.EstimatedDuration,
            Progress = progress,
        },
    };

    /// <summary>Extrapolates a running stage from what its checkpoint carried and what it did since.</summary>
    internal static void Reconsider(SimulationDraft draft, int i)
    {
        var stage = draft[i];
        if (stage.Live?.StartedAt is not { } started || stage.Progress < ProgressMin)
        {
            return;
        }

        var estimate = (stage.Live.WorkBefore + (draft.Now - started)) / stage.Progress;
        if (estimate > TimeSpan.Zero && Math.Abs(estimate.Ticks - stage.Estimate.Ticks) > ChangeMin * stage.Estimate.Ticks)
        {
            Change(draft, i, estimate, stage.Progress);
        }
    }

    /// <summary>A stage is complete: what it took is known, over all segments, work that was done again included.</summary>
    internal static void Learn(SimulationDraft draft, int i)
    {
        if (draft[i].Exposure > TimeSpan.Zero)
        {
            Change(draft, i, draft[i].Exposure, progress: 1);
        }
    }

    private static void Change(SimulationDraft draft, int i, TimeSpan estimate, double progress)
    {
        draft.Set(i, draft[i] with { Estimate = estimate });
        draft.Keep(Row(draft, draft.DefinitionOf(i), estimate, progress));
        draft.Emit(i, new()
        {
            Kind = EventKinds.EstimateChanged,
            Text = FormattableString.Invariant($"{draft[i].Name} takes {DurationWords.Of(estimate)} in all, by what is known at {progress:P0}"),
            Progress = progress,
        });
    }

    private static DateTimeOffset EndOf(SimulationState state, int i, DateTimeOffset now, DateTimeOffset?[] ends)
    {
        if (ends[i] is { } known)
        {
            return known;
        }

        var stage = state.Stages[i];
        var end = now;
        if (!stage.IsFinal)
        {
            foreach (var edge in state.Definition.Stages[i].After)
            {
                var before = EndOf(state, Readiness.GraphOf(state).IndexOf(edge.Stage), now, ends);
                end = before > end ? before : end;
            }

            end += stage.Estimate * (1 - stage.Progress);
        }

        ends[i] = end;
        return end;
    }
}
