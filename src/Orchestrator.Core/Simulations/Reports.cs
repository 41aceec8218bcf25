using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What agents say. Only the newest epoch of a stage counts, while it lives (invariant 2).</summary>
internal static class Reports
{
    private const int StaleEpochsMax = 16;

    public static ReportVerdict Judge(SimulationState state, AttemptReport report)
    {
        var i = state.IndexOf(report.Attempt.Stage);
        if (i < 0)
        {
            return ReportVerdict.Stale;
        }

        var stage = state.Stages[i];
        if (stage.Live is { } live && live.Epoch == report.Attempt.Epoch)
        {
            if (report.Sequence <= live.LastReport)
            {
                return ReportVerdict.Repeated;
            }

            return !live.IsGranted || report.Sequence > live.LastReport + 1 ? ReportVerdict.OutOfOrder
                : report.Node == live.Shares[0].Node ? ReportVerdict.Accepted
                : ReportVerdict.Stale;
        }

        return ClosedOf(stage, report) is { } closed && report.Sequence <= closed.LastReport ? ReportVerdict.Repeated : ReportVerdict.Stale;
    }

    public static ReportReply Answer(SimulationState after, AttemptReport report, ReportVerdict verdict) => new()
    {
        Verdict = verdict,
        Instruction = verdict switch
        {
            ReportVerdict.Stale => ReportInstruction.Discard,
            ReportVerdict.OutOfOrder => ReportInstruction.None,
            _ => InstructionOf(after.Stages[after.IndexOf(report.Attempt.Stage)], report),
        },
    };

    public static void Take(SimulationDraft draft, AttemptReport report)
    {
        var verdict = Judge(draft.State, report);
        var i = draft.State.IndexOf(report.Attempt.Stage);
        if (verdict == ReportVerdict.Stale && i >= 0)
        {
            NoteStale(draft, i, report);
        }

        if (verdict != ReportVerdict.Accepted)
        {
            return;
        }

        draft.SetLive(i, draft[i].Live! with { LastReport = report.Sequence, LastInstruction = ReportInstruction.None });
        switch (report, draft[i].Status)
        {
            case (AttemptReport.Started started, StageStatus.Starting):
                Started(draft, i, started);
                break;
            case (AttemptReport.Progressed progressed, StageStatus.Starting or StageStatus.Running):
                Progressed(draft, i, progressed);
                break;
            case (AttemptReport.Checkpointed checkpointed, StageStatus.Starting or StageStatus.Running or StageStatus.Publishing):
                CheckpointCatalogue.Commit(draft, i, checkpointed);
                break;
            case (AttemptReport.Announced announced, _):
                Steering.Announced(draft, i, announced);
                break;
            case (AttemptReport.CheckpointFailed failed, StageStatus.Starting or StageStatus.Running or StageStatus.Publishing):
                CheckpointCatalogue.Fail(draft, i, failed);
                break;
            case (AttemptReport.UsesMore more, StageStatus.Starting or StageStatus.Running):
                Excesses.Note(draft, i, more);
                break;
            case (AttemptReport.Verified verified, _):
                CheckpointCatalogue.Verified(draft, i, verified);
                break;
            case (AttemptReport.Exited exited, StageStatus.Starting or StageStatus.Running):
                Exited(draft, i, exited);
                break;
            case (AttemptReport.LaunchRefused, StageStatus.Publishing):
            case (AttemptReport.Exited, StageStatus.Publishing) when draft[i].Live!.PublishOnlyEpoch > 0:
                PublishingFailed(draft, i, report);
                break;
            case (AttemptReport.Exited, StageStatus.Publishing):
                draft.SetLive(i, draft[i].Live! with { LastInstruction = ReportInstruction.Publish });
                break;
            case (AttemptReport.Published published, StageStatus.Publishing):
                Published(draft, i, published);
                break;
            case (AttemptReport.LaunchRefused refused, StageStatus.Starting):
                LaunchRefused(draft, i, refused);
                break;
            default:
                // Out of its turn, but in its place among the reports: it is acknowledged and says nothing.
                break;
        }
    }

    private static void Started(SimulationDraft draft, int i, AttemptReport.Started report)
    {
        foreach (var name in report.Damaged)
        {
            CheckpointCatalogue.Damage(draft, i, name);
        }

        foreach (var name in report.Unreadable)
        {
            CheckpointCatalogue.PassOver(draft, i, name, report.Node);
        }

        CheckpointCatalogue.Restored(draft, i, report.Restored);
        var stage = draft[i];
        var restored = CheckpointCatalogue.Find(stage, report.Restored);
        // What tasks have ended stays so, whoever works on: their number is the step, and none comes again.
        var kept = restored is null && draft.DefinitionOf(i).Tasks is not null ? stage.Step : -1;
        var again = kept >= 0 ? 0 : Again(stage, restored?.Step);
        var live = stage.Live! with
        {
            StartedAt = draft.Now,
            Restored = restored?.Name,
            FirstStep = restored?.Step ?? kept,
            LastStep = restored?.Step ?? kept,
            WorkBefore = restored?.WorkSaved ?? TimeSpan.Zero,
            LastProgressAt = draft.Now,
            CheckpointProgress = restored is null ? 0 : restored.Progress >= 0 ? restored.Progress : stage.Progress,
            PreviewProgress = restored is null ? 0 : restored.Progress >= 0 ? restored.Progress : stage.Progress,
        };
        draft.Set(i, stage with
        {
            Status = StageStatus.Running,
            Live = live,
            StartedAt = stage.StartedAt ?? draft.Now,
            Step = restored?.Step ?? kept,
            Progress = restored is null ? (kept >= 0 ? stage.Progress : 0) : restored.Progress >= 0 ? restored.Progress : stage.Progress,
            StepsAgain = stage.StepsAgain + again,
            Avoid = [],
            IsRefusedEverywhere = false,
            Artifacts = [],
        });
        if (draft.State.StartedAt is null)
        {
            draft.Set(draft.State with { StartedAt = draft.Now });
        }

        if (draft.State.Status == SimulationStatus.Pending)
        {
            draft.Set(draft.State with { Status = SimulationStatus.Running });
        }

        draft.Emit(i, new()
        {
            Kind = EventKinds.StageStarted,
            Text = kept >= 0 ? $"{stage.Name} goes on with its tasks on {report.Node}" : StartedText(stage, live, restored?.Step, again),
            Node = report.Node,
            Checkpoint = restored?.Name,
            Step = restored is { Step: >= 0 } ? restored.Step : null,
            StepsAgain = stage.AttemptsMade > 1 ? again : null,
            Progress = draft[i].Progress,
        });
        Recoveries.Succeed(draft, i);
        RunRetention.Sweep(draft, i);
    }

    /// <summary>Steps that were reported before, and come again from the restored one; unknown steps count none.</summary>
    private static long Again(StageState stage, long? restoredStep) =>
        stage.Step < 0 || restoredStep is < 0 ? 0 : Math.Max(0, stage.Step - (restoredStep ?? 0));

    private static string StartedText(StageState stage, AttemptState live, long? restoredStep, long again)
    {
        var node = live.Shares[0].Node;
        var text = (live.Restored, restoredStep) switch
        {
            (null, _) when stage.AttemptsMade <= 1 => $"{stage.Name} started on {node}",
            (null, _) => $"{stage.Name} started again from the beginning on {node}",
            (_, >= 0) => $"{stage.Name} restored step {SimulationDraft.Number(restoredStep!.Value)} on {node}",
            _ => $"{stage.Name} restored {live.Restored} on {node}",
        };
        return again == 0 ? text : $"{text}; {SimulationDraft.Number(again)} steps again";
    }

    private static void Progressed(SimulationDraft draft, int i, AttemptReport.Progressed report)
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

    private static void Exited(SimulationDraft draft, int i, AttemptReport.Exited report)
    {
        var verdict = ExitRules.Judge(draft.DefinitionOf(i), report);
        var stage = draft[i];
        if (verdict.End is AttemptEnd.Preempted or AttemptEnd.Maintenance && stage.Live!.StopFor is { Length: > 0 } whom)
        {
            // Who asks later why it left finds it here, when the cluster has long forgotten.
            verdict = verdict with { Reason = $"{verdict.Reason}; it made way for {whom}" };
        }

        // Its lead knows of its own node alone.
        var hasOthers = stage.Live!.Shares.Length > 1;
        var progress = report.Progress >= 0 ? Math.Min(report.Progress, 1) : stage.Progress;
        stage = stage with
        {
            Progress = progress,
            ProgressMax = Math.Max(stage.ProgressMax, progress),
            ExitStatus = report.ExitStatus,
            Live = stage.Live! with { ExitStatus = report.ExitStatus, Use = report.Use },
        };
        switch (verdict.Meaning)
        {
            case ExitMeaning.Success:
                draft.Set(i, stage with
                {
                    Status = StageStatus.Publishing,
                    Reason = "its outputs are being published",
                    Live = stage.Live with { LastInstruction = ReportInstruction.Publish },
                });
                break;
            case ExitMeaning.Continue:
                draft.Set(i, stage with { FruitlessEnds = Attempts.IsFruitless(draft, stage, verdict.End) ? stage.FruitlessEnds + 1 : 0 });
                Attempts.Close(draft, i, verdict.End, verdict.Reason, byReport: true, mayRun: hasOthers);
                if (verdict.End == AttemptEnd.NodeLost)
                {
                    Recoveries.Note(draft, i, Diagnose(draft, i, report), verdict.Reason);
                }

                if (verdict.End == AttemptEnd.Preempted && stage.Live.Migrates)
                {
                    draft.Set(i, draft[i] with { Avoid = [.. draft[i].Avoid.Union(stage.Live.Shares.Select(static share => share.Node))] });
                }

                Attempts.GoOnAfterLeaving(draft, i, verdict.Reason);
                break;
            case ExitMeaning.SoftFail:
                draft.Set(i, stage);
                Attempts.Close(draft, i, verdict.End, verdict.Reason, byReport: true, mayRun: hasOthers);
                Recoveries.Note(draft, i, Diagnose(draft, i, report), verdict.Reason);
                Attempts.Finish(draft, i, StageStatus.SoftFailed, verdict.Reason);
                break;
            case ExitMeaning.HardFail:
                draft.Set(i, stage);
                Attempts.Close(draft, i, verdict.End, verdict.Reason, byReport: true, mayRun: hasOthers);
                Recoveries.Note(draft, i, Diagnose(draft, i, report), verdict.Reason);
                Attempts.Finish(draft, i, StageStatus.Failed, verdict.Reason);
                break;
            default:
                var isExcess = verdict.Cause == ExitRules.ExcessCause;
                var diagnosis = isExcess ? Excesses.Diagnose(stage.Live) : Diagnose(draft, i, report);
                draft.Set(i, stage with
                {
                    FromBeginning = verdict.Meaning == ExitMeaning.Retry,
                    // A file server that fails says nothing against the checkpoint that was just loaded, or about to be written.
                    Failure = isExcess || FailureKinds.IsOfSurroundings(diagnosis.Kind) ? stage.Failure : CheckpointCatalogue.Again(stage, verdict.Cause, atLeast: 0),
                });
                Attempts.Close(draft, i, verdict.End, verdict.Reason, byReport: true, mayRun: hasOthers);
                Recoveries.Begin(draft, i, diagnosis, verdict.Reason);
                break;
        }
    }

    /// <summary>What it died of, by all that is known of its end.</summary>
    private static FailureDiagnosis Diagnose(SimulationDraft draft, int i, AttemptReport.Exited report) => FailureClassifier.Of(new()
    {
        ExitStatus = report.ExitStatus,
        Signal = report.Signal,
        Words = report.LastWords,
        MemoryPeak = report.Use.PeakMemory,
        MemoryLimit = (draft[i].Resources ?? draft.DefinitionOf(i).Resources).MemoryPerNode,
        NodeGone = report is { ExitStatus: null, Signal: null },
        OutputsMissing = !report.MissingOutputs.IsEmpty,
    });

    /// <summary>The newest word on each file; of too many files those that were heard of last.</summary>
    private static ImmutableArray<Artifact> Merge(ImmutableArray<Artifact> known, ImmutableArray<Artifact> said)
    {
        ImmutableArray<Artifact> all = [.. known.Where(artifact => !said.Any(newer => newer.Path == artifact.Path)), .. said];
        return all.Length > StageState.ArtifactsMax ? all[^StageState.ArtifactsMax..] : all;
    }

    private static void Published(SimulationDraft draft, int i, AttemptReport.Published report)
    {
        draft.Set(i, draft[i] with { Outputs = report.Outputs, Progress = 1, ProgressMax = 1 });
        Attempts.Close(draft, i, AttemptEnd.Completed, "completed", byReport: true);
        Estimates.Learn(draft, i);
        Attempts.Finish(draft, i, StageStatus.Completed, report.Outputs.Length switch
        {
            0 => "completed",
            1 => "completed; 1 output published",
            var count => FormattableString.Invariant($"completed; {count} outputs published"),
        });
    }

    /// <summary>What was left to publish is not there any more: the stage has to run again, at the cost of a retry so that this ends.</summary>
    private static void PublishingFailed(SimulationDraft draft, int i, AttemptReport report)
    {
        var reason = report is AttemptReport.LaunchRefused refused ? refused.Reason : "the outputs of the completed attempt are gone";
        draft.Set(i, draft[i] with { PublishOnlyEpoch = 0 });
        Attempts.Close(draft, i, AttemptEnd.LaunchRefused, reason, byReport: true);
        Recoveries.Begin(draft, i, new() { Kind = FailureKind.Unknown, Detection = FailureDetection.SystemReport, Explanation = "what it had written is not there any more" }, reason);
    }

    private static void LaunchRefused(SimulationDraft draft, int i, AttemptReport.LaunchRefused report)
    {
        if (report.NodeAtFault && !draft[i].Avoid.Contains(report.Node))
        {
            draft.Set(i, draft[i] with { Avoid = draft[i].Avoid.Add(report.Node) });
        }

        var reason = $"{report.Node} could not launch it: {report.Reason}";
        Attempts.Close(draft, i, AttemptEnd.LaunchRefused, reason, byReport: true);
        var kind = FailureClassifier.OfMessage(report.Reason);
        Recoveries.Begin(
            draft,
            i,
            new()
            {
                Kind = kind != FailureKind.Unknown ? kind : report.NodeAtFault ? FailureKind.NodeDegraded : FailureKind.ProcessCrash,
                Detection = FailureDetection.SystemReport,
                Explanation = report.NodeAtFault ? "its node could not launch it" : "it cannot be launched",
                NodeAtFault = report.NodeAtFault,
            },
            reason);
    }

    /// <summary>Recorded once per epoch, so that an agent that does not listen fills no log.</summary>
    private static void NoteStale(SimulationDraft draft, int i, AttemptReport report)
    {
        var stage = draft[i];
        var epoch = report.Attempt.Epoch;
        if (stage.StaleEpochs.Contains(epoch))
        {
            return;
        }

        var epochs = stage.StaleEpochs.Add(epoch);
        draft.Set(i, stage with { StaleEpochs = epochs.Count > StaleEpochsMax ? epochs.Remove(epochs.Min) : epochs });
        draft.Emit(i, new()
        {
            Kind = EventKinds.ReportStale,
            Text = FormattableString.Invariant($"{stage.Name}: a report of epoch {epoch} came from {report.Node} and changed nothing; the newest epoch is {stage.Epoch}"),
            Epoch = epoch,
            Node = report.Node,
        });
    }

    private static ReportInstruction InstructionOf(StageState stage, AttemptReport report)
    {
        var attempt = stage.Live is { } live && live.Epoch == report.Attempt.Epoch ? live : ClosedOf(stage, report);
        return attempt is null ? ReportInstruction.Discard
            : attempt.LastInstruction == ReportInstruction.Discard || attempt.LastReport == report.Sequence ? attempt.LastInstruction
            : ReportInstruction.None;
    }

    private static AttemptState? ClosedOf(StageState stage, AttemptReport report) => stage.Recent.LastOrDefault(closed => closed.Epoch == report.Attempt.Epoch);
}
