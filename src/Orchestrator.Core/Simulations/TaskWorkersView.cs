using System.Collections.Immutable;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Simulations;

/// <summary>The workers of a set of tasks: all that an exchange with one of them needs to know.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-workers-view")]
public sealed record TaskWorkersView
{
    /// <summary>The stage as its author named it.</summary>
    [Id(0)] public string Set { get; init; } = "";

    /// <summary>Which run of the tasks it is.</summary>
    [Id(1)] public int Run { get; init; }

    [Id(2)] public int Segments { get; init; }

    /// <summary>Empty: there is no such set.</summary>
    [Id(3)] public ImmutableArray<TaskWorkerView> Workers { get; init; } = [];

    /// <summary>Of the simulation.</summary>
    [Id(4)] public Ownership Owner { get; init; } = new();
}

/// <summary>One of them.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-worker-view")]
public sealed record TaskWorkerView
{
    /// <summary>From 1.</summary>
    [Id(0)] public int Worker { get; init; }

    [Id(1)] public string Stage { get; init; } = "";

    [Id(2)] public StageStatus Status { get; init; }

    [Id(3)] public int Epoch { get; init; }

    /// <summary>Attempts up to this epoch are over for certain.</summary>
    [Id(4)] public int OverTo { get; init; }

    /// <summary>Where its attempt runs; "": nowhere.</summary>
    [Id(5)] public string Node { get; init; } = "";
}
