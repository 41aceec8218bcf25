using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Nodes;

/// <summary>What is stored of a node. It changes with its status, its inventory, what it is to hold and what is asked of it, never with a mere heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-state")]
public sealed record NodeState
{
    [Id(0)] public NodeId Id { get; init; }

    [Id(1)] public ClusterId Cluster { get; init; }

    /// <summary>Never <see cref="NodeStatus.NotSeen"/>, which is a matter of who looks: <see cref="NodeSight"/>.</summary>
    [Id(2)] public NodeStatus Status { get; init; }

    /// <summary>Absent, <see cref="NodeVerb.Drain"/> or <see cref="NodeVerb.DrainWhenIdle"/>.</summary>
    [Id(3)] public NodeVerb Drain { get; init; }

    [Id(4)] public string? DrainReason { get; init; }

    [Id(5)] public NodeCapabilities Capabilities { get; init; } = new();

    /// <summary>Whose work its agent runs; "": anyone's.</summary>
    [Id(6)] public string User { get; init; } = "";

    [Id(7)] public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>The start of the agent that has the node.</summary>
    [Id(8)] public string Instance { get; init; } = "";

    /// <summary>Starts that had it before, newest last; the newest few.</summary>
    [Id(9)] public ImmutableArray<string> FormerInstances { get; init; } = [];

    [Id(10)] public string AgentVersion { get; init; } = "";

    [Id(11)] public string BootId { get; init; } = "";

    [Id(12)] public DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When it was last heard of, as of the last time that this record was written for a change of status.</summary>
    [Id(13)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>The version of <see cref="Wanted"/>, of the cluster's counting.</summary>
    [Id(14)] public long WantedVersion { get; init; }

    [Id(15)] public ImmutableArray<WantedLease> Wanted { get; init; } = [];

    /// <summary>Times that it was given up, newest last; the newest few.</summary>
    [Id(16)] public ImmutableArray<DateTimeOffset> Failures { get; init; } = [];

    /// <summary>Grows with every change that somebody else sees.</summary>
    [Id(17)] public long Version { get; init; }

    /// <summary>The sequence of the newest event.</summary>
    [Id(18)] public long EventSequence { get; init; }

    /// <summary>Events that are not yet known to be in the log, in their order.</summary>
    [Id(19)] public ImmutableArray<OrchestratorEvent> Outbox { get; init; } = [];

    /// <summary>It gets no new work until then, because it comes and goes; null: it is not quarantined.</summary>
    [Id(20)] public DateTimeOffset? QuarantinedUntil { get; init; }

    /// <summary>What makes it degraded; absent: it is not.</summary>
    [Id(21)] public FailureKind Degraded { get; init; }

    /// <summary>With <see cref="Degraded"/>: the same for people.</summary>
    [Id(22)] public string? DegradedReason { get; init; }

    /// <summary>Failures of it so far: their numbering.</summary>
    [Id(23)] public long FailuresSeen { get; init; }

    /// <summary>Events for which the newest of the outbox stands, since that is full.</summary>
    [Id(24)] public int MergedEvents { get; init; }

    /// <summary>People saw failures of it, and nobody has let it take work again since.</summary>
    [Id(30)] public bool HasReports { get; init; }

    [JsonIgnore]
    public NodeCondition Condition => QuarantinedUntil is not null ? NodeCondition.Quarantined : Degraded != FailureKind.Absent ? NodeCondition.Degraded : NodeCondition.Sound;
}
