using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <content>What speaks against an order about one stage.</content>
internal static partial class Steering
{
    private static string? OfStage(SimulationState state, int i, StageOrder order)
    {
        var stage = state.Stages[i];
        var status = SimulationDraft.Name(stage.Status);
        if (order.Verb != StageVerb.Rerun && GoesOn(order))
        {
            return "checkpoint: only 'rerun' goes on from one.";
        }

        switch (order.Verb)
        {
            case StageVerb.Hold or StageVerb.Release or StageVerb.Skip when stage.IsFinal && !(order.Verb == StageVerb.Skip && stage.Status == StageStatus.Skipped):
                return $"{stage.Name} is {status}: it has ended; 'rerun' runs it again.";
            case StageVerb.Skip when IsPublishing(stage):
            case StageVerb.Set when IsPublishing(stage):
                return $"{stage.Name} is complete, and its outputs are being published; it can be changed once they are.";
            case StageVerb.Set when order.Status is not (StageStatus.Completed or StageStatus.Failed or StageStatus.SoftFailed):
                return "status: completed, failed and soft-failed are allowed; 'skip' skips it.";
            case StageVerb.Set when stage.IsFinal && stage.Status != order.Status && Started(state, i) is { } started:
                return $"{stage.Name} is {status}, and {started}, which comes after it, has started; 'rerun' runs both again.";
            case StageVerb.Rerun when RerunRoots(state, i, order).All(root => state.Stages[root] is { Status: StageStatus.Waiting, Epoch: 0 }):
                return $"{stage.Name} never ran.";
            case StageVerb.Rerun when Publishing(state, RerunPlaces(state, i, order)) is { } publishing:
                return $"{publishing} is complete, and its outputs are being published; {(publishing == stage.Name ? "it" : stage.Name)} can be run again once they are.";
            case StageVerb.Rerun when GoesOn(order) && OfCheckpoint(state, i, order.Checkpoint) is { } unrestorable:
                return unrestorable;
            case StageVerb.Approve:
                return OfApproval(state, i, order);
            case StageVerb.Bypass when !state.Definition.Stages[i].After.Any(edge => edge.Stage == order.From):
                return $"from: {stage.Name} does not wait for '{order.From}'; {string.Join(", ", state.Definition.Stages[i].After.Select(static edge => edge.Stage).DefaultIfEmpty("nothing"))} is what it waits for.";
            case StageVerb.Bypass when stage.Status is not (StageStatus.Waiting or StageStatus.Skipped):
                return $"{stage.Name} is {status}: only a stage that waits, or was skipped, has something to bypass.";
            case < StageVerb.Add or > StageVerb.Bypass:
                return "verb: add, hold, release, skip, set, rerun, change, approve and bypass are allowed.";
            default:
                return null;
        }
    }

    private static string? OfApproval(SimulationState state, int i, StageOrder order)
    {
        var wanted = Wanted(state, i).Select(static wish => wish.Who).Distinct().ToArray();
        return wanted.Length == 0 ? $"nothing of {state.Stages[i].Name} waits for an approval."
            : wanted.Any(who => MayApprove(who, order)) ? null
            : $"{string.Join(" or ", wanted)} has to approve it, not {order.By}.";
    }

    /// <summary>Whoever is asked for by name or role need not control the simulation; where anyone may approve, it is anyone who does.</summary>
    private static bool MayApprove(string who, StageOrder order) => EdgeRules.MayApprove(who, order.By, order.Role) && (who != Dependency.Anyone || order.Controls);

    /// <summary>Approvals that a stage asks for, given ones too, by its edges and its trigger.</summary>
    private static IEnumerable<(int Edge, string Who)> Wanted(SimulationState state, int i)
    {
        var definition = state.Definition.Stages[i];
        for (var number = 0; number < definition.After.Length; number++)
        {
            if (definition.After[number].Approval is { } who)
            {
                yield return (number, who);
            }
        }

        if (definition.Trigger is { Kind: TriggerKind.Manual } trigger)
        {
            yield return (EdgeMark.Trigger, trigger.Approval);
        }
    }

    /// <summary>Its completion was accepted, and its outputs are on their way: by the attempt that made them, or by one that only moves them, which may yet wait for a node.</summary>
    private static bool IsPublishing(StageState stage) => stage.Status == StageStatus.Publishing || stage.PublishOnlyEpoch > 0 || stage.Live is { PublishOnlyEpoch: > 0 };

    /// <summary>The first of these stages of which outputs are being published; null: none.</summary>
    private static string? Publishing(SimulationState state, IEnumerable<int> places)
    {
        foreach (var place in places)
        {
            if (IsPublishing(state.Stages[place]))
            {
                return state.Stages[place].Name;
            }
        }

        return null;
    }

    /// <summary>The first stage after it, directly or not, that has started; null: none has.</summary>
    private static string? Started(SimulationState state, int i)
    {
        foreach (var place in Readiness.GraphOf(state).Downstream(i).Order())
        {
            if (state.Stages[place].Epoch > 0 || state.Stages[place].Status == StageStatus.Completed)
            {
                return state.Stages[place].Name;
            }
        }

        return null;
    }
}
