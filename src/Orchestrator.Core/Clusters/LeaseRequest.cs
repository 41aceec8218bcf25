using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster must know of an attempt that wants nodes: compact, since it holds all of them.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-request")]
public sealed record LeaseRequest
{
    [Id(0)] public AttemptId Attempt { get; init; }

    [Id(1)] public ResourceRequest Resources { get; init; } = new();

    [Id(2)] public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>When the simulation was submitted; inside a class of priority the earlier goes first.</summary>
    [Id(3)] public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>How long the segment holds its nodes at most; null: not known.</summary>
    [Id(4)] public TimeSpan? DurationEstimate { get; init; }

    [Id(5)] public Ownership Owner { get; init; } = new();

    /// <summary>Nodes that must not be used.</summary>
    [Id(6)] public ImmutableArray<NodeId> Avoid { get; init; } = [];

    [Id(7)] public bool Protected { get; init; }

    /// <summary>Time that the program gets between the request to leave and KILL, when the cluster asks it to leave.</summary>
    [Id(8)] public TimeSpan Grace { get; init; }

    /// <summary>Orders submissions of the same instant: the place of the stage in its definition, then of the simulation in its campaign.</summary>
    [Id(9)] public long Order { get; init; }

    /// <summary>What was learned: how long the segment is likely to run; null: nothing was.</summary>
    [Id(10)] public TimeSpan? DurationExpected { get; init; }

    /// <summary>With <see cref="DurationExpected"/>: it ends later in one of ten cases.</summary>
    [Id(11)] public TimeSpan? DurationHigh { get; init; }

    /// <summary>What kind of work it is, for what is learned of kinds.</summary>
    [Id(12)] public string JobType { get; init; } = "";

    [Id(13)] public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long the simulation needs from the start of this attempt on, along its critical path; null: as long as the attempt.</summary>
    [Id(14)] public TimeSpan? WorkAhead { get; init; }

    /// <summary>0 to 1: what its scenario promises.</summary>
    [Id(15)] public double Promise { get; init; } = 0.5;

    /// <summary>It can be stopped at a checkpoint and go on later.</summary>
    [Id(16)] public bool CanCheckpoint { get; init; }

    /// <summary>The reservation in which it wants to run; "": none.</summary>
    [Id(17)] public string Reservation { get; init; } = "";

    /// <summary>The highest class among those that wait for it; absent: nobody does.</summary>
    [Id(18)] public PriorityClass Inherited { get; init; }

    /// <summary>What a stop and a new start cost beside the work that is lost.</summary>
    [Id(19)] public TimeSpan RestartCost { get; init; }

    [Id(20)] public bool EnergyIntensive { get; init; }

    /// <summary>The campaign that it is part of; "": none.</summary>
    [Id(21)] public string Campaign { get; init; } = "";

    /// <summary>Its program writes where others do: until it was seen dead, or a person said so, it counts as running, however long it is out of sight.</summary>
    [Id(22)] public bool WritesSharedPaths { get; init; }

    /// <summary>Names of what it reads; nodes that hold all of it are taken first.</summary>
    [Id(23)] public ImmutableArray<string> Data { get; init; } = [];
}
