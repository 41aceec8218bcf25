using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What people and programs change of a simulation that runs: stages that are added, and orders about single stages.</summary>
internal static partial class Steering
{
    private const int RefusalsTold = 5;
    private const int RefusalsLengthMax = 2000;

    /// <summary>Everything that speaks against the order, as sentences (invariant 12); empty: it is taken.</summary>
    public static ImmutableArray<string> Refusals(SimulationState state, StageOrder order, SimulationPolicy policy)
    {
        if (state.Status == SimulationStatus.Absent)
        {
            return ["there is no such simulation."];
        }

        if (order.Verb == StageVerb.Add)
        {
            return order.Addition is { } addition ? OfAddition(state, Whole(addition), policy) : ["addition: it is missing; stages or edges are needed."];
        }

        if (state.IndexOf(order.Stage) is var i && i < 0)
        {
            return [$"stage: there is no stage '{order.Stage}'; {string.Join(", ", state.Stages.Select(static stage => stage.Name))} are there."];
        }

        if (state.Status == SimulationStatus.Cancelling)
        {
            return ["the simulation is cancelling: nothing of it can be changed; once it is cancelled, 'rerun' lets it go on."];
        }

        if (state.IsFinal && order.Verb != StageVerb.Rerun)
        {
            return [$"the simulation is {SimulationDraft.Name(state.Status)}; only 'rerun' lets it go on."];
        }

        return order.Verb == StageVerb.Change && !GoesOn(order) ? OfChange(state, i, order) : OfStage(state, i, order) is { } problem ? [problem] : [];
    }

    public static void Obey(SimulationDraft draft, StageOrder order)
    {
        if (order is { Verb: StageVerb.Add, Addition: { } addition })
        {
            Add(draft, Whole(addition), order.By);
            return;
        }

        var i = draft.State.IndexOf(order.Stage);
        switch (order.Verb)
        {
            case StageVerb.Hold:
                Hold(draft, i, order);
                break;
            case StageVerb.Release when draft[i].Hold is not null:
                draft.Set(i, draft[i] with { Hold = null });
                Emit(draft, i, EventKinds.StageReleased, "released", order);
                break;
            case StageVerb.Skip when draft[i] is { Status: StageStatus.Skipped, IsSkippedByOrder: false }:
                draft.Set(i, draft[i] with { IsSkippedByOrder = true, Reason = Said("skipped", order) });
                Emit(draft, i, EventKinds.StageSkipped, "skipped", order);
                break;
            case StageVerb.Skip when !draft[i].IsFinal:
                Stop(draft, i, Said("skipped", order));
                draft.Set(i, draft[i] with { IsSkippedByOrder = true });
                Attempts.Finish(draft, i, StageStatus.Skipped, Said("skipped", order));
                break;
            case StageVerb.Set when draft[i].Status != order.Status:
                Set(draft, i, order);
                break;
            case StageVerb.Rerun:
                Rerun(draft, i, order);
                break;
            case StageVerb.Change:
                Change(draft, i, order);
                break;
            case StageVerb.Approve:
                Approve(draft, i, order);
                break;
            case StageVerb.Bypass:
                Bypass(draft, i, order);
                break;
            default:
                // It is so already.
                break;
        }
    }

    /// <summary>What a running program wrote to its progress file. A mistake of it costs it nothing but the stages.</summary>
    public static void Announced(SimulationDraft draft, int i, AttemptReport.Announced report)
    {
        if (draft.State.Additions.ContainsKey(report.Addition.Key))
        {
            return;
        }

        var by = $"stage {draft[i].Name}";
        var addition = Whole(report.Addition) with { Parent = draft[i].Name };
        ImmutableArray<string> refusals = report.Problems.IsEmpty ? Refusals(draft.State, new() { Verb = StageVerb.Add, By = by, Addition = addition }, draft.Policy) : report.Problems;
        if (refusals.IsEmpty)
        {
            Add(draft, addition, by);
        }
        else
        {
            draft.Emit(i, new() { Kind = EventKinds.StagesRefused, Text = $"{draft[i].Name}: stages that it wrote were refused: {Some(refusals)}", Epoch = report.Attempt.Epoch, Node = report.Node });
        }
    }

    /// <summary>The definition as it was submitted, whatever was added to it since.</summary>
    public static SimulationDefinition Submitted(SimulationState state) => state.SubmittedStages == 0 ? state.Definition : state.Definition with
    {
        Stages = [.. state.Definition.Stages.Take(state.SubmittedStages).Select(stage => state.Originals.GetValueOrDefault(stage.Name) ?? stage)],
    };

    /// <summary>The first ones: an event is no place for thousands.</summary>
    private static string Some(ImmutableArray<string> refusals)
    {
        var text = string.Join(' ', refusals.Take(RefusalsTold));
        text = text.Length > RefusalsLengthMax ? text[..RefusalsLengthMax] + "…" : text;
        return refusals.Length > RefusalsTold ? FormattableString.Invariant($"{text} And {refusals.Length - RefusalsTold} more.") : text;
    }

    private static string Said(string what, StageOrder order) => string.IsNullOrWhiteSpace(order.Reason) ? $"{what} by {order.By}" : $"{what} by {order.By}: {order.Reason}";

    private static void Emit(SimulationDraft draft, int i, string kind, string what, StageOrder order) => draft.Emit(i, new() { Kind = kind, Text = $"{draft[i].Name} {Said(what, order)}" });
}
