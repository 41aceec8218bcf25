using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>What might be changed at a cluster; nothing of it is.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.what-if")]
public sealed record WhatIf
{
    /// <summary>More nodes like some that there are.</summary>
    [Id(0)] public ImmutableArray<MoreNodes> Nodes { get; init; } = [];

    /// <summary>Windows in place of those of the same name, or beside them.</summary>
    [Id(1)] public ImmutableArray<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>Windows that are called off.</summary>
    [Id(2)] public ImmutableArray<string> WithoutWindows { get; init; } = [];

    [Id(3)] public ImmutableArray<PrioritySetting> Priorities { get; init; } = [];

    /// <summary>Work that would be submitted beside what there is.</summary>
    [Id(4)] public ImmutableArray<LeaseRequest> Requests { get; init; } = [];

    /// <summary>Work that would be submitted once other work of this question is done.</summary>
    [Id(6)] public ImmutableArray<FollowingRequest> Followers { get; init; } = [];

    /// <summary>How far it is played forward at most; above 0.</summary>
    [Id(5)] public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(365);

    /// <summary>It asks how things go as they are.</summary>
    public bool ChangesNothing => Nodes.IsEmpty && Windows.IsEmpty && WithoutWindows.IsEmpty && Priorities.IsEmpty && Requests.IsEmpty;
}

/// <summary>Work that waits for other work of the same question.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.following-request")]
public sealed record FollowingRequest
{
    [Id(0)] public LeaseRequest Request { get; init; } = new();

    /// <summary>All of these have to end first; at least one.</summary>
    [Id(1)] public ImmutableArray<AttemptId> After { get; init; } = [];
}

/// <summary>So many nodes like one that there is.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.more-nodes")]
public sealed record MoreNodes
{
    [Id(0)] public NodeId Like { get; init; }

    /// <summary>1 to 10,000.</summary>
    [Id(1)] public int Count { get; init; } = 1;
}
