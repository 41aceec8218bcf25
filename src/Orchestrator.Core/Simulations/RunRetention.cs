using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// Which files of attempts that are over are not needed any more. Nothing is removed of an attempt that lives, whose outputs are still to be published, or that may still run somewhere:
/// the last of these the cluster is asked right before (see <see cref="SimulationEffect.ClearRun"/>).
/// </summary>
internal static class RunRetention
{
    /// <summary>So many of the newest run directories stay, of a stage whose outputs are published or carried over. Where none are declared its files are nowhere else, and all stay.</summary>
    public const int RunsDefault = 2;

    /// <summary>Logs tell what went wrong, and are small as a rule: they stay longer.</summary>
    public const int LogsDefault = 20;

    /// <summary>The attempt that was just closed has left files, where it had nodes and did more than to publish those of another one.</summary>
    public static void Closed(SimulationDraft draft, int i, AttemptState closed)
    {
        if (!closed.IsGranted || closed.PublishOnlyEpoch > 0)
        {
            return;
        }

        var runs = draft[i].Runs.Add(new() { Epoch = closed.Epoch });
        draft.Set(i, draft[i] with { Runs = runs.Length > KeptRun.KnownMax ? runs.RemoveRange(0, runs.Length - KeptRun.KnownMax) : runs });
    }

    /// <summary>Looks at all of a stage, and owes the removal of what is not needed.</summary>
    public static void Sweep(SimulationDraft draft, int i)
    {
        for (var at = 0; at < draft[i].Runs.Length; at++)
        {
            var run = draft[i].Runs[at];
            var keep = KeepOf(draft.State, i, at);
            if (keep > run.Files)
            {
                Owe(draft, new() { Attempt = draft.AttemptOf(i, run.Epoch), Keep = keep });
            }
        }
    }

    /// <summary>A person needs the room: only logs stay of all that <see cref="Held"/> does not hold, of attempts that nobody kept count of, too.</summary>
    public static void Clean(SimulationDraft draft, int i, bool all)
    {
        var stage = draft[i];
        var held = Held(draft.State, i).Where(one => !all || !one.IsNewest).Select(static one => one.Epoch).ToHashSet();
        for (var epoch = Math.Max(1, stage.Epoch - KeptRun.KnownMax + 1); epoch <= stage.Epoch; epoch++)
        {
            if (!held.Contains(epoch) && !stage.Runs.Any(run => run.Epoch == epoch && run.Files >= RunFiles.Logs))
            {
                Owe(draft, new() { Attempt = draft.AttemptOf(i, epoch), Keep = RunFiles.Logs });
            }
        }
    }

    /// <summary>The run directories that <see cref="Clean"/> leaves alone.</summary>
    public static ImmutableArray<HeldRun> Held(SimulationState state, int i)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        if (definition.Tasks is not null)
        {
            return [.. Enumerable.Range(Math.Max(1, stage.Epoch - KeptRun.KnownMax + 1), Math.Min(stage.Epoch, KeptRun.KnownMax)).Select(static epoch => new HeldRun { Epoch = epoch, Why = "what its tasks wrote is there" })];
        }

        var held = new SortedDictionary<int, HeldRun>();
        foreach (var epoch in definition.Appends.IsDefaultOrEmpty || stage.Status == StageStatus.Completed ? [] : stage.Checkpoints.Where(CheckpointCatalogue.IsRestorable).Select(static record => record.Attempt.Epoch))
        {
            held[epoch] = new() { Epoch = epoch, Why = "a restart from one of its checkpoints goes on with its files" };
        }

        foreach (var shown in stage.Previews)
        {
            held.TryAdd(shown.Epoch, new() { Epoch = shown.Epoch, Why = "previews that it made are there", IsNewest = stage.IsFinal });
        }

        var newest = stage.Live is { IsGranted: true } live ? live.Epoch : stage.Runs is [.., var last] ? last.Epoch : stage.Epoch;
        held.TryAdd(newest, new() { Epoch = newest, Why = "it is the newest of the stage", IsNewest = stage.IsFinal });
        foreach (var (epoch, why) in InUse(stage))
        {
            held[epoch] = new() { Epoch = epoch, Why = why };
        }

        return [.. held.Values.Where(static one => one.Epoch > 0)];
    }

    /// <summary>
    /// Whether the files that the stage only appends to are still there, as a restart from the checkpoint needs them: in the run directory of the attempt that made it, or published. Of an
    /// attempt that nobody kept count of they are taken to be there: whoever restores looks.
    /// </summary>
    public static bool HasAppendsOf(SimulationState state, int i, CheckpointRecord record)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        // What was published of its run is still there when a later attempt of that run failed: only the next outputs take its place.
        var isInResults = stage.PublishedEpoch == 0 ? stage.Status == StageStatus.Completed : record.Attempt.Epoch <= stage.PublishedEpoch && record.Attempt.Epoch > stage.PublishedAfter;
        if (definition.Appends.IsDefaultOrEmpty || (isInResults && definition.Appends.All(appended => IsPublished(definition, appended))))
        {
            return true;
        }

        return stage.Runs.All(run => run.Epoch != record.Attempt.Epoch || run.Files < RunFiles.Logs)
            && state.Clearings.All(clearing => clearing.Attempt != record.Attempt || clearing.Keep < RunFiles.Logs);
    }

    /// <summary>The state once files were removed, or could not be: those are looked at again when something else happens to the stage.</summary>
    public static SimulationState Cleared(SimulationState state, RunClearing clearing, bool isDone)
    {
        state = state with { Clearings = state.Clearings.Remove(clearing) };
        var i = state.IndexOf(clearing.Attempt.Stage);
        if (!isDone || i < 0 || state.Stages[i].Runs.FirstOrDefault(run => run.Epoch == clearing.Attempt.Epoch) is not { } known || known.Files >= clearing.Keep)
        {
            return state;
        }

        var stage = state.Stages[i];
        return state with
        {
            Stages = state.Stages.SetItem(i, stage with
            {
                Runs = clearing.Keep == RunFiles.Traces ? stage.Runs.Remove(known) : stage.Runs.Replace(known, known with { Files = clearing.Keep }),
            }),
        };
    }

    /// <summary>What stays of one: of those that are not the newest, once the stage is complete, or a newer attempt has a checkpoint that is known to work.</summary>
    private static RunFiles KeepOf(SimulationState state, int i, int at)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        var epoch = stage.Runs[at].Epoch;
        if (InUse(stage).Any(used => used.Epoch == epoch))
        {
            return RunFiles.All;
        }

        var isSurpassed = stage.Status == StageStatus.Completed || stage.Checkpoints.Any(record => record.Status == CheckpointStatus.Proven && record.Attempt.Epoch > epoch);
        var isCarriedOn = !definition.Appends.IsDefaultOrEmpty && stage.Status != StageStatus.Completed && stage.Checkpoints.Any(record => CheckpointCatalogue.IsRestorable(record) && record.Attempt.Epoch == epoch);
        var isShown = stage.Previews.Any(shown => shown.Epoch == epoch);
        var place = stage.Runs.Length - at;
        return !isSurpassed || isCarriedOn || isShown || place <= RunsOf(definition) ? RunFiles.Finished
            : place <= LogsOf(definition) ? RunFiles.Logs
            : RunFiles.Traces;
    }

    private static bool IsPublished(StageDefinition definition, string file) =>
        !definition.Outputs.IsDefaultOrEmpty && definition.Outputs.Any(output => file == output || file.StartsWith(output.TrimEnd('/') + "/", StringComparison.Ordinal));

    private static int RunsOf(StageDefinition definition) => definition switch
    {
        { Tasks: not null } or { KeepRuns: < 0 } => int.MaxValue,
        { KeepRuns: { } declared } => declared,
        _ => definition.Outputs.IsDefaultOrEmpty && definition.Appends.IsDefaultOrEmpty ? int.MaxValue : RunsDefault,
    };

    private static int LogsOf(StageDefinition definition) => definition.KeepLogs is { } declared ? declared < 0 ? int.MaxValue : declared : LogsDefault;

    private static IEnumerable<(int Epoch, string Why)> InUse(StageState stage)
    {
        if (stage.Live is { } live)
        {
            yield return (live.Epoch, "it is not over");
            if (live.PublishOnlyEpoch > 0)
            {
                yield return (live.PublishOnlyEpoch, "its outputs are being published");
            }
        }

        if (stage.PublishOnlyEpoch > 0)
        {
            yield return (stage.PublishOnlyEpoch, "its outputs are to be published");
        }

        if (stage.AwaitsDeath is { } lost)
        {
            yield return (lost.Epoch, "it was lost and may still run");
        }
    }

    private static void Owe(SimulationDraft draft, RunClearing clearing)
    {
        var clearings = draft.State.Clearings;
        if (clearings.FirstOrDefault(other => other.Attempt == clearing.Attempt) is not { } known)
        {
            draft.Set(draft.State with { Clearings = clearings.Add(clearing) });
        }
        else if (known.Keep < clearing.Keep)
        {
            draft.Set(draft.State with { Clearings = clearings.Replace(known, clearing) });
        }
    }
}
