using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Storage;

namespace Orchestrator.Grains.Simulations;

/// <summary>What a state looks like from outside.</summary>
internal static class SimulationViews
{
    public static SimulationView Of(SimulationState state, DateTimeOffset now, SimulationPolicy policy)
    {
        var definition = state.Definition;
        return new()
        {
            Id = definition.Id,
            Name = definition.Name,
            Campaign = definition.Campaign,
            Scenario = definition.Scenario,
            Variant = definition.Variant,
            Member = definition.Member,
            Status = state.Status,
            Reason = state.Reason,
            Owner = definition.Owner,
            Cluster = definition.Cluster,
            Priority = definition.Priority,
            SubmittedAt = state.SubmittedAt,
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
            Progress = Estimates.Progress(state),
            Stages = [.. Enumerable.Range(0, state.Stages.Length).Select(i => Stage(state, i, policy, now))],
            Metrics = state.Metrics,
            ExpectedEnd = state.IsFinal ? null : Estimates.ExpectedEnd(state, now),
            BaselineEnd = state.BaselineEnd,
            Labels = definition.Labels,
            Version = state.Version,
            Use = state.Stages.Select(static stage => stage.Use).Aggregate(static (one, other) => one + other),
            Protected = definition.Protected,
            AdditionKeys = [.. state.Additions.Keys],
            CheckpointsWanted = state.CheckpointsWanted,
        };
    }

    public static AttemptView Attempt(SimulationId simulation, string stage, AttemptState attempt) => new()
    {
        Attempt = new(simulation, stage, attempt.Epoch),
        Nodes = Nodes(attempt),
        QueuedAt = attempt.QueuedAt,
        GrantedAt = attempt.GrantedAt,
        StartedAt = attempt.StartedAt,
        EndedAt = attempt.EndedAt,
        End = attempt.End,
        Reason = attempt.Reason,
        Restored = attempt.Restored,
        FirstStep = attempt.FirstStep,
        LastStep = attempt.LastStep,
        ExitStatus = attempt.ExitStatus,
        Use = attempt.Use,
    };

    /// <summary>The row of lists.</summary>
    public static SimulationIndexEntry Row(SimulationState state)
    {
        var definition = state.Definition;
        var updated = state.Outbox.IsEmpty ? state.EndedAt ?? state.StartedAt ?? state.SubmittedAt : state.Outbox[^1].At;
        var summary = new SimulationSummary
        {
            Id = definition.Id,
            Campaign = definition.Campaign,
            Project = SimulationMachine.ProjectOf(definition) ?? "",
            Variant = definition.Variant,
            Member = definition.Member,
            Status = state.Status,
            Reason = state.Reason,
            Priority = definition.Priority,
            Progress = Estimates.Progress(state),
            User = definition.Owner.User,
            Labels = definition.Labels,
            SubmittedAt = state.SubmittedAt,
            UpdatedAt = updated,
            Activity = string.Join(", ", state.Stages.Where(IsActive).Select(static stage => $"{stage.Name} {SimulationMachine.NameOf(stage.Status)}")),
            Attempts = state.Stages.Sum(static stage => stage.AttemptsMade),
            Checkpoints = state.Stages.Sum(static stage => stage.CheckpointsMade),
            StepsAgain = state.Stages.Sum(static stage => stage.StepsAgain),
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
        };
        return new()
        {
            Simulation = definition.Id.Value,
            Campaign = definition.Campaign,
            Project = SimulationMachine.ProjectOf(definition),
            Scenario = definition.Scenario?.Value,
            Variant = definition.Variant,
            Status = SimulationMachine.NameOf(state.Status),
            IsLive = !state.IsFinal,
            Owner = definition.Owner.User,
            Institution = definition.Owner.Institution,
            Cluster = definition.Cluster.Value,
            Priority = (int)definition.Priority,
            Progress = summary.Progress,
            SubmittedAt = state.SubmittedAt,
            UpdatedAt = updated,
            Version = state.Version,
            Summary = JsonSerializer.SerializeToUtf8Bytes(summary, WireJson.Options),
        };
    }

    private static StageView Stage(SimulationState state, int i, SimulationPolicy policy, DateTimeOffset now)
    {
        var stage = state.Stages[i];
        var definition = state.Definition.Stages[i];
        var simulation = state.Definition.Id;
        var (interval, next) = SimulationMachine.CheckpointPlan(state, i, policy);
        var checkpoints = SimulationMachine.ExplainCheckpoints(state, i, policy);
        var (previews, nextPreview) = SimulationMachine.PreviewPlan(state, i);
        var recent = stage.Live is { IsGranted: true } live ? stage.Recent.Add(live) : stage.Recent;
        return new()
        {
            Name = stage.Name,
            Status = stage.Status,
            Reason = SimulationMachine.Explain(state, i),
            After = definition.After,
            Kind = definition.Kind,
            Edges = [.. SimulationMachine.EdgesOf(state, i, now).Select((edge, number) => new EdgeView
            {
                From = definition.After[number].Stage,
                Kind = EdgeRules.KindOf(definition.After[number]),
                State = edge.State,
                Why = edge.Why,
                Mark = stage.Edges.FirstOrDefault(mark => mark.Edge == number),
            })],
            Metrics = stage.Metrics,
            ExitStatus = stage.ExitStatus,
            Hold = stage.Hold,
            AddedBy = stage.AddedBy,
            Priority = stage.Priority,
            Trigger = definition.Trigger,
            Resources = stage.Resources ?? definition.Resources,
            NextResources = stage.NextResources,
            Walltime = definition.Walltime,
            RetriesMax = definition.Retry.RetriesMax,
            JobType = SimulationMachine.JobTypeOf(state.Definition, definition),
            Progress = stage.Progress,
            Step = stage.Step,
            Epoch = stage.Epoch,
            RetriesUsed = stage.RetriesUsed,
            Attempts = stage.AttemptsMade,
            CheckpointsMade = stage.CheckpointsMade,
            StepsAgain = stage.StepsAgain,
            Nodes = stage.Live is null ? [] : Nodes(stage.Live),
            RecentAttempts = [.. recent.Select(attempt => Attempt(simulation, stage.Name, attempt))],
            Checkpoints = [.. stage.Checkpoints.Reverse()],
            StartedAt = stage.StartedAt,
            EndedAt = stage.EndedAt,
            BaselineDuration = definition.EstimatedDuration,
            EstimatedDuration = stage.Estimate,
            WorkDone = Estimates.WorkDone(stage, now),
            Use = stage.Live is null ? stage.Use : stage.Use + stage.Live.Use,
            Outputs = stage.Outputs,
            Artifacts = stage.Artifacts,
            Queue = stage.Live?.Queue,
            NextCheckpointAt = next,
            CheckpointInterval = interval,
            CheckpointPlan = checkpoints.Tell(),
            CheckpointConflict = checkpoints.Conflict,
            CheckpointPolicy = SimulationMachine.CheckpointPolicyOf(state, i),
            HeldRuns = SimulationMachine.HeldRuns(state, i),
            Tasks = definition.Tasks,
            TaskRun = stage.TaskRun,
            Previews = PreviewRegistry.BestFirst(stage.Previews),
            Preview = definition.Preview,
            NextPreviewAt = nextPreview,
            PreviewOverhead = previews.Overhead,
        };
    }

    private static bool IsActive(StageState stage) => stage.Status is > StageStatus.Waiting and < StageStatus.Completed;

    private static ImmutableArray<NodeId> Nodes(AttemptState attempt) => [.. attempt.Shares.Select(static share => share.Node)];
}
