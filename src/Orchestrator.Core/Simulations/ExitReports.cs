using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What agents say of the end of an attempt, and of the outputs that it left to publish.</summary>
internal static class ExitReports
{
    public static void Exited(SimulationDraft draft, int i, AttemptReport.Exited report)
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

    public static void Published(SimulationDraft draft, int i, AttemptReport.Published report)
    {
        var stage = draft[i];
        draft.Set(i, stage with
        {
            Outputs = report.Outputs,
            Progress = 1,
            ProgressMax = 1,
            PublishedEpoch = stage.Live is { PublishOnlyEpoch: > 0 } only ? only.PublishOnlyEpoch : stage.Epoch,
            PublishedAfter = stage.RerunAfterEpoch,
        });
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
    public static void PublishingFailed(SimulationDraft draft, int i, AttemptReport report)
    {
        var reason = report is AttemptReport.LaunchRefused refused ? refused.Reason : "the outputs of the completed attempt are gone";
        draft.Set(i, draft[i] with { PublishOnlyEpoch = 0 });
        Attempts.Close(draft, i, AttemptEnd.LaunchRefused, reason, byReport: true);
        Recoveries.Begin(draft, i, new() { Kind = FailureKind.Unknown, Detection = FailureDetection.SystemReport, Explanation = "what it had written is not there any more" }, reason);
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
}
