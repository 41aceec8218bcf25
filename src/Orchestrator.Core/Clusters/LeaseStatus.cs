using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster answers when asked for one attempt.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-status")]
public sealed record LeaseStatus
{
    [Id(0)] public AttemptId Attempt { get; init; }

    [Id(1)] public LeaseState State { get; init; }

    /// <summary>Since when it is in this state.</summary>
    [Id(2)] public DateTimeOffset Since { get; init; }

    /// <summary>With <see cref="LeaseState.Granted"/> and <see cref="LeaseState.Lost"/>: the first is the lead's.</summary>
    [Id(3)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

    /// <summary>With <see cref="LeaseState.Queued"/>: why it still waits; null before the first plan looked at it.</summary>
    [Id(4)] public WaitReason? Reason { get; init; }

    /// <summary>With <see cref="LeaseState.Queued"/>: requests before it in the queue.</summary>
    [Id(5)] public int Ahead { get; init; }

    /// <summary>With <see cref="LeaseState.Lost"/>: the node that was lost.</summary>
    [Id(6)] public NodeId? LostNode { get; init; }

    /// <summary>With <see cref="LeaseState.Lost"/>: no process of it can be alive (seen dead), not merely out of sight.</summary>
    [Id(7)] public bool SeenDead { get; init; }

    /// <summary>With <see cref="LeaseState.Granted"/>: the end of the earliest ending allocation of its nodes; null: none is known.</summary>
    [Id(8)] public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>With <see cref="LeaseState.Granted"/>: the cluster asks it to leave (drain, preemption).</summary>
    [Id(9)] public StopReason Stop { get; init; }

    /// <summary>With <see cref="LeaseState.Lost"/>: when the lost node was last heard of.</summary>
    [Id(10)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>With <see cref="LeaseState.Refused"/>: what is wrong with the request, as a sentence that names the field and what is allowed.</summary>
    [Id(11)] public string Problem { get; init; } = "";

    /// <summary>With <see cref="LeaseState.Lost"/>: what the lost node has in common with others that were lost with it, as "10 of 10 nodes of rack=r1"; "": nothing.</summary>
    [Id(12)] public string Together { get; init; } = "";

    /// <summary>With <see cref="LeaseState.Unknown"/>: it was released, and processes of it may still be alive on its nodes.</summary>
    [Id(13)] public bool MayRun { get; init; }

    /// <summary>With <see cref="Stop"/>: for whom it makes way, and why, in words; "": not for anybody.</summary>
    [Id(14)] public string StopFor { get; init; } = "";

    /// <summary>With <see cref="Stop"/>: it is moved, and is to leave its nodes out as long as there are others.</summary>
    [Id(15)] public bool Migrates { get; init; }

    /// <summary>Whose work it is, in lists of all that there is; null: not said.</summary>
    [Id(16)] public Ownership? Owner { get; init; }

    /// <summary>The class that it counts in for its turn, in lists of what waits; absent: not said.</summary>
    [Id(17)] public PriorityClass Priority { get; init; }

    /// <summary>Nothing of it can run anywhere: its nodes said so, or were seen dead. What the cluster does not know at all it has forgotten as such.</summary>
    [JsonIgnore]
    public bool IsGone => (State == LeaseState.Unknown && !MayRun) || (State == LeaseState.Lost && SeenDead);
}
