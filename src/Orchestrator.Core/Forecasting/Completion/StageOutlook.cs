using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Forecasting.Completion;

/// <summary>What is known of a simulation whose end is asked for.</summary>
public sealed record SimulationOutlook
{
    public string Simulation { get; init; } = "";

    public string Campaign { get; init; } = "";

    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Null: it is not over.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>In any order; dependencies on stages that are not in the list are taken to be satisfied.</summary>
    public ImmutableArray<StageOutlook> Stages { get; init; } = [];

    /// <summary>How long a stage waits for nodes that is not in the queue yet; not negative.</summary>
    public TimeSpan UsualWait { get; init; }

    /// <summary>What has to be said with it; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>What is known of one of its stages.</summary>
public sealed record StageOutlook
{
    public string Name { get; init; } = "";

    public StageStatus Status { get; init; }

    public ImmutableArray<StageEdge> After { get; init; } = [];

    /// <summary>As submitted; not negative.</summary>
    public TimeSpan Planned { get; init; }

    /// <summary>Of the whole stage, as it is expected now; without bounds it is taken to be off by up to twice, both ways.</summary>
    public ExpectedDuration Whole { get; init; } = new();

    /// <summary>How much of that is done; not negative.</summary>
    public TimeSpan Done { get; init; }

    /// <summary>Null: it did not start yet.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>While it waits for nodes: when it gets them, by the plan; null: not known.</summary>
    public DateTimeOffset? QueuedUntil { get; init; }

    internal bool IsOver => Status >= StageStatus.Completed;

    internal bool IsActive => Status is StageStatus.Starting or StageStatus.Running or StageStatus.Publishing;
}

/// <summary>One stage waits for another.</summary>
public sealed record StageEdge
{
    public string Stage { get; init; } = "";

    /// <summary>It waits for so large a part of the other, above 0 to 1.</summary>
    public double Part { get; init; } = 1;

    /// <summary>So long after it.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>It waits no longer, whatever the other does.</summary>
    public bool IsSatisfied { get; init; }

    /// <summary>As the definition has it.</summary>
    public static StageEdge Of(Dependency dependency, bool isSatisfied)
    {
        ArgumentNullException.ThrowIfNull(dependency);
        return new()
        {
            Stage = dependency.Stage,
            Part = dependency is { Condition: DependencyCondition.Progress, Progress: > 0 and <= 1 } ? dependency.Progress : 1,
            Delay = dependency.Delay,
            IsSatisfied = isSatisfied,
        };
    }
}
