using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What is ahead of a stage, as its cluster wants to know it: how long it runs, and what waits for it.</summary>
internal static class Prospects
{
    /// <summary>A stage that is all but done still needs a moment.</summary>
    private const double ProgressMax = 0.99;

    /// <summary>What is taken to be the cost of writing a checkpoint, or of reading it, before one was measured.</summary>
    private static readonly TimeSpan CheckpointGuess = SimulationPolicy.Default.CheckpointCostGuess;

    /// <summary>How long the stage still runs by the newest estimate.</summary>
    public static TimeSpan Left(SimulationState state, int i) => state.Stages[i].Estimate * (1 - Math.Min(state.Stages[i].Progress, ProgressMax));

    /// <summary>
    /// How long the next segment is likely to run, and how long in one of ten cases: only once earlier segments have shown it, so that the estimate in force is not the one that
    /// was submitted. Neither is longer than the segment may be.
    /// </summary>
    public static (TimeSpan? Expected, TimeSpan? High) OfSegment(SimulationState state, int i, TimeSpan? longest)
    {
        var baseline = state.Definition.Stages[i].EstimatedDuration;
        var stage = state.Stages[i];
        if (stage.Estimate == baseline)
        {
            return (null, null);
        }

        var expected = Shorter(Left(state, i), longest);

        // What was seen is trusted the more, the more of the stage was seen; the submitted estimate bounds the doubt from above where it is the longer one.
        var doubt = Left(state, i) * (1 + (0.5 * (1 - Math.Min(stage.ProgressMax, 1))));
        var submitted = baseline * (1 - Math.Min(stage.Progress, ProgressMax));
        return (expected, Shorter(doubt > submitted ? doubt : submitted, longest));
    }

    /// <summary>From the start of the stage to the end of the simulation, along the longest chain of what is left.</summary>
    public static TimeSpan WorkAhead(SimulationState state, int i) => WorkAhead(state, i, new TimeSpan?[state.Stages.Length]);

    /// <summary>The highest class among the stages that are not over and wait for this one, over any number of steps; absent: none does.</summary>
    public static PriorityClass Inherited(SimulationState state, int i)
    {
        var classes = new Dictionary<string, PriorityClass>(state.Stages.Length, StringComparer.Ordinal);
        var parents = new Dictionary<string, ImmutableArray<string>>(state.Stages.Length, StringComparer.Ordinal);
        for (var at = 0; at < state.Stages.Length; at++)
        {
            if (at == i || !state.Stages[at].IsFinal)
            {
                // Its own class is no inherited one.
                var own = state.Stages[at].Priority;
                classes[state.Stages[at].Name] = at == i ? PriorityClass.Absent : own == PriorityClass.Absent ? state.Definition.Priority : own;
            }
        }

        for (var at = 0; at < state.Stages.Length; at++)
        {
            if (classes.ContainsKey(state.Stages[at].Name))
            {
                parents[state.Stages[at].Name] = [.. state.Definition.Stages[at].After.Select(static edge => edge.Stage).Where(classes.ContainsKey)];
            }
        }

        return PriorityInheritance.Effective(classes, parents, InheritanceDirection.ChildrenToParents)[state.Stages[i].Name];
    }

    /// <summary>
    /// It can be stopped at a checkpoint and go on from there: it has made one, or its definition says how it does. Of a program of which nothing of the kind is known it is not
    /// to be believed.
    /// </summary>
    public static bool CanCheckpoint(SimulationState state, int i) => CanCheckpoint(state.Definition.Stages[i], state.Stages[i].Checkpoints.Any(CheckpointCatalogue.IsRestorable));

    /// <summary>The same of a stage that has made a checkpoint or not.</summary>
    public static bool CanCheckpoint(StageDefinition stage, bool hasOne) => stage.Checkpoint.Every != CheckpointTrigger.Absent
        && (hasOne || stage.Restart is not null || stage.Signals is not null || !stage.Checkpoint.Files.IsEmpty || stage.Checkpoint.Verify is not null);

    /// <summary>To write a checkpoint and to read it again.</summary>
    public static TimeSpan RestartCost(StageState stage) => 2 * (stage.CheckpointCost ?? CheckpointGuess);

    private static TimeSpan WorkAhead(SimulationState state, int i, TimeSpan?[] known)
    {
        if (known[i] is { } already)
        {
            return already;
        }

        var behind = TimeSpan.Zero;
        foreach (var next in Readiness.GraphOf(state).FollowersOf(i))
        {
            if (!state.Stages[next].IsFinal && WorkAhead(state, next, known) is var chain && chain > behind)
            {
                behind = chain;
            }
        }

        var whole = Left(state, i) + behind;
        known[i] = whole;
        return whole;
    }

    private static TimeSpan Shorter(TimeSpan time, TimeSpan? longest) => longest is { } limit && limit < time ? limit : time;
}
