using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Core.Simulations;

/// <summary>What a definition must satisfy to be accepted, whoever made it.</summary>
public static class SimulationRules
{
    /// <summary>The first of <see cref="Problems"/>; null: there is none.</summary>
    public static string? Problem(SimulationDefinition definition) => Problems(definition) is [var first, ..] ? first : null;

    /// <summary>All that is wrong with it, as sentences that name the field and what is allowed (invariant 12).</summary>
    public static ImmutableArray<string> Problems(SimulationDefinition definition)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (definition.Version is < 1 or > SimulationDefinition.CurrentVersion)
        {
            problems.Add($"version: {definition.Version} is not known; 1 to {SimulationDefinition.CurrentVersion} are.");
        }

        if (definition.Id.Value is null)
        {
            problems.Add("id: it is missing; a name that starts with \"s-\" is needed.");
        }

        if (definition.Cluster.Value is null)
        {
            problems.Add("cluster: it is missing; a name that starts with \"k-\" is needed.");
        }

        if (definition.Promise is not (>= 0 and <= 1))
        {
            problems.Add("promise: it is from 0 to 1.");
        }

        if (definition.Stages.IsDefaultOrEmpty)
        {
            problems.Add("stages: there is none; at least one is needed.");
            return problems.ToImmutable();
        }

        foreach (var stage in definition.Stages)
        {
            if ((ProblemOf(stage) ?? TaskSetDefinition.Whole(definition.Stages, stage)?.Problem(stage.Resources, stage.Walltime)) is { } problem)
            {
                problems.Add($"stages.{stage.Name}.{problem}");
            }

            problems.AddRange(stage.After.Select(ProblemOf).OfType<string>().Select(wrong => $"stages.{stage.Name}.after.{wrong}"));
        }

        problems.AddRange(WorkflowGraph.Of(definition.Stages).Problems);
        return problems.ToImmutable();
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

        if (stage.Kind is < StageKind.Absent or > StageKind.Barrier || stage.Join is < JoinRule.Absent or > JoinRule.Settled || stage.JoinCount < 0)
        {
            return "kind, join: a kind is work or barrier; a join is all, any or settled, of at least 0.";
        }

        if (stage.Trigger is { } trigger && ProblemOf(trigger) is { } triggered)
        {
            return triggered;
        }

        if (stage.Kind != StageKind.Barrier && string.IsNullOrWhiteSpace(stage.Run))
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

        if (stage.Preview?.Problem() is { } shown)
        {
            return $"preview.{shown}";
        }

        if (stage.OnExcess is < ExcessAction.Absent or > ExcessAction.Stop)
        {
            return "onExcess: it is note or stop.";
        }

        return ProblemOf(stage.Checkpoint) is { } wrong ? $"checkpoint.{wrong}" : null;
    }

    /// <summary>What is wrong with a checkpoint policy first, as a sentence; null: nothing.</summary>
    public static string? ProblemOf(CheckpointPolicy policy) => ProblemsOf(policy).FirstOrDefault();

    /// <summary>Everything that is wrong with a checkpoint policy, a sentence each; empty: nothing.</summary>
    internal static IEnumerable<string> ProblemsOf(CheckpointPolicy policy)
    {
        if (policy.Every is CheckpointTrigger.Periodic or CheckpointTrigger.Hybrid && policy.Interval <= TimeSpan.Zero)
        {
            yield return "every: the interval is above 0.";
        }

        if (policy.OverheadMax is not (> 0 and < 1))
        {
            yield return "overhead: it is above 0 and below 100 %.";
        }

        if (policy.ProgressDelta is not (> 0 and <= 1))
        {
            yield return "progress: it is above 0 and at most 100 %.";
        }

        if (policy is { CompleteWhen: CheckpointCompletion.Count, CompleteCount: < 1 })
        {
            yield return "complete_when: a set has at least 1 file.";
        }

        if (policy is { CompleteWhen: CheckpointCompletion.Pattern, CompletePattern: not { Length: > 0 } })
        {
            yield return "complete_when: the pattern is empty.";
        }

        if (policy.Retention is { Daily: < 0 } or { Weekly: < 0 } or { Monthly: < 0 } or { EveryNth: < 0 } or { BytesMax: < 0 })
        {
            yield return "keep: counts and sizes are at least 0.";
        }
    }

    private static string? ProblemOf(Dependency edge) => edge switch
    {
        { Condition: < DependencyCondition.Success or > DependencyCondition.Artifact } => $"{edge.Stage}: a condition is success, failure, end, progress or artifact.",
        { Condition: DependencyCondition.Progress, Progress: not (> 0 and <= 1) } => $"{edge.Stage}: a progress is above 0 and at most 1.",
        { Condition: DependencyCondition.Artifact, Artifact: null or "" } => $"{edge.Stage}: the path of the file is missing.",
        { Delay.Ticks: < 0 } => $"{edge.Stage}: a delay is at least 0.",
        { Approval: "" } => $"{edge.Stage}: who approves is missing; the name of a user, a role, or \"{Dependency.Anyone}\".",
        { Kind: < DependencyKind.Absent or > DependencyKind.Temporal } => $"{edge.Stage}: a kind is sequential, data, resource, conditional or temporal.",
        _ => null,
    };

    private static string? ProblemOf(StageTrigger trigger) => trigger switch
    {
        { Kind: < TriggerKind.Automatic or > TriggerKind.Expression } => "trigger: it is automatic, manual, timed, data or expression.",
        { Kind: TriggerKind.Manual, Approval: "" } => $"trigger: who approves is missing; the name of a user, a role, or \"{Dependency.Anyone}\".",
        { Kind: TriggerKind.Timed, At: null, Delay.Ticks: <= 0 } => "trigger: a moment, or a delay above 0 is needed.",
        { Kind: TriggerKind.Data, Artifact: null or "" } => "trigger: the path of the file is missing.",
        { Kind: TriggerKind.Expression, When: null or "" } => "trigger: the expression is missing.",
        _ => null,
    };
}
