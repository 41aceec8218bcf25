using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Simulations;

/// <summary>What agents say of the beginning of an attempt: it runs, or could not be launched.</summary>
internal static class StartReports
{
    public static void Started(SimulationDraft draft, int i, AttemptReport.Started report)
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

    public static void Refused(SimulationDraft draft, int i, AttemptReport.LaunchRefused report)
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
}
