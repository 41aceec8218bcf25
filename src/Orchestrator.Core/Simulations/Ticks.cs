using Orchestrator.Core.Events;

namespace Orchestrator.Core.Simulations;

/// <summary>What is due by time alone.</summary>
internal static class Ticks
{
    public static void Pass(SimulationDraft draft)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i] is { Status: StageStatus.Backoff, BackoffUntil: { } until } && until <= draft.Now)
            {
                Attempts.Open(draft, i);
            }

            if (StopDeadline(draft[i], draft.Policy) <= draft.Now)
            {
                TakeBack(draft, i);
            }

            if (StallDeadline(draft.State, i) <= draft.Now)
            {
                Stalled(draft, i);
            }

            CheckpointTiming.Pass(draft, i);
            Look(draft, i);
        }
    }

    public static DateTimeOffset? Due(SimulationState state, SimulationPolicy policy)
    {
        DateTimeOffset? due = null;
        for (var i = 0; i < state.Stages.Length; i++)
        {
            var stage = state.Stages[i];
            due = Earlier(due, stage.Status == StageStatus.Backoff ? stage.BackoffUntil : null);
            due = Earlier(due, StopDeadline(stage, policy));
            due = Earlier(due, StallDeadline(state, i));
            due = Earlier(due, CheckpointTiming.Plan(state, i, policy).NextAt);
            due = Earlier(due, stage.Live is { Look: false, Requested: true } live ? live.LookedAt + policy.LookEvery : null);
            due = Earlier(due, stage.AwaitsDeath is { Look: false } lost ? lost.LookedAt + policy.LookEvery : null);
        }

        return due;
    }

    private static DateTimeOffset? StopDeadline(StageState stage, SimulationPolicy policy) => stage.Live?.StopBy + policy.StopMargin;

    private static DateTimeOffset? StallDeadline(SimulationState state, int i) =>
        state.Stages[i] is { Status: StageStatus.Running, Live: { StopBy: null, LastProgressAt: { } at } } ? at + state.Definition.Stages[i].StallAfter : null;

    private static void TakeBack(SimulationDraft draft, int i)
    {
        var end = draft[i].Live!.StopReason == StopReason.Cancel ? AttemptEnd.Cancelled : AttemptEnd.Paused;
        Attempts.Close(draft, i, end, "it was not reported as gone in time: its nodes are taken back");
        Attempts.GoOn(draft, i);
    }

    /// <summary>A stall is a failure of which a plain repeat is not to be expected to go better: it goes back at once.</summary>
    private static void Stalled(SimulationDraft draft, int i)
    {
        var reason = FormattableString.Invariant($"no progress for {DurationWords.Of(draft.DefinitionOf(i).StallAfter ?? default)}");
        draft.Set(i, draft[i] with { Failure = CheckpointCatalogue.Again(draft[i], "stall", atLeast: 1) });
        Attempts.Close(draft, i, AttemptEnd.Failed, reason);
        Attempts.Retry(draft, i, reason);
    }

    private static void Look(SimulationDraft draft, int i)
    {
        if (draft[i].Live is { Look: false, Requested: true } live && live.LookedAt + draft.Policy.LookEvery <= draft.Now)
        {
            draft.NoteLive(i, live with { Look = true });
        }

        if (draft[i].AwaitsDeath is { Look: false } lost && lost.LookedAt + draft.Policy.LookEvery <= draft.Now)
        {
            draft.Note(i, draft[i] with { AwaitsDeath = lost with { Look = true } });
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}
