using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <content>
/// What a stage asks for, changed while its simulation lives. An attempt that has its nodes keeps what it was launched with, until it is over; one that waits for nodes asks anew.
/// </content>
internal static partial class Steering
{
    private const int RetriesMost = 100;

    private static ImmutableArray<string> OfChange(SimulationState state, int i, StageOrder order)
    {
        var (stage, definition) = (state.Stages[i], state.Definition.Stages[i]);
        var status = SimulationDraft.Name(stage.Status);
        if (stage.IsFinal)
        {
            return [$"{stage.Name} is {status}: it has ended; 'rerun' runs it again, and then it can be changed."];
        }

        if (order is { Resources: null, Priority: PriorityClass.Absent, Walltime: null, Duration: null, Retries: null })
        {
            return ["resources, priority, walltime, duration, retries: one of them is needed."];
        }

        var problems = ImmutableArray.CreateBuilder<string>();
        if (!Enum.IsDefined(order.Priority))
        {
            problems.Add("priority: background, low, medium, high and critical are allowed.");
        }
        else if (order.Priority != PriorityClass.Absent && stage.Live is { IsGranted: true })
        {
            problems.Add($"priority: {stage.Name} is {status}; it can be changed of what has not started.");
        }

        if (order.Walltime < TimeSpan.Zero)
        {
            problems.Add("walltime: it is above 0, or 0 for no limit.");
        }

        if (order.Duration <= TimeSpan.Zero)
        {
            problems.Add("duration: it is above 0.");
        }

        if (order.Retries is < 0 or > RetriesMost)
        {
            problems.Add(FormattableString.Invariant($"retries: {order.Retries} is not in range; 0 to {RetriesMost} are allowed."));
        }
        else if (order.Retries is { } retries && retries < stage.RetriesUsed && retries < definition.Retry.RetriesMax)
        {
            problems.Add(FormattableString.Invariant($"retries: {stage.RetriesUsed} are used already; {Math.Min(stage.RetriesUsed, definition.Retry.RetriesMax)} to {RetriesMost} are allowed."));
        }

        if (order.Resources is { } given && ResourceRules.Problem(given) is { } amount)
        {
            problems.Add($"resources.{amount}");
        }
        else if ((order.Resources is not null || order.Walltime >= TimeSpan.Zero)
            && TaskSetDefinition.Whole(state.Definition.Stages, definition)?.Problem(order.Resources ?? NextOf(stage, definition), Changed(definition, order).Walltime) is { } unfit)
        {
            problems.Add($"{(order.Resources is null ? "walltime" : "resources")}: {unfit}");
        }

        return problems.ToImmutable();
    }

    private static void Change(SimulationDraft draft, int i, StageOrder order)
    {
        var (stage, before) = (draft[i], draft.DefinitionOf(i));
        var after = Changed(before, order);
        List<string> said = [];
        List<string> asked = [];
        if (order.Resources is { } resources && !resources.Equals(NextOf(stage, before)))
        {
            stage = stage.Live is { IsGranted: true } ? stage with { NextResources = resources } : stage with { Resources = resources };
            asked.Add("other resources");
        }

        if (order.Priority != PriorityClass.Absent && order.Priority != stage.Priority)
        {
            stage = stage with { Priority = order.Priority };
            asked.Add($"priority {SimulationDraft.Name(order.Priority)}");
        }

        if (after.Walltime != before.Walltime)
        {
            asked.Add(after.Walltime is { } walltime ? $"a walltime of {DurationWords.Of(walltime)}" : "no walltime");
        }

        var takes = order.Duration is { } duration && (duration != stage.Estimate || duration != before.EstimatedDuration);
        if (takes)
        {
            asked.Add($"{DurationWords.Of(order.Duration!.Value)} in all");
        }

        said.AddRange(asked);
        if (after.Retry.RetriesMax != before.Retry.RetriesMax)
        {
            said.Add(FormattableString.Invariant($"{after.Retry.RetriesMax} {(after.Retry.RetriesMax == 1 ? "retry" : "retries")}"));
        }

        if (said.Count == 0)
        {
            return;
        }

        draft.Set(i, stage);
        if (!ReferenceEquals(after, before))
        {
            Redefine(draft, i, after);
        }

        var later = stage.Live is { IsGranted: true } ? ", from its next attempt on" : "";
        Emit(draft, i, EventKinds.StageChanged, $"asks for {string.Join(", ", said.SkipLast(1))}{(said.Count > 1 ? " and " : "")}{said[^1]}{later}", order);
        if (takes)
        {
            draft.Set(i, draft[i] with { Estimate = after.EstimatedDuration });
            draft.Keep(Estimates.Row(draft, after, after.EstimatedDuration, stage.Progress));
        }

        if (asked.Count > 0 && stage.Live is { IsGranted: false })
        {
            // The cluster has the old request: another epoch asks anew.
            Attempts.Close(draft, i, AttemptEnd.Withdrawn, "withdrawn from the queue, changed");
            Attempts.GoOn(draft, i);
        }
    }

    /// <summary>What its next attempt asks for.</summary>
    private static ResourceRequest NextOf(StageState stage, StageDefinition definition) => stage.NextResources ?? stage.Resources ?? definition.Resources;

    /// <summary>The same instance where the order changes nothing of it.</summary>
    private static StageDefinition Changed(StageDefinition definition, StageOrder order)
    {
        var walltime = order.Walltime is { } longest ? (longest == TimeSpan.Zero ? (TimeSpan?)null : longest) : definition.Walltime;
        var (duration, retries) = (order.Duration ?? definition.EstimatedDuration, order.Retries ?? definition.Retry.RetriesMax);
        return walltime == definition.Walltime && duration == definition.EstimatedDuration && retries == definition.Retry.RetriesMax
            ? definition
            : definition with { Walltime = walltime, EstimatedDuration = duration, Retry = definition.Retry with { RetriesMax = retries } };
    }

    /// <summary>What was submitted is kept: the same submission again is still the same.</summary>
    private static void Redefine(SimulationDraft draft, int i, StageDefinition after)
    {
        var state = draft.State;
        var (name, submitted) = (state.Stages[i].Name, state.SubmittedStages == 0 ? state.Stages.Length : state.SubmittedStages);
        draft.Set(state with
        {
            Definition = state.Definition with { Stages = state.Definition.Stages.SetItem(i, after) },
            SubmittedStages = submitted,
            Originals = i < submitted && !state.Originals.ContainsKey(name) ? state.Originals.Add(name, state.Definition.Stages[i]) : state.Originals,
        });
    }
}
