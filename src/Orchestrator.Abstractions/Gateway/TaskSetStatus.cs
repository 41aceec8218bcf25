using System.Collections.Immutable;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>The tasks of a stage that is an array, as people see them.</summary>
public sealed record TaskSetStatus
{
    public string Stage { get; init; } = "";

    public int Tasks { get; init; }

    public TaskCounts Counts { get; init; } = new();

    /// <summary>The stage completes with so many failed tasks.</summary>
    public int FailuresMax { get; init; }

    /// <summary>Of all ends that counted, together.</summary>
    public TimeSpan TaskTime { get; init; }

    /// <summary>The first ones that failed for good, by number; at most <see cref="FailuresShown"/>.</summary>
    public ImmutableArray<FailedTask> Failed { get; init; } = [];

    /// <summary>Workers that wait, or have failed, and say why: for nodes, as a rule; or since tasks failed on their node that others completed.</summary>
    public ImmutableArray<IdleTaskWorker> Idle { get; init; } = [];

    public const int FailuresShown = 1000;
}

/// <summary>A worker of a set that runs nothing now.</summary>
public sealed record IdleTaskWorker
{
    public string Stage { get; init; } = "";

    public StageStatus Status { get; init; }

    /// <summary>In words.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A task that failed as often as it may.</summary>
public sealed record FailedTask
{
    public string Name { get; init; } = "";

    public TaskFaultKind Kind { get; init; }

    /// <summary>Exit status; the negative number of the signal that ended it; -1 for a time-out.</summary>
    public int Code { get; init; }

    public int Attempts { get; init; }

    public string Node { get; init; } = "";

    public DateTimeOffset At { get; init; }

    /// <summary>Where its output is, relative to the data directory.</summary>
    public string Folder { get; init; } = "";
}

/// <summary>What became of the wish to try failed tasks again.</summary>
public sealed record TaskRetryReply
{
    /// <summary>So many wait again.</summary>
    public int Tasks { get; init; }

    /// <summary>The stage had ended, and runs again.</summary>
    public bool IsRerun { get; init; }
}
