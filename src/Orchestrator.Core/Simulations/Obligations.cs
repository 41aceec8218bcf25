using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What is owed to the world, and how it is crossed off.</summary>
internal static class Obligations
{
    private const int EventsAtOnce = 200;
    private const int RowsAtOnce = 100;

    /// <summary>To move files takes no longer, as a rule.</summary>
    private static readonly TimeSpan PublishTime = TimeSpan.FromMinutes(1);

    /// <summary>Keeps the submissions of one instant apart: first by the place of the stage, then by that of the simulation.</summary>
    private const long SimulationsAtOnce = 1_000_000;

    public static IReadOnlyList<SimulationEffect> Of(SimulationState state)
    {
        if (state.Status == SimulationStatus.Absent)
        {
            return [];
        }

        List<SimulationEffect> owed = [];
        if (!state.Outbox.IsEmpty)
        {
            owed.Add(new SimulationEffect.AppendEvents(state.Outbox.Length <= EventsAtOnce ? state.Outbox : state.Outbox[..EventsAtOnce]));
        }

        if (state.Version > state.IndexedVersion)
        {
            owed.Add(new SimulationEffect.WriteIndex(state));
        }

        if (!state.History.IsEmpty)
        {
            owed.Add(new SimulationEffect.KeepHistory(state.Definition.Id, state.History.Length <= RowsAtOnce ? state.History : state.History[..RowsAtOnce]));
        }

        var cluster = state.Definition.Cluster;
        foreach (var attempt in state.Releases)
        {
            var ending = EndingOf(state, attempt);
            owed.Add(new SimulationEffect.ReleaseLease(cluster, attempt, state.DeclaredDead.Contains(attempt) ? (ending ?? new() { End = AttemptEnd.NodeLost }) with { Dead = true } : ending));
        }

        for (var i = 0; i < state.Stages.Length; i++)
        {
            if (OfStage(state, i, cluster) is { } effect)
            {
                owed.Add(effect);
            }

            if (state.Stages[i] is { Live: { AsksNodes: true, IsGranted: true } silent } stage)
            {
                // Beside what is asked of the cluster: nodes that give no answer must not keep it from saying that one of them was lost.
                owed.Add(new SimulationEffect.SeeNodes(new(state.Definition.Id, stage.Name, silent.Epoch), [.. silent.Shares.Select(static share => share.Node).Distinct()]));
            }
        }

        foreach (var checkpoint in state.Deletions)
        {
            owed.Add(new SimulationEffect.DeleteCheckpoint(checkpoint));
        }

        foreach (var clearing in state.Clearings)
        {
            // What is not given back yet is not over for the cluster, which is asked first.
            if (!state.Releases.Contains(clearing.Attempt))
            {
                owed.Add(new SimulationEffect.ClearRun(cluster, clearing));
            }
        }

        if (state.IsFinal && !state.ReminderRemoved && owed.Count == 0)
        {
            owed.Add(new SimulationEffect.RemoveReminder());
        }

        return owed;
    }

    public static void Done(SimulationDraft draft, SimulationInput input)
    {
        var state = draft.State;
        switch (input)
        {
            case SimulationInput.EventsLogged(var sequence) when state.Outbox.Length > 0 && state.Outbox[0].Sequence <= sequence:
                draft.Note(state with { Outbox = state.Outbox.RemoveAll(entry => entry.Sequence <= sequence) });
                break;
            case SimulationInput.Indexed(var version) when version > state.IndexedVersion:
                draft.Note(state with { IndexedVersion = version });
                break;
            case SimulationInput.HistoryKept(var sequence) when state.History.Length > 0 && state.History[0].Sequence <= sequence:
                draft.Note(state with { History = state.History.RemoveAll(row => row.Sequence <= sequence) });
                break;
            case SimulationInput.Released(var attempt, var dead) when state.Releases.Contains(attempt) && (dead || !state.DeclaredDead.Contains(attempt)):
                draft.Note(state with { Releases = state.Releases.Remove(attempt), DeclaredDead = state.DeclaredDead.Remove(attempt) });
                break;
            case SimulationInput.FilesDeleted(var attempt, var name) when state.Deletions.Any(record => record.Attempt == attempt && record.Name == name):
                draft.Note(state with { Deletions = state.Deletions.RemoveAll(record => record.Attempt == attempt && record.Name == name) });
                break;
            case SimulationInput.RunCleared(var clearing, var isDone) when state.Clearings.Contains(clearing):
                draft.Note(RunRetention.Cleared(state, clearing, isDone));
                break;
            case SimulationInput.ReminderRemoved when state.IsFinal && !state.ReminderRemoved:
                draft.Note(state with { ReminderRemoved = true });
                break;
            default:
                break;
        }
    }

    /// <summary>Null: it never had nodes, or only moved files, or is too long over.</summary>
    private static LeaseEnding? EndingOf(SimulationState state, AttemptId attempt)
    {
        var i = state.IndexOf(attempt.Stage);
        if (i < 0)
        {
            return null;
        }

        var stage = state.Stages[i];
        foreach (var closed in stage.Recent)
        {
            if (closed.Epoch == attempt.Epoch)
            {
                var wentOn = closed.Restored is not null || closed.WorkBefore > TimeSpan.Zero;
                var isWhole = wentOn && closed.End == AttemptEnd.Completed && stage.Status == StageStatus.Completed && stage.Epoch == closed.Epoch;
                return closed is { GrantedAt: { } granted, EndedAt: { } ended, PublishOnlyEpoch: 0 }
                    ? new()
                    {
                        End = closed.End,
                        Held = ended > granted ? ended - granted : TimeSpan.Zero,
                        WentOn = wentOn,
                        NodeAtFault = stage.Faults.Any(fault => fault.Epoch == attempt.Epoch && fault.NodeAtFault),
                        Whole = isWhole ? stage.Exposure : TimeSpan.Zero,
                        WholeEstimate = isWhole ? state.Definition.Stages[i].EstimatedDuration : null,
                    }
                    : null;
            }
        }

        return null;
    }

    private static SimulationEffect? OfStage(SimulationState state, int i, ClusterId cluster)
    {
        var stage = state.Stages[i];
        if (stage.Live is not { } live)
        {
            // What has ended needs no answer unless it is run again.
            return stage is { IsFinal: false, AwaitsDeath: { Look: true } lost } ? new SimulationEffect.ReadLease(cluster, new(state.Definition.Id, stage.Name, lost.Epoch)) : null;
        }

        var attempt = new AttemptId(state.Definition.Id, stage.Name, live.Epoch);
        if (!live.Requested && !live.IsGranted)
        {
            return new SimulationEffect.RequestLease(cluster, Request(state, i, attempt));
        }

        if (live.IsGranted && (live.CheckpointOrder > live.CheckpointOrderSent || live.PreviewOrder > live.PreviewOrderSent || (live.StopBy is not null && !live.StopSent)))
        {
            return new SimulationEffect.OrderLease(cluster, new()
            {
                Attempt = attempt,
                Checkpoint = live.CheckpointOrder,
                CheckpointKind = live.CheckpointKind,
                StopBy = live.StopBy,
                Reason = live.StopReason,
                Preview = live.PreviewOrder,
                PreviewLevel = live.PreviewLevel,
            });
        }

        return live.Look ? new SimulationEffect.ReadLease(cluster, attempt, live.LastCheckpointAt) : null;
    }

    private static LeaseRequest Request(SimulationState state, int i, AttemptId attempt)
    {
        var definition = state.Definition;
        var stage = definition.Stages[i];
        var publishOnly = state.Stages[i].Live!.PublishOnlyEpoch > 0;
        TimeSpan? longest = publishOnly ? PublishTime : stage.Walltime ?? Prospects.Left(state, i);
        var (expected, high) = publishOnly ? (null, null) : Prospects.OfSegment(state, i, longest);
        return new()
        {
            Attempt = attempt,
            // To move files, one core will do.
            Resources = publishOnly ? new ResourceRequest() : state.Stages[i].Resources ?? stage.Resources,
            Priority = state.Stages[i].Priority == PriorityClass.Absent ? definition.Priority : state.Stages[i].Priority,
            SubmittedAt = state.SubmittedAt,
            DurationEstimate = longest,
            Owner = definition.Owner,
            Avoid = state.Stages[i].Avoid,
            Protected = definition.Protected,
            Grace = stage.Grace,
            Order = (i * SimulationsAtOnce) + state.Order,
            DurationExpected = expected,
            DurationHigh = high,
            JobType = SimulationMachine.JobTypeOf(definition, stage),
            Deadline = definition.Deadline,
            WorkAhead = Prospects.WorkAhead(state, i),
            Promise = definition.Promise,
            CanCheckpoint = !publishOnly && Prospects.CanCheckpoint(state, i),
            Reservation = definition.Reservation,
            Inherited = Prospects.Inherited(state, i),
            RestartCost = Prospects.RestartCost(state.Stages[i]),
            EnergyIntensive = stage.EnergyIntensive,
            Data = stage.Data,
            Campaign = definition.Campaign,
            WritesSharedPaths = !publishOnly && stage.WritesSharedPaths,
        };
    }
}
