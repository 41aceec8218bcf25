using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What a definition must satisfy to be accepted, whoever made it.</summary>
public static class SimulationRules
{
    /// <summary>What is wrong with it, as a sentence that names the field and what is allowed (invariant 12); null: nothing.</summary>
    public static string? Problem(SimulationDefinition definition)
    {
        if (definition.Version is < 1 or > SimulationDefinition.CurrentVersion)
        {
            return $"version: {definition.Version} is not known; 1 to {SimulationDefinition.CurrentVersion} are.";
        }

        if (definition.Id.Value is null)
        {
            return "id: it is missing; a name that starts with \"s-\" is needed.";
        }

        if (definition.Cluster.Value is null)
        {
            return "cluster: it is missing; a name that starts with \"k-\" is needed.";
        }

        if (definition.Stages.IsDefaultOrEmpty)
        {
            return "stages: there is none; at least one is needed.";
        }

        if (definition.Promise is not (>= 0 and <= 1))
        {
            return "promise: it is from 0 to 1.";
        }

        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < definition.Stages.Length; i++)
        {
            if (ProblemOf(definition.Stages[i]) is { } problem)
            {
                return $"stages.{definition.Stages[i].Name}.{problem}";
            }

            if (!places.TryAdd(definition.Stages[i].Name, i))
            {
                return $"stages.{definition.Stages[i].Name}: two stages have this name; names are unique.";
            }
        }

        foreach (var stage in definition.Stages)
        {
            foreach (var edge in stage.After)
            {
                if (!places.ContainsKey(edge.Stage))
                {
                    return $"stages.{stage.Name}.after: there is no stage '{edge.Stage}'; {string.Join(", ", places.Keys)} are there.";
                }

                if (edge.Condition == DependencyCondition.Progress && edge.Progress is not (> 0 and <= 1))
                {
                    return $"stages.{stage.Name}.after.{edge.Stage}: a progress is above 0 and at most 1.";
                }
            }
        }

        return Cycle(definition, places) is { } cycle ? $"stages.{cycle}.after: the stage would wait for itself; the graph may have no cycle." : null;
    }

    /// <summary>Whether two definitions say the same, whatever the order of their labels.</summary>
    public static bool Same(SimulationDefinition one, SimulationDefinition other) =>
        ReferenceEquals(one, other) || JsonNode.DeepEquals(JsonSerializer.SerializeToNode(one), JsonSerializer.SerializeToNode(other));

    private static string? ProblemOf(StageDefinition stage)
    {
        if (stage.Name.Length is 0 or > 60 || !stage.Name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'))
        {
            return "name: it is 1 to 60 of a-z, A-Z, 0-9, '_' and '-'.";
        }

        if (string.IsNullOrWhiteSpace(stage.Run))
        {
            return "run: it is empty; a command is needed.";
        }

        if (ResourceRules.Problem(stage.Resources) is { } amount)
        {
            return $"resources.{amount}";
        }

        if (stage.EstimatedDuration <= TimeSpan.Zero || stage.Walltime <= TimeSpan.Zero || stage.Grace < TimeSpan.Zero || stage.StallAfter <= TimeSpan.Zero)
        {
            return "duration: durations, walltimes and stall times are above 0, grace is at least 0.";
        }

        if (stage.Retry is not { RetriesMax: >= 0 and <= 100 } || stage.Retry.BackoffFirst < TimeSpan.Zero || stage.Retry.BackoffMax < TimeSpan.Zero)
        {
            return "retry: 0 to 100 retries, waits of at least 0.";
        }

        return ProblemOf(stage.Checkpoint) is { } wrong
            ? $"checkpoint.{wrong}"
            : stage.After.Any(static edge => edge.Condition is < DependencyCondition.Success or > DependencyCondition.Progress)
                ? "after: a condition is success, failure, end or progress."
                : null;
    }

    /// <summary>What is wrong with a checkpoint policy, as a sentence; null: nothing.</summary>
    public static string? ProblemOf(CheckpointPolicy policy) => policy switch
    {
        { Every: CheckpointTrigger.Periodic or CheckpointTrigger.Hybrid } when policy.Interval <= TimeSpan.Zero => "every: the interval is above 0.",
        { OverheadMax: not (> 0 and < 1) } => "overhead: it is above 0 and below 100 %.",
        { ProgressDelta: not (> 0 and <= 1) } => "progress: it is above 0 and at most 100 %.",
        { CompleteWhen: CheckpointCompletion.Count, CompleteCount: < 1 } => "complete_when: a set has at least 1 file.",
        { CompleteWhen: CheckpointCompletion.Pattern, CompletePattern: not { Length: > 0 } } => "complete_when: the pattern is empty.",
        { Retention: { Daily: < 0 } or { Weekly: < 0 } or { Monthly: < 0 } or { EveryNth: < 0 } or { BytesMax: < 0 } } => "keep: counts and sizes are at least 0.",
        _ => null,
    };

    /// <summary>A stage on a cycle, or null.</summary>
    private static string? Cycle(SimulationDefinition definition, Dictionary<string, int> places)
    {
        var waits = definition.Stages.Select(static stage => stage.After.Select(static edge => edge.Stage).Distinct(StringComparer.Ordinal).Count()).ToArray();
        var ready = new Queue<int>(Enumerable.Range(0, waits.Length).Where(place => waits[place] == 0));
        var seen = 0;
        while (ready.TryDequeue(out var place))
        {
            seen++;
            for (var i = 0; i < waits.Length; i++)
            {
                if (definition.Stages[i].After.Any(edge => places[edge.Stage] == place) && --waits[i] == 0)
                {
                    ready.Enqueue(i);
                }
            }
        }

        return seen == waits.Length ? null : definition.Stages[Array.FindIndex(waits, static count => count > 0)].Name;
    }
}
