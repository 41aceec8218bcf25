using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows;

/// <summary>What a graph of stages asks for by its own estimates, before anything runs.</summary>
public sealed record WorkflowEstimate
{
    /// <summary>Sum over the stages of cores by estimated duration.</summary>
    public TimeSpan CoreTime { get; private init; }

    /// <summary>How long it takes when no stage ever waits for a node.</summary>
    public TimeSpan CriticalPathDuration { get; private init; }

    /// <summary>The stages of one longest path, first to last.</summary>
    public ImmutableArray<string> CriticalPath { get; private init; } = [];

    /// <summary>Stages that may run beside each other; each stage stands one level after the last one it waits for.</summary>
    public ImmutableArray<ImmutableArray<string>> Levels { get; private init; } = [];

    /// <summary>A dependency on progress is taken to be satisfied at that part of the other's duration.</summary>
    /// <param name="stages">A graph without cycles, each dependency in the list.</param>
    /// <exception cref="ArgumentException">The stages wait for each other, or for one that is not there.</exception>
    public static WorkflowEstimate Of(ImmutableArray<StageDefinition> stages)
    {
        var places = new Dictionary<string, Place>(stages.Length, StringComparer.Ordinal);
        foreach (var stage in InOrder(stages))
        {
            var level = 0;
            var start = TimeSpan.Zero;
            string? from = null;
            foreach (var dependency in stage.After)
            {
                var other = places[dependency.Stage];
                level = Math.Max(level, other.Level + 1);
                var satisfied = dependency.Condition == DependencyCondition.Progress ? other.Start + (dependency.Progress * (other.End - other.Start)) : other.End;
                satisfied += dependency.Delay;
                if (from is null || satisfied > start)
                {
                    (start, from) = (satisfied, dependency.Stage);
                }
            }

            places.Add(stage.Name, new(level, start, start + stage.EstimatedDuration, from));
        }

        // Of several that end last, the first in the file: the same answer each time.
        var last = stages.Length == 0 ? null : stages.MaxBy(stage => places[stage.Name].End)!.Name;
        return new()
        {
            CoreTime = stages.Aggregate(TimeSpan.Zero, static (sum, stage) => sum + (stage.EstimatedDuration * ((double)stage.Resources.Nodes * stage.Resources.CoresPerNode))),
            CriticalPathDuration = last is null ? TimeSpan.Zero : places[last].End,
            CriticalPath = Path(last, places),
            Levels = [.. stages.GroupBy(stage => places[stage.Name].Level).OrderBy(static level => level.Key).Select(static level => level.Select(static stage => stage.Name).ToImmutableArray())],
        };
    }

    /// <summary>Each stage after those it waits for; otherwise as given.</summary>
    /// <exception cref="ArgumentException">The stages wait for each other, or for one that is not there.</exception>
    public static IEnumerable<StageDefinition> InOrder(ImmutableArray<StageDefinition> stages)
    {
        var waiting = stages.ToDictionary(static stage => stage.Name, static stage => stage.After.Select(static dependency => dependency.Stage).Distinct().Count(), StringComparer.Ordinal);
        var followers = stages
            .SelectMany(static stage => stage.After.Select(dependency => (dependency.Stage, Follower: stage)).DistinctBy(static edge => edge.Stage))
            .ToLookup(static edge => edge.Stage, static edge => edge.Follower, StringComparer.Ordinal);
        var ready = new Queue<StageDefinition>(stages.Where(stage => waiting[stage.Name] == 0));
        var order = new List<StageDefinition>(stages.Length);
        while (ready.TryDequeue(out var stage))
        {
            order.Add(stage);
            foreach (var follower in followers[stage.Name].Where(follower => --waiting[follower.Name] == 0))
            {
                ready.Enqueue(follower);
            }
        }

        return order.Count == stages.Length ? order : throw new ArgumentException("The stages wait for each other, or for one that is not there.", nameof(stages));
    }

    private static ImmutableArray<string> Path(string? last, Dictionary<string, Place> places)
    {
        var path = new List<string>();
        for (var name = last; name is not null; name = places[name].From)
        {
            path.Add(name);
        }

        path.Reverse();
        return [.. path];
    }

    private sealed record Place(int Level, TimeSpan Start, TimeSpan End, string? From);
}
