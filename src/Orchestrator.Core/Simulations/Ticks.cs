using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>What is due by time alone.</summary>
internal static class Ticks
{
    private const double LateFactor = 3;
    private const double LateProgress = 0.5;

    public static void Pass(SimulationDraft draft)
    {
        CheckpointTiming.PassWanted(draft);
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i] is { Status: StageStatus.Backoff, BackoffUntil: { } until } && until <= draft.Now)
            {
                // Where the old attempt may still run, it is opened once that is over.
                Attempts.Open(draft, i);
            }

            if (StopDeadline(draft[i], draft.Policy) <= draft.Now)
            {
                TakeBack(draft, i);
            }

            if (StallDeadline(draft.State, i, draft.Policy) <= draft.Now)
            {
                // Before it is judged, its nodes say whether its silence means anything.
                draft.NoteLive(i, draft[i].Live! with { AsksNodes = true });
            }

            if (TimeLimit(draft.State, i, draft.Policy) <= draft.Now)
            {
                RanTooLong(draft, i);
            }

            if (LateAt(draft.State, i) <= draft.Now)
            {
                Recoveries.Remark(draft, i, FailureKind.Timeout, "it takes many times what was estimated; it is left alone, and the estimate follows what is seen");
                draft.SetLive(i, draft[i].Live! with { IsLatenessNoted = true });
            }

            if (Excesses.LeavesAt(draft[i]) <= draft.Now)
            {
                Excesses.Leave(draft, i);
            }

            CheckpointTiming.Pass(draft, i);
            PreviewTiming.Pass(draft, i);
            Look(draft, i);
        }
    }

    /// <summary>What looked like a stall is one, unless it got further meanwhile; or nothing is judged, and the wait for it begins anew.</summary>
    public static void NodesSeen(SimulationDraft draft, AttemptId attempt, string? doubt)
    {
        var i = draft.State.IndexOf(attempt.Stage);
        if (i < 0 || draft[i].Live is not { AsksNodes: true } live || live.Epoch != attempt.Epoch)
        {
            return;
        }

        draft.NoteLive(i, live with { AsksNodes = false });
        if (StallDeadline(draft.State, i, draft.Policy) is not { } due || due > draft.Now)
        {
            return;
        }

        if (doubt is null)
        {
            Stalled(draft, i);
            return;
        }

        // Once for each silence, however often it is asked for.
        if (live.UnclearUntil is not { } told || told < live.LastProgressAt)
        {
            draft.Emit(i, new() { Kind = EventKinds.StageUnclear, Text = $"{draft[i].Name} is not heard to get further, and is not judged: {doubt}", Epoch = live.Epoch, Node = live.Shares[0].Node });
        }

        draft.SetLive(i, draft[i].Live! with { UnclearUntil = draft.Now });
    }

    public static DateTimeOffset? Due(SimulationState state, SimulationPolicy policy)
    {
        if (state.IsFinal || state.Status == SimulationStatus.Absent)
        {
            return null;
        }

        var due = Earlier(Readiness.Due(state), state.CheckpointsWanted.IsEmpty ? null : state.CheckpointsWanted[0]);
        for (var i = 0; i < state.Stages.Length; i++)
        {
            var stage = state.Stages[i];
            due = Earlier(due, stage.Status == StageStatus.Backoff ? stage.BackoffUntil : null);
            due = Earlier(due, StopDeadline(stage, policy));
            due = Earlier(due, StallDeadline(state, i, policy));
            due = Earlier(due, TimeLimit(state, i, policy));
            due = Earlier(due, LateAt(state, i));
            due = Earlier(due, Excesses.LeavesAt(stage));
            due = Earlier(due, CheckpointTiming.Plan(state, i, policy).NextAt);
            due = Earlier(due, PreviewTiming.NextAt(state, i));
            due = Earlier(due, stage.Live is { Look: false, Requested: true } live ? live.LookedAt + policy.LookEvery : null);
            due = Earlier(due, stage is { IsFinal: false, AwaitsDeath: { Look: false } lost } ? lost.LookedAt + policy.LookEvery : null);
        }

        return due;
    }

    private static DateTimeOffset? StopDeadline(StageState stage, SimulationPolicy policy) =>
        stage.Live?.StopBy is { } by ? Later(by, policy.WatchedSince) + policy.StopMargin : null;

    /// <summary>
    /// As the definition says; else by how often it got further, and later where it is seen to write. A program that never said how far it is is not judged.
    /// </summary>
    private static DateTimeOffset? StallDeadline(SimulationState state, int i, SimulationPolicy policy)
    {
        var stage = state.Stages[i];
        if (stage is not { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, IsStallNoted: false, AsksNodes: false, LastProgressAt: { } last } live })
        {
            return null;
        }

        var at = Later(Later(last, policy.WatchedSince), live.UnclearUntil ?? last);
        if (state.Definition.Stages[i].StallAfter is { } declared)
        {
            return at + declared;
        }

        if (stage.Pace.Limit is not { } limit)
        {
            return null;
        }

        var latest = at + (ProgressPace.GrowthFactor * limit);
        return live.GrownAt is { } grown && grown > at ? grown + limit < latest ? grown + limit : latest : at + limit;
    }

    /// <summary>When the stage has run as long as it may in all; not before agents could say that it has ended.</summary>
    private static DateTimeOffset? TimeLimit(SimulationState state, int i, SimulationPolicy policy) =>
        state.Stages[i] is { Status: StageStatus.Running, Live.StartedAt: { } started } stage && state.Definition.Stages[i].Recovery.TimeLimit is { } limit
            ? Later(started + (stage.Exposure - stage.ExposureBefore is var ran && limit > ran ? limit - ran : TimeSpan.Zero), policy.WatchedSince + policy.StopMargin)
            : null;

    /// <summary>When a segment that is far from its end has run several times as long as the whole stage was to take.</summary>
    private static DateTimeOffset? LateAt(SimulationState state, int i) =>
        state.Stages[i] is { Status: StageStatus.Running, Progress: > 0 and < LateProgress, Live: { StartedAt: { } started, IsLatenessNoted: false, StopBy: null } live }
            ? started + (LateFactor * state.Definition.Stages[i].EstimatedDuration) - live.WorkBefore
            : null;

    private static void RanTooLong(SimulationDraft draft, int i)
    {
        var reason = FormattableString.Invariant($"it ran for {DurationWords.Of(draft.DefinitionOf(i).Recovery.TimeLimit ?? default)} in all, which is its limit");
        Attempts.Close(draft, i, AttemptEnd.Failed, reason, mayRun: true);
        Recoveries.Note(draft, i, new() { Kind = FailureKind.Timeout, Detection = FailureDetection.Metrics, Explanation = "its time limit is used up" }, reason);
        Attempts.Finish(draft, i, StageStatus.Failed, reason);
    }

    private static void TakeBack(SimulationDraft draft, int i)
    {
        if (draft[i].Live is { StopReason: StopReason.Excess } greedy)
        {
            var reason = $"it did not leave in time: its nodes are taken back; {Excesses.Told(greedy)}";
            Attempts.Close(draft, i, AttemptEnd.Failed, reason, mayRun: true);
            Recoveries.Begin(draft, i, Excesses.Diagnose(greedy), reason);
            return;
        }

        var end = draft[i].Live!.StopReason == StopReason.Cancel ? AttemptEnd.Cancelled : AttemptEnd.Paused;
        Attempts.Close(draft, i, end, "it was not reported as gone in time: its nodes are taken back", mayRun: true);
        Attempts.GoOn(draft, i);
    }

    /// <summary>A stall is a failure of which a plain repeat is not to be expected to go better: it goes back at once.</summary>
    private static void Stalled(SimulationDraft draft, int i)
    {
        var silence = draft.Now - draft[i].Live!.LastProgressAt!.Value;
        var reason = FormattableString.Invariant($"no progress for {DurationWords.Of(draft.DefinitionOf(i).StallAfter ?? silence)}");
        if (draft.DefinitionOf(i).Recovery.StrategiesOf(FailureKind.Deadlock) is [RecoveryStrategy.Ignore])
        {
            Recoveries.Remark(draft, i, FailureKind.Deadlock, $"{reason}; it is left alone, as its recovery policy says");
            draft.SetLive(i, draft[i].Live! with { IsStallNoted = true });
            return;
        }

        var since = draft[i].Live!.LastProgressAt;
        draft.Set(i, draft[i] with { Failure = CheckpointCatalogue.Again(draft[i], "stall", atLeast: 1) });
        Attempts.Close(draft, i, AttemptEnd.Failed, reason, mayRun: true);
        Recoveries.Begin(draft, i, new() { Kind = FailureKind.Deadlock, Detection = FailureDetection.Metrics, Explanation = "it runs and gets no further" }, reason, since);
    }

    private static void Look(SimulationDraft draft, int i)
    {
        if (draft[i].Live is { Look: false, Requested: true } live && live.LookedAt + draft.Policy.LookEvery <= draft.Now)
        {
            draft.NoteLive(i, live with { Look = true });
        }

        if (draft[i] is { IsFinal: false, AwaitsDeath: { Look: false } lost } && lost.LookedAt + draft.Policy.LookEvery <= draft.Now)
        {
            draft.Note(i, draft[i] with { AwaitsDeath = lost with { Look = true } });
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}
