using System.Text.Json;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>What people ask: cancel, pause, resume.</summary>
internal static class Orders
{
    public static void Cancel(SimulationDraft draft, string? reason, string? user)
    {
        if (draft.State.Status is SimulationStatus.Cancelling or SimulationStatus.Cancelled)
        {
            return;
        }

        Enter(draft, SimulationStatus.Cancelling, EventKinds.SimulationCancelling, Told("cancelled by order", " of ", user, reason), user: user);
        Clear(draft, StopReason.Cancel, AttemptEnd.Cancelled);
    }

    public static void Pause(SimulationDraft draft, string? reason, ScenarioId? by, string? user)
    {
        var text = Told("paused by order", " of ", user, reason);
        if (draft.State.Status is SimulationStatus.Pausing or SimulationStatus.Paused)
        {
            if (by is null && draft.State.PausedBy is not null)
            {
                // It is the person's pause from now on: steering, which would have ended its own, leaves it alone.
                draft.Set(draft.State with { PausedBy = null });
                Enter(draft, draft.State.Status, draft.State.Status == SimulationStatus.Paused ? EventKinds.SimulationPaused : EventKinds.SimulationPausing, text, user: user);
            }

            return;
        }

        draft.Set(draft.State with { PausedBy = by });
        Enter(draft, SimulationStatus.Pausing, EventKinds.SimulationPausing, text, by, user);
        Clear(draft, StopReason.Pause, AttemptEnd.Paused);
    }

    public static void Resume(SimulationDraft draft, string? reason, ScenarioId? by, string? user)
    {
        if (draft.State.Status is SimulationStatus.Pausing or SimulationStatus.Paused && (by is null || by == draft.State.PausedBy))
        {
            var status = draft.State.StartedAt is null ? SimulationStatus.Pending : SimulationStatus.Running;
            Enter(draft, status, EventKinds.SimulationResumed, Told("resumed", " by ", user, reason), by, user);
            draft.Set(draft.State with { Reason = null, PausedBy = null });
            for (var i = 0; i < draft.Count; i++)
            {
                if (draft[i] is { Status: StageStatus.Paused, AwaitsDeath: null })
                {
                    Attempts.Open(draft, i);
                }
                else if (draft[i] is { Status: StageStatus.Paused })
                {
                    draft.Set(i, draft[i] with { Status = StageStatus.Backoff });
                }
            }
        }
    }

    public static void DeclareDead(SimulationDraft draft)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i].AwaitsDeath is { } lost)
            {
                // The cluster learns it with the release, which may have been told without it before.
                var attempt = draft.AttemptOf(i, lost.Epoch);
                draft.Set(draft.State with
                {
                    DeclaredDead = draft.State.DeclaredDead.Add(attempt),
                    Releases = draft.State.Releases.Contains(attempt) ? draft.State.Releases : draft.State.Releases.Add(attempt),
                });
                Leases.Forget(draft, i, lost with { IsReleased = true });
            }
        }
    }

    public static void EachStage(SimulationDraft draft, string? name, Action<int> act)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (name is null || draft[i].Name == name)
            {
                act(i);
            }
        }
    }

    /// <summary>What is kept by the new policy is seen at the next checkpoint: a slip of the keyboard deletes nothing at once.</summary>
    public static void ChangePolicy(SimulationDraft draft, int i, CheckpointPolicy policy)
    {
        if (JsonSerializer.Serialize(CheckpointTiming.PolicyOf(draft.State, i)) != JsonSerializer.Serialize(policy))
        {
            draft.Set(i, draft[i] with { CheckpointPolicy = policy });
        }
    }

    private static string Told(string what, string link, string? user, string? reason) =>
        what + (user is null ? "" : link + user) + (string.IsNullOrWhiteSpace(reason) ? "" : $": {reason}");

    private static void Enter(SimulationDraft draft, SimulationStatus status, string kind, string reason, ScenarioId? by = null, string? user = null)
    {
        draft.Set(draft.State with { Status = status, Reason = reason });
        draft.Emit(new() { Kind = kind, Text = reason, Status = SimulationDraft.Name(status), SteeredBy = by, By = user });
    }

    /// <summary>What runs is asked to leave, what publishes may end, what waits for nodes leaves the queue, what waits for a retry is held.</summary>
    private static void Clear(SimulationDraft draft, StopReason stop, AttemptEnd end)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            switch (draft[i])
            {
                case { Live.IsGranted: true, Status: StageStatus.Publishing } when stop == StopReason.Pause:
                    break;
                case { Live.IsGranted: true }:
                    Attempts.AskToLeave(draft, i, stop);
                    break;
                case { Live: not null }:
                    Attempts.Close(draft, i, AttemptEnd.Withdrawn, $"withdrawn from the queue, {SimulationDraft.Name(end)}");
                    Attempts.GoOn(draft, i);
                    break;
                case { Status: StageStatus.Backoff } stage when stop == StopReason.Pause:
                    draft.Set(i, stage with { Status = StageStatus.Paused, BackoffUntil = null });
                    break;
                default:
                    break;
            }
        }
    }
}
