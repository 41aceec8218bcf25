using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>A node as people and its cluster see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-view")]
public sealed record NodeView
{
    [Id(0)] public NodeId Id { get; init; }

    [Id(1)] public ClusterId Cluster { get; init; }

    [Id(2)] public NodeStatus Status { get; init; }

    [Id(3)] public NodeVerb Drain { get; init; }

    [Id(4)] public string? DrainReason { get; init; }

    [Id(5)] public NodeCapabilities Capabilities { get; init; } = new();

    [Id(6)] public string User { get; init; } = "";

    [Id(7)] public DateTimeOffset? AllocationEnd { get; init; }

    [Id(8)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Leases its agent is to hold.</summary>
    [Id(9)] public ImmutableArray<WantedLease> Wanted { get; init; } = [];

    /// <summary>What its agent said it holds.</summary>
    [Id(10)] public ImmutableArray<RunningAttempt> Running { get; init; } = [];

    /// <summary>0 to 1.</summary>
    [Id(11)] public double CpuLoad { get; init; }

    [Id(12)] public long MemoryUsed { get; init; }

    /// <summary>Times that it was given up, newest last; bounded.</summary>
    [Id(13)] public ImmutableArray<DateTimeOffset> Failures { get; init; } = [];

    [Id(14)] public string Instance { get; init; } = "";

    [Id(15)] public string AgentVersion { get; init; } = "";

    /// <summary>Grows with every stored change.</summary>
    [Id(16)] public long Version { get; init; }

    /// <summary>The version of the wanted leases that its agent has carried out.</summary>
    [Id(17)] public long WantedVersionDone { get; init; }

    [Id(18)] public string BootId { get; init; } = "";

    [Id(19)] public NodeCondition Condition { get; init; }

    /// <summary>With a condition that is not sound: why, as a sentence for people.</summary>
    [Id(20)] public string? ConditionReason { get; init; }

    /// <summary>How suspicious its silence is now; 0: not at all, or too little is known of it (<see cref="PhiAccrual"/>).</summary>
    [Id(21)] public double Suspicion { get; init; }

    [Id(22)] public NodePressure? Pressure { get; init; }

    /// <summary>Why the silence of what runs on it says nothing at present, as a sentence; null: it does.</summary>
    [Id(23)] public string? Unclear { get; init; }
}
