using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Simulations;

/// <content>
/// A stage that goes on from one of its checkpoints by order: after it failed, was cancelled or completed wrongly, or on purpose while it runs. Nothing of its checkpoints is lost by that: newer
/// ones than the one it goes on from are passed over until somebody names one of them, and go when retention says so.
/// </content>
internal static partial class Steering
{
    private const int CheckpointsTold = 5;

    private static bool GoesOn(StageOrder order) => order.FromCheckpoint || order.Checkpoint is not null;

    /// <summary>The one of that name, of whatever run; without a name the newest of the present run that can be restored whole; null: there is none.</summary>
    private static CheckpointRecord? TargetOf(SimulationState state, int i, string? name) => name is not null
        ? CheckpointCatalogue.Find(state.Stages[i], name)
        : state.Stages[i].Checkpoints.LastOrDefault(record => CheckpointCatalogue.MayRestore(state.Stages[i], record) && RunRetention.HasAppendsOf(state, i, record));

    /// <summary>What speaks against going on from it, with what could be gone on from instead; null: nothing does.</summary>
    private static string? OfCheckpoint(SimulationState state, int i, string? name)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        if (definition.Tasks is not null)
        {
            return $"checkpoint: {stage.Name} works on tasks, and has no checkpoints; tasks that completed are kept when those that failed are tried again.";
        }

        return (name, TargetOf(state, i, name)) switch
        {
            (null, null) => $"checkpoint: no checkpoint of the present run of {stage.Name} can be restored; {Restorable(state, i)}.",
            (_, null) => $"checkpoint: there is no '{name}' of {stage.Name}; {Restorable(state, i)}.",
            (not null, { } record) when !CheckpointCatalogue.IsRestorable(record) => $"checkpoint: {name} is {SimulationDraft.Name(record.Status)}; {Restorable(state, i)}.",
            (not null, { } record) when !RunRetention.HasAppendsOf(state, i, record) => FormattableString.Invariant(
                $"checkpoint: to go on from {name} takes what epoch {record.Attempt.Epoch} had appended to {string.Join(", ", definition.Appends)}, and its run directory was removed; {Restorable(state, i)}."),
            _ => null,
        };
    }

    /// <summary>Which can be named, the newest first, as the end of a sentence.</summary>
    private static string Restorable(SimulationState state, int i)
    {
        string[] names = [.. state.Stages[i].Checkpoints.Where(record => CheckpointCatalogue.IsRestorable(record) && RunRetention.HasAppendsOf(state, i, record)).Select(static record => record.Name).Reverse()];
        return names.Length == 0 ? $"there is none that could be: 'rerun' without a checkpoint begins {state.Stages[i].Name} anew" : $"{Named(names)} can be named";
    }

    private static void EmitGoingOn(SimulationDraft draft, int i, CheckpointRecord target, StageOrder order)
    {
        var newer = draft[i].Checkpoints.Skip(draft[i].Checkpoints.IndexOf(target) + 1).Count(CheckpointCatalogue.IsRestorable);
        var passedOver = newer == 0 ? "" : FormattableString.Invariant($"; {newer} newer {(newer == 1 ? "one is" : "ones are")} passed over");
        draft.Emit(i, new()
        {
            Kind = EventKinds.StageRerun,
            Text = $"{draft[i].Name} {Said($"goes on from checkpoint {target.Name}", order)}{passedOver}",
            Checkpoint = target.Name,
            Step = target.Step < 0 ? null : target.Step,
        });
    }

    /// <summary>The stage once nothing of it lives: as after an interruption, with all its tries before it and with nothing of what it had come to.</summary>
    private static StageState GoingOn(StageState stage, CheckpointRecord target)
    {
        var at = stage.Checkpoints.IndexOf(target);
        var progress = target.Progress >= 0 ? target.Progress : stage.Status == StageStatus.Completed ? 0 : stage.Progress;
        return stage with
        {
            Status = StageStatus.Waiting,
            Reason = null,
            EndedAt = null,
            BackoffUntil = null,
            Checkpoints = [.. stage.Checkpoints.Select((record, place) => place < at || !CheckpointCatalogue.IsRestorable(record) ? record : record with { PassedOver = place > at })],

            // Named out of a former run, it brings back what its own attempt had saved before it, and nothing older: that may be of yet another run.
            RerunAfterEpoch = target.Attempt.Epoch > stage.RerunAfterEpoch ? stage.RerunAfterEpoch : target.Attempt.Epoch - 1,
            FromBeginning = false,
            PublishOnlyEpoch = 0,
            Progress = progress,
            ProgressMax = progress,
            Outputs = [],
            ExitStatus = null,
            Failure = null,
            RetriesUsed = 0,
            WaitsUsed = 0,
            TriedStep = -1,
            TriedProgress = 0,
            TriedWork = TimeSpan.Zero,
            TriesAfterEpoch = stage.Epoch,
            ExposureBefore = stage.Exposure,
            FruitlessEnds = 0,
            Avoid = [],
            IsRefusedEverywhere = false,
            IsSkippedByOrder = false,
            AwaitsDeath = stage.AwaitsDeath is null ? null : stage.AwaitsDeath with { Look = true },
        };
    }

    private static string Named(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(CheckpointsTold)) + (names.Count > CheckpointsTold ? FormattableString.Invariant($" and {names.Count - CheckpointsTold} more") : "");
}
