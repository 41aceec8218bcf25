using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Simulations;

/// <summary>What agents say while an attempt runs: how far it is, what it measures, which files it made.</summary>
internal static class ProgressReports
{
    public static void Progressed(SimulationDraft draft, int i, AttemptReport.Progressed report)
    {
        var stage = draft[i];
        var progress = report.Progress is { } said && !double.IsNaN(said) ? Math.Clamp(said, 0, 1) : stage.Progress;
        var step = report.Step ?? stage.Step;
        var moved = step != stage.Step || progress != stage.Progress;
        if (report is { Progress: null, Step: null, Metrics.IsEmpty: true, Artifacts.IsEmpty: true, Previews.IsEmpty: true })
        {
            // It writes, and says nothing: a sign of life, and nothing that anybody waits for.
            draft.NoteLive(i, stage.Live! with { Use = report.Use ?? stage.Live!.Use, GrownAt = draft.Now });
            return;
        }

        draft.Set(i, stage with
        {
            Progress = progress,
            ProgressMax = Math.Max(stage.ProgressMax, progress),
            Step = step,
            // What lies in a time in which nobody watched says nothing of the program.
            Pace = moved && stage.Live!.LastProgressAt is { } before && before >= draft.Policy.WatchedSince ? stage.Pace.After(draft.Now - before) : stage.Pace,
            Metrics = MergeMetrics(stage.Metrics, report.Metrics, StageState.MetricsMax),
            Artifacts = report.Artifacts.IsEmpty ? stage.Artifacts : Merge(stage.Artifacts, report.Artifacts),
            // What has got past the place of the failure is over it.
            Failure = stage.Failure is { Step: >= 0 } failure && step > failure.Step ? null : stage.Failure,
            Live = stage.Live! with
            {
                LastStep = step,
                Use = report.Use ?? stage.Live!.Use,
                LastProgressAt = moved ? draft.Now : stage.Live!.LastProgressAt,
                IsStallNoted = !moved && stage.Live!.IsStallNoted,
            },
        });
        draft.Set(draft.State with { Metrics = MergeMetrics(draft.State.Metrics, report.Metrics, SimulationState.MetricsMax) });
        CheckpointCatalogue.ProveByProgress(draft, i);
        Estimates.Reconsider(draft, i);
        draft.Emit(i, new()
        {
            Kind = EventKinds.StageProgressed,
            Text = step >= 0
                ? FormattableString.Invariant($"{stage.Name} at step {step:N0}, {progress:P1}")
                : FormattableString.Invariant($"{stage.Name} at {progress:P1}"),
            Node = report.Node,
            Progress = progress,
            SimulationProgress = Estimates.Progress(draft.State),
            Step = step < 0 ? null : step,
            Metrics = report.Metrics.IsEmpty ? null : report.Metrics,
        });
        CheckpointTiming.Progressed(draft, i);
        PreviewTiming.Made(draft, i, report);
        if (!report.Artifacts.IsEmpty)
        {
            Readiness.NoteFiles(draft, i, report.Artifacts);
            CheckpointTiming.Happened(draft, i, CheckpointEvent.Artifact);
        }
    }

    /// <summary>Newest values; of too many names those that were heard of first.</summary>
    private static ImmutableSortedDictionary<string, double> MergeMetrics(ImmutableSortedDictionary<string, double> metrics, ImmutableSortedDictionary<string, double> said, int most)
    {
        foreach (var (name, value) in said)
        {
            if (metrics.ContainsKey(name) || metrics.Count < most)
            {
                metrics = metrics.SetItem(name, value);
            }
        }

        return metrics;
    }

    /// <summary>The newest word on each file; of too many files those that were heard of last.</summary>
    private static ImmutableArray<Artifact> Merge(ImmutableArray<Artifact> known, ImmutableArray<Artifact> said)
    {
        ImmutableArray<Artifact> all = [.. known.Where(artifact => !said.Any(newer => newer.Path == artifact.Path)), .. said];
        return all.Length > StageState.ArtifactsMax ? all[^StageState.ArtifactsMax..] : all;
    }
}
