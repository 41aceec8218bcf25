using Orchestrator.Core.Events;

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
                StartReports.Started(draft, i, started);
                break;
            case (AttemptReport.Progressed progressed, StageStatus.Starting or StageStatus.Running):
                ProgressReports.Progressed(draft, i, progressed);
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
                ExitReports.Exited(draft, i, exited);
                break;
            case (AttemptReport.LaunchRefused, StageStatus.Publishing):
            case (AttemptReport.Exited, StageStatus.Publishing) when draft[i].Live!.PublishOnlyEpoch > 0:
                ExitReports.PublishingFailed(draft, i, report);
                break;
            case (AttemptReport.Exited, StageStatus.Publishing):
                draft.SetLive(i, draft[i].Live! with { LastInstruction = ReportInstruction.Publish });
                break;
            case (AttemptReport.Published published, StageStatus.Publishing):
                ExitReports.Published(draft, i, published);
                break;
            case (AttemptReport.LaunchRefused refused, StageStatus.Starting):
                StartReports.Refused(draft, i, refused);
                break;
            default:
                // Out of its turn, but in its place among the reports: it is acknowledged and says nothing.
                break;
        }
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
