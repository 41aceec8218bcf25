using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Events;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What people and programs change of a simulation that runs: stages that are added, and orders about single stages.</summary>
internal static class Steering
{
    private const int KeyMax = 120;
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

        if (state.Status is SimulationStatus.Cancelling or SimulationStatus.Cancelled)
        {
            return [$"the simulation is {SimulationDraft.Name(state.Status)}: nothing of it can be changed."];
        }

        if (state.IsFinal && order.Verb != StageVerb.Rerun)
        {
            return [$"the simulation is {SimulationDraft.Name(state.Status)}; only 'rerun' lets it go on."];
        }

        return OfStage(state, i, order) is { } problem ? [problem] : [];
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

    private static ImmutableArray<string> OfAddition(SimulationState state, StageAddition addition, SimulationPolicy policy)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (addition.Key.Length is 0 or > KeyMax)
        {
            problems.Add(FormattableString.Invariant($"key: it has {addition.Key.Length} characters; 1 to {KeyMax} are allowed."));
        }

        if (state.Additions.TryGetValue(addition.Key, out var before))
        {
            return before == Print(addition) ? [] : [$"key: '{addition.Key}' was used for another addition; another key is needed."];
        }

        if (state.IsFinal || state.Status == SimulationStatus.Cancelling)
        {
            return [$"the simulation is {SimulationDraft.Name(state.Status)}: nothing can be added to it."];
        }

        if (addition.Stages.IsDefaultOrEmpty && addition.Edges.IsDefaultOrEmpty)
        {
            problems.Add("stages: there is none, and no edge; at least one is needed.");
        }

        var whole = state.Stages.Length + addition.Stages.Length;
        Limit(whole, policy.StagesMax, $"stages: the simulation would have {whole} stages");
        var edges = state.Definition.Stages.Sum(static stage => stage.After.Length) + addition.Stages.Sum(static stage => stage.After.Length) + addition.Edges.Length;
        Limit(edges, policy.EdgesMax, $"edges: the simulation would have {edges} dependencies");
        Limit(state.Additions.Count + 1, policy.AdditionsMax, $"key: it would be addition {state.Additions.Count + 1}");
        if (addition.Parent is { } parent && state.IndexOf(parent) is var at and >= 0)
        {
            var own = state.Stages.Count(stage => stage.AddedBy == parent) + addition.Stages.Length;
            var family = FamilyOf(state.Stages[at]);
            var ofFamily = state.Stages.Count(stage => stage.Family == family) + addition.Stages.Length;
            Limit(own, policy.StagesAddedByOneMax, $"stages: stage {parent} would have added {own}");
            Limit(ofFamily, policy.StagesOfFamilyMax, $"stages: stage {family} and what came of it would have added {ofFamily}");
            Limit(state.Stages[at].Generation + 1, policy.GenerationsMax, $"stages: those that were added by added ones would be {state.Stages[at].Generation + 1} generations deep");
        }
        else if (addition.Parent is { } missing)
        {
            problems.Add($"parent: there is no stage '{missing}'.");
        }

        var added = new HashSet<AddedEdge>();
        var named = addition.Stages.DistinctBy(static stage => stage.Name).ToDictionary(static stage => stage.Name, StringComparer.Ordinal);
        foreach (var edge in addition.Edges)
        {
            var place = state.IndexOf(edge.Stage);
            var waits = place >= 0 ? state.Definition.Stages[place] : named.GetValueOrDefault(edge.Stage);
            if (!added.Add(edge) || waits?.After.Contains(edge.Dependency) == true)
            {
                problems.Add($"edges.{edge.Stage}: it waits for {edge.Dependency.Stage} in this way already.");
            }
            else if (place >= 0 && state.Stages[place] is { } stage && (stage.Status != StageStatus.Waiting || stage.Epoch > 0))
            {
                problems.Add($"edges.{edge.Stage}: it is {SimulationDraft.Name(stage.Status)}; only a stage that still waits, and never ran, can be made to wait for more.");
            }
            else if (waits is null)
            {
                problems.Add($"edges.{edge.Stage}: there is no such stage.");
            }
        }

        if (problems.Count == 0)
        {
            var grown = Grown(state.Definition, addition);
            problems.AddRange(SimulationRules.Problems(grown));
            var bytes = JsonSerializer.SerializeToUtf8Bytes(grown).Length;
            Limit(bytes, policy.DefinitionBytesMax, $"stages: the definition would have {bytes} bytes");
        }

        return problems.ToImmutable();

        void Limit(int count, int most, string what)
        {
            if (count > most)
            {
                problems.Add(FormattableString.Invariant($"{what}; at most {most} are allowed."));
            }
        }
    }

    private static string? OfStage(SimulationState state, int i, StageOrder order)
    {
        var stage = state.Stages[i];
        var status = SimulationDraft.Name(stage.Status);
        switch (order.Verb)
        {
            case StageVerb.Hold or StageVerb.Release or StageVerb.Skip when stage.IsFinal && !(order.Verb == StageVerb.Skip && stage.Status == StageStatus.Skipped):
                return $"{stage.Name} is {status}: it has ended; 'rerun' runs it again.";
            case StageVerb.Skip when stage.Status == StageStatus.Publishing:
            case StageVerb.Set when stage.Status == StageStatus.Publishing:
                return $"{stage.Name} is complete, and its outputs are being published; it can be changed once they are.";
            case StageVerb.Set when order.Status is not (StageStatus.Completed or StageStatus.Failed or StageStatus.SoftFailed):
                return "status: completed, failed and soft-failed are allowed; 'skip' skips it.";
            case StageVerb.Set when stage.IsFinal && stage.Status != order.Status && Started(state, i) is { } started:
                return $"{stage.Name} is {status}, and {started}, which comes after it, has started; 'rerun' runs both again.";
            case StageVerb.Rerun when stage is { Status: StageStatus.Waiting, Epoch: 0 }:
                return $"{stage.Name} never ran.";
            case StageVerb.Rerun when Publishing(state, i) is { } publishing:
                return $"{publishing} is complete, and its outputs are being published; {(publishing == stage.Name ? "it" : stage.Name)} can be run again once they are.";
            case StageVerb.Change when order is { Resources: null, Priority: PriorityClass.Absent }:
                return "resources, priority: one of them is needed.";
            case StageVerb.Change when !Enum.IsDefined(order.Priority):
                return "priority: background, low, medium, high and critical are allowed.";
            case StageVerb.Change when order.Resources is { } resources && ResourceRules.Problem(resources) is { } problem:
                return $"resources.{problem}";
            case StageVerb.Change when stage.IsFinal || stage.Live is { IsGranted: true }:
                return $"{stage.Name} is {status}: only what has not started can be changed.";
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

    private static void Add(SimulationDraft draft, StageAddition addition, string by)
    {
        var state = draft.State;
        if (state.Additions.ContainsKey(addition.Key))
        {
            return;
        }

        var parent = addition.Parent is { } name && state.IndexOf(name) is var at and >= 0 ? state.Stages[at] : null;
        var submitted = state.SubmittedStages == 0 ? state.Stages.Length : state.SubmittedStages;
        var originals = state.Originals;
        foreach (var edge in addition.Edges)
        {
            if (state.IndexOf(edge.Stage) is var place && place >= 0 && place < submitted && !originals.ContainsKey(edge.Stage))
            {
                originals = originals.Add(edge.Stage, state.Definition.Stages[place]);
            }
        }

        draft.Set(state with
        {
            Definition = Grown(state.Definition, addition),
            SubmittedStages = submitted,
            Originals = originals,
            Additions = state.Additions.Add(addition.Key, Print(addition)),
            Stages = state.Stages.AddRange(addition.Stages.Select(stage => new StageState
            {
                Name = stage.Name,
                Status = StageStatus.Waiting,
                Estimate = stage.EstimatedDuration,
                AddedBy = parent?.Name,
                Family = parent is null ? "" : FamilyOf(parent),
                Generation = parent is null ? 0 : parent.Generation + 1,
            })),
        });
        foreach (var stage in addition.Stages)
        {
            draft.Keep(Estimates.Row(draft, stage, stage.EstimatedDuration, progress: 0));
        }

        string[] what = [.. addition.Stages.Select(static stage => stage.Name), .. addition.Edges.Select(static edge => $"{edge.Dependency.Stage} → {edge.Stage}")];
        draft.Emit(new() { Kind = EventKinds.StagesAdded, Text = $"{by} added {string.Join(", ", what.Take(20))}{(what.Length > 20 ? FormattableString.Invariant($" and {what.Length - 20} more") : "")}", Stage = parent?.Name });
    }

    /// <summary>What runs is asked to leave with a checkpoint, what waits for nodes leaves the queue.</summary>
    private static void Hold(SimulationDraft draft, int i, StageOrder order)
    {
        if (draft[i].Hold is not null)
        {
            return;
        }

        draft.Set(i, draft[i] with { Hold = new() { By = order.By, Why = order.Reason, At = draft.Now } });
        Emit(draft, i, EventKinds.StageHeld, "held", order);
        switch (draft[i])
        {
            case { Live.IsGranted: true, Status: not StageStatus.Publishing }:
                Attempts.AskToLeave(draft, i, StopReason.Pause);
                break;
            case { Live.IsGranted: false }:
                Attempts.Close(draft, i, AttemptEnd.Withdrawn, "withdrawn from the queue, held");
                Attempts.GoOn(draft, i);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends what lives of a stage: nobody waits for it.</summary>
    private static void Stop(SimulationDraft draft, int i, string reason)
    {
        if (draft[i].Live is { } live)
        {
            Attempts.Close(draft, i, live.IsGranted ? AttemptEnd.Cancelled : AttemptEnd.Withdrawn, reason, mayRun: live.IsGranted);
        }
    }

    private static void Set(SimulationDraft draft, int i, StageOrder order)
    {
        var reason = Said($"set to {SimulationDraft.Name(order.Status)}", order);
        Stop(draft, i, reason);
        var completed = order.Status == StageStatus.Completed;
        draft.Set(i, draft[i] with { Progress = completed ? 1 : draft[i].Progress, ProgressMax = completed ? 1 : draft[i].ProgressMax, IsSkippedByOrder = false });
        Attempts.Finish(draft, i, order.Status, reason);
        Revive(draft, Readiness.GraphOf(draft.State).Downstream(i));
        if (completed && draft.State.Stages.All(static stage => stage.Status != StageStatus.Failed))
        {
            draft.Set(draft.State with { Reason = null });
        }
    }

    private static void Rerun(SimulationDraft draft, int i, StageOrder order)
    {
        if (draft.State.IsFinal)
        {
            draft.Set(draft.State with { Status = draft.State.StartedAt is null ? SimulationStatus.Pending : SimulationStatus.Running, EndedAt = null, ReminderRemoved = false });
            draft.Emit(new() { Kind = EventKinds.SimulationReopened, Text = Said($"goes on, {draft[i].Name} and what comes after it again", order), Status = SimulationDraft.Name(draft.State.Status) });
        }

        Emit(draft, i, EventKinds.StageRerun, "and what comes after it: again from the beginning", order);
        foreach (var place in (IEnumerable<int>)[i, .. Readiness.GraphOf(draft.State).Downstream(i).Order()])
        {
            if (draft[place] is { Status: StageStatus.Waiting, Epoch: 0, Edges.IsEmpty: true } || (place != i && draft[place].IsSkippedByOrder))
            {
                continue;
            }

            Stop(draft, place, Said("run again", order));
            var stage = draft[place];
            draft.Set(place, new StageState
            {
                Name = stage.Name,
                Status = StageStatus.Waiting,
                Epoch = stage.Epoch,
                Recent = stage.Recent,
                Checkpoints = stage.Checkpoints,

                // What was saved before belongs to the former run: no attempt goes on from it any more.
                RerunAfterEpoch = stage.Epoch,
                TaskRun = place == i && order.KeepsTasks ? stage.TaskRun : stage.Epoch,
                FromBeginning = true,
                AttemptsMade = stage.AttemptsMade,
                CheckpointsMade = stage.CheckpointsMade,
                StepsAgain = stage.StepsAgain,
                Estimate = stage.Estimate,
                Use = stage.Use,
                CheckpointCost = stage.CheckpointCost,
                CheckpointFlush = stage.CheckpointFlush,
                SmallerCheckpointCost = stage.SmallerCheckpointCost,
                Exposure = stage.Exposure,
                Failures = stage.Failures,
                AwaitsDeath = stage.AwaitsDeath is null ? null : stage.AwaitsDeath with { Look = true },
                StaleEpochs = stage.StaleEpochs,
                CheckpointPolicy = stage.CheckpointPolicy,
                Faults = stage.Faults,
                FaultsSeen = stage.FaultsSeen,
                Resources = stage.Resources,
                IsReconfigured = stage.IsReconfigured,
                Recovery = stage.Recovery,
                Hold = stage.Hold,
                Priority = stage.Priority,
                AddedBy = stage.AddedBy,
                Family = stage.Family,
                Generation = stage.Generation,

                // Whoever approved saw other results; what was declared not to matter still does not.
                Edges = place == i ? [.. stage.Edges.Select(static mark => mark with { SatisfiedAt = null })] : [.. stage.Edges.Where(static mark => mark.BypassedBy is not null)],
            });
        }

        draft.Set(draft.State with { Reason = draft.State.Status is SimulationStatus.Running or SimulationStatus.Pending ? null : draft.State.Reason });
    }

    private static void Change(SimulationDraft draft, int i, StageOrder order)
    {
        var stage = draft[i];
        var resources = order.Resources ?? stage.Resources;
        var priority = order.Priority == PriorityClass.Absent ? stage.Priority : order.Priority;
        if (Equals(resources, stage.Resources) && priority == stage.Priority)
        {
            return;
        }

        draft.Set(i, stage with { Resources = resources, Priority = priority });
        Emit(draft, i, EventKinds.StageChanged, $"asks for {(order.Resources is null ? "" : "other resources")}{(order is { Resources: not null, Priority: not PriorityClass.Absent } ? " and " : "")}{(order.Priority == PriorityClass.Absent ? "" : $"priority {SimulationDraft.Name(order.Priority)}")}", order);
        if (stage.Live is not null)
        {
            // The cluster has the old request: another epoch asks anew.
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, "withdrawn from the queue, changed");
            Attempts.GoOn(draft, i);
        }
    }

    private static void Approve(SimulationDraft draft, int i, StageOrder order)
    {
        var given = false;
        foreach (var (edge, who) in Wanted(draft.State, i).ToArray())
        {
            if (MayApprove(who, order) && draft[i].Edges.FirstOrDefault(mark => mark.Edge == edge)?.ApprovedBy is null)
            {
                draft.Mark(i, edge, mark => mark with { ApprovedBy = order.By, ApprovedAt = draft.Now, Why = order.Reason });
                given = true;
            }
        }

        if (given)
        {
            Emit(draft, i, EventKinds.StageApproved, "approved", order);
        }
    }

    private static void Bypass(SimulationDraft draft, int i, StageOrder order)
    {
        var given = false;
        var after = draft.DefinitionOf(i).After;
        for (var number = 0; number < after.Length; number++)
        {
            if (after[number].Stage == order.From && draft[i].Edges.FirstOrDefault(mark => mark.Edge == number)?.BypassedBy is null)
            {
                draft.Mark(i, number, mark => mark with { BypassedBy = order.By, BypassedAt = draft.Now, Why = order.Reason });
                given = true;
            }
        }

        if (given)
        {
            Emit(draft, i, EventKinds.StageBypassed, $"need not wait for {order.From} any more", order);
            draft.Set(i, draft[i] with { IsSkippedByOrder = false });
            Revive(draft, [i, .. Readiness.GraphOf(draft.State).Downstream(i)]);
        }
    }

    /// <summary>What was skipped is judged anew, and what did not start since the simulation is held; what a person skipped stays so.</summary>
    private static void Revive(SimulationDraft draft, IEnumerable<int> places)
    {
        foreach (var place in places)
        {
            if (draft[place] is { Status: StageStatus.Skipped, Epoch: 0, IsSkippedByOrder: false } or { Status: StageStatus.Paused, Epoch: 0 } && draft[place] is var stage)
            {
                draft.Set(place, stage with { Status = StageStatus.Waiting, Reason = null, EndedAt = null });
            }
        }
    }

    /// <summary>It, or the first stage after it, directly or not, of which outputs are being published; null: none.</summary>
    private static string? Publishing(SimulationState state, int i)
    {
        foreach (var place in (IEnumerable<int>)[i, .. Readiness.GraphOf(state).Downstream(i).Order()])
        {
            if (state.Stages[place].Status == StageStatus.Publishing)
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

    private static SimulationDefinition Grown(SimulationDefinition definition, StageAddition addition)
    {
        StageDefinition[] stages = [.. definition.Stages, .. addition.Stages];
        var wanted = addition.Edges.ToLookup(static edge => edge.Stage, static edge => edge.Dependency, StringComparer.Ordinal);
        HashSet<string> done = new(StringComparer.Ordinal);
        for (var place = 0; place < stages.Length && wanted.Count > 0; place++)
        {
            if (wanted.Contains(stages[place].Name) && done.Add(stages[place].Name))
            {
                stages[place] = stages[place] with { After = [.. stages[place].After, .. wanted[stages[place].Name]] };
            }
        }

        return definition with { Stages = [.. stages] };
    }

    /// <summary>Lists that were left out are empty ones.</summary>
    private static StageAddition Whole(StageAddition addition) =>
        addition.Stages.IsDefault || addition.Edges.IsDefault || addition.Key is null
            ? addition with { Key = addition.Key ?? "", Stages = addition.Stages.IsDefault ? [] : addition.Stages, Edges = addition.Edges.IsDefault ? [] : addition.Edges }
            : addition;

    /// <summary>The first ones: an event is no place for thousands.</summary>
    private static string Some(ImmutableArray<string> refusals)
    {
        var text = string.Join(' ', refusals.Take(RefusalsTold));
        text = text.Length > RefusalsLengthMax ? text[..RefusalsLengthMax] + "…" : text;
        return refusals.Length > RefusalsTold ? FormattableString.Invariant($"{text} And {refusals.Length - RefusalsTold} more.") : text;
    }

    private static string FamilyOf(StageState stage) => stage.Family.Length > 0 ? stage.Family : stage.Name;

    /// <summary>Tells two additions under one key apart, in few letters.</summary>
    private static string Print(StageAddition addition)
    {
        var text = JsonSerializer.Serialize(addition with { Parent = null });
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..16];
    }

    private static string Said(string what, StageOrder order) => string.IsNullOrWhiteSpace(order.Reason) ? $"{what} by {order.By}" : $"{what} by {order.By}: {order.Reason}";

    private static void Emit(SimulationDraft draft, int i, string kind, string what, StageOrder order) => draft.Emit(i, new() { Kind = kind, Text = $"{draft[i].Name} {Said(what, order)}" });
}
