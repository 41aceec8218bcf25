using System.Collections.Immutable;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>A template that runs: its stages under names of their own, and where they stand.</summary>
public sealed class WorkflowInstance
{
    private readonly Dictionary<string, DateTimeOffset> starts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> ends = new(StringComparer.Ordinal);

    private WorkflowInstance(string id, WorkflowTracker tracker, ImmutableSortedDictionary<string, string> stages) => (Id, Tracker, Stages) = (id, tracker, stages);

    public string Id { get; }

    public WorkflowTracker Tracker { get; }

    /// <summary>Name in the template to name in the instance.</summary>
    public ImmutableSortedDictionary<string, string> Stages { get; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public int Total => Tracker.Graph.Count;

    public int Completed => Tracker.CompletedCount;

    /// <summary>0 to 1, by stages.</summary>
    public double Progress => Total == 0 ? 1 : (double)Completed / Total;

    public WorkflowStatus Status =>
        Tracker.HasEnded ? Tracker.Graph.Stages.Any(stage => Tracker.FactsOf(stage.Name).Status == StageStatus.Failed) ? WorkflowStatus.Failed : WorkflowStatus.Completed
        : StartedAt is null ? WorkflowStatus.Scheduled : WorkflowStatus.Running;

    /// <summary>Stages that may start now, by their names in the template.</summary>
    public IReadOnlyList<string> Next => [.. Tracker.Ready.Select(OfTemplate)];

    public DateTimeOffset? StartOf(string stage) => starts.TryGetValue(stage, out var at) ? at : null;

    public DateTimeOffset? EndOf(string stage) => ends.TryGetValue(stage, out var at) ? at : null;

    /// <param name="id">Its name; each stage is called ID-STAGE in it. Empty: as in the template.</param>
    /// <param name="template">Stages of a graph.</param>
    /// <param name="now">The time.</param>
    /// <returns>An instance, or every problem and none.</returns>
    public static (WorkflowInstance? Instance, ImmutableArray<string> Problems) Of(string id, ImmutableArray<StageDefinition> template, DateTimeOffset now)
    {
        var (graph, problems) = WorkflowGraph.Of([.. template.Select(stage => stage with
        {
            Name = Name(id, stage.Name),
            After = [.. stage.After.Select(edge => edge with { Stage = Name(id, edge.Stage), When = Named(edge.When, id) })],
            Trigger = stage.Trigger is { When: { } when } trigger ? trigger with { When = Named(when, id) } : stage.Trigger,
        })]);
        return graph is null ? (null, problems) : (new(id, new(graph, now), template.ToImmutableSortedDictionary(static stage => stage.Name, stage => Name(id, stage.Name))), []);
    }

    /// <summary>A stage, by its name in the template, stands elsewhere now.</summary>
    public WorkflowChange Update(string stage, StageStatus status, DateTimeOffset now) => Update(stage, Tracker.FactsOf(Stages[stage]) with { Status = status }, now);

    public WorkflowChange Update(string stage, StageFacts facts, DateTimeOffset now)
    {
        if (facts.Status is StageStatus.Running)
        {
            StartedAt ??= now;
            starts.TryAdd(stage, now);
        }

        if (facts.IsFinal)
        {
            StartedAt ??= now;
            ends[stage] = now;
        }

        var change = Tracker.Report(Stages[stage], facts, now);
        EndedAt = Tracker.HasEnded ? EndedAt ?? now : null;
        return change;
    }

    private static string Name(string id, string stage) => id.Length == 0 ? stage : $"{id}-{stage}";

    private static string? Named(string? expression, string id)
    {
        if (expression is null || id.Length == 0 || !WorkflowExpression.TryParse(expression, out var read, out _))
        {
            return expression;
        }

        return read!.Stages.Aggregate(expression, (made, stage) => System.Text.RegularExpressions.Regex.Replace(
            made, $"(?<![A-Za-z0-9_.\"'-]){System.Text.RegularExpressions.Regex.Escape(stage)}(?=[.,])", Name(id, stage)));
    }

    private string OfTemplate(string stage) => Id.Length == 0 ? stage : stage[(Id.Length + 1)..];
}

/// <summary>Where a workflow stands.</summary>
public enum WorkflowStatus
{
    Absent = 0,
    Scheduled = 1,
    Running = 2,
    Completed = 3,
    Failed = 4,
}
