using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Rendering;

namespace Orchestrator.Core.Simulations;

/// <summary>What holds of every state that the machine made.</summary>
internal static class Sanity
{
    public static IReadOnlyList<string> Check(SimulationState state)
    {
        List<string> wrong = [];
        if (state.Status == SimulationStatus.Absent)
        {
            return wrong;
        }

        Expect(wrong, state.Stages.Length == state.Definition.Stages.Length, "the stages are those of the definition");
        Expect(wrong, state.IsFinal == state.Stages.All(static stage => stage.IsFinal), "it has ended exactly when all its stages have");
        Expect(wrong, !state.IsFinal || (state.EndedAt is not null && !string.IsNullOrEmpty(state.Reason)), "an end has a time and a reason (invariant 1)");
        Expect(wrong, state.Status != SimulationStatus.Paused || state.Stages.All(static stage => stage.Live is null), "nothing lives while it is paused");
        Expect(wrong, state.Status is not (SimulationStatus.Pending or SimulationStatus.Running) || state.Stages.All(static stage => stage.Status != StageStatus.Paused), "nothing is held while it is not paused");
        for (var place = 0; place < state.Outbox.Length; place++)
        {
            Expect(wrong, state.Outbox[place].Sequence == state.EventSequence - state.Outbox.Length + 1 + place, "events are numbered without gaps (invariant 9)");
        }

        for (var i = 0; i < state.Stages.Length; i++)
        {
            CheckStage(wrong, state, i);
        }

        return wrong;
    }

    private static void CheckStage(List<string> wrong, SimulationState state, int i)
    {
        var stage = state.Stages[i];
        var name = stage.Name;
        var mayLive = stage.Status is StageStatus.Queued or StageStatus.Starting or StageStatus.Running or StageStatus.Publishing;
        Expect(wrong, mayLive == stage.Live is not null, $"{name}: an attempt lives exactly while the stage is at work");
        Expect(wrong, stage.Live is null || stage.Live.Epoch == stage.Epoch, $"{name}: the live attempt has the newest epoch (invariant 2)");
        Expect(wrong, stage.Live is null || stage.Live.IsGranted == (stage.Status != StageStatus.Queued), $"{name}: it holds nodes exactly when it is not queued");
        Expect(wrong, stage.Live is null || !state.Releases.Any(attempt => attempt.Stage == name && attempt.Epoch == stage.Epoch), $"{name}: the lease of the live attempt is not given back");
        Expect(wrong, stage.Live is null || Readiness.MayStart(state, i), $"{name}: it started only when its dependencies were satisfied (invariant 4)");
        Expect(wrong, !state.Clearings.Any(clearing => clearing.Attempt.Stage == name && (clearing.Attempt.Epoch == stage.Live?.Epoch || clearing.Attempt.Epoch == stage.Live?.PublishOnlyEpoch || clearing.Attempt.Epoch == stage.AwaitsDeath?.Epoch)), $"{name}: nothing is removed of an attempt that lives or may live");
        Expect(wrong, stage.Recent.Length <= StageState.RecentMax, $"{name}: few closed attempts are held");
        Expect(wrong, stage.Recent.All(static attempt => attempt.End != AttemptEnd.Absent), $"{name}: closed attempts have an end");
        Expect(wrong, stage.Status != StageStatus.Backoff || stage.BackoffUntil is not null || stage.AwaitsDeath is not null, $"{name}: it waits for something");
        Expect(wrong, !stage.IsFinal || stage.EndedAt is not null, $"{name}: an end has a time");
        Expect(wrong, !stage.IsFinal || stage.AwaitsDeath is null or { IsReleased: true }, $"{name}: what has ended gives its leases back");
        Expect(wrong, stage.RetriesUsed <= state.Definition.Stages[i].Retry.RetriesMax + CheckpointCatalogue.GoingBackMax, $"{name}: no more retries than allowed, and ways further back");
        Expect(wrong, stage.Live is not { StartedAt: null } || stage.Live.Restore.All(item => CheckpointCatalogue.Find(stage, item) is not null), $"{name}: what an attempt may restore is kept (invariant 6)");
        Expect(wrong, stage.Previews.Length <= PreviewRegistry.Max && stage.Previews.Length <= stage.PreviewsMade, $"{name}: few previews are held");
        Expect(wrong, stage.Live is not { } asked || (asked.PreviewOrderSent <= asked.PreviewOrder && asked.PreviewAnswered <= asked.PreviewOrder), $"{name}: only what was ordered is sent, and answered");
        Expect(wrong, stage.Checkpoints.Select(static record => record.Name).Distinct(StringComparer.Ordinal).Count() == stage.Checkpoints.Length, $"{name}: checkpoints have names of their own");
        Expect(wrong, stage.Checkpoints.All(static record => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven or CheckpointStatus.Damaged or CheckpointStatus.Failed), $"{name}: what was pruned is not in the catalogue");
    }

    private static void Expect(List<string> wrong, bool holds, string what)
    {
        if (!holds)
        {
            wrong.Add(what);
        }
    }
}
