using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Simulations;

/// <summary>One attempt, which is one segment of its stage.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attempt-state")]
public sealed record AttemptState
{
    [Id(0)] public int Epoch { get; init; }

    [Id(1)] public DateTimeOffset QueuedAt { get; init; }

    [Id(2)] public DateTimeOffset? GrantedAt { get; init; }

    [Id(3)] public DateTimeOffset? StartedAt { get; init; }

    [Id(4)] public DateTimeOffset? EndedAt { get; init; }

    [Id(5)] public AttemptEnd End { get; init; }

    /// <summary>Why it ended, as a sentence.</summary>
    [Id(6)] public string? Reason { get; init; }

    /// <summary>Empty until it got its nodes; the first is the lead's. Of a closed attempt the nodes alone.</summary>
    [Id(7)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

    /// <summary>Names of the checkpoints to be tried, in order; fixed when the attempt is opened, so that its launch is always the same.</summary>
    [Id(8)] public ImmutableArray<string> Restore { get; init; } = [];

    /// <summary>The checkpoint it went on from.</summary>
    [Id(9)] public string? Restored { get; init; }

    [Id(10)] public long FirstStep { get; init; } = -1;

    [Id(11)] public long LastStep { get; init; } = -1;

    [Id(12)] public int? ExitStatus { get; init; }

    [Id(13)] public ResourceUse Use { get; init; } = new();

    /// <summary>The newest report that was taken in; reports have no gaps.</summary>
    [Id(14)] public long LastReport { get; init; }

    /// <summary>What the agent was told in answer to it.</summary>
    [Id(15)] public ReportInstruction LastInstruction { get; init; }

    /// <summary>The cluster has the request.</summary>
    [Id(16)] public bool Requested { get; init; }

    /// <summary>What the cluster last said while it was queued.</summary>
    [Id(17)] public LeaseStatus? Queue { get; init; }

    /// <summary>When the segment must be gone.</summary>
    [Id(18)] public DateTimeOffset? EndTime { get; init; }

    [Id(19)] public int PublishOnlyEpoch { get; init; }

    /// <summary>The number of the newest checkpoint order, and of the newest that the cluster has.</summary>
    [Id(20)] public long CheckpointOrder { get; init; }

    [Id(21)] public long CheckpointOrderSent { get; init; }

    [Id(22)] public DateTimeOffset? CheckpointOrderedAt { get; init; }

    [Id(23)] public DateTimeOffset? LastCheckpointAt { get; init; }

    /// <summary>It was asked to be gone by then.</summary>
    [Id(24)] public DateTimeOffset? StopBy { get; init; }

    [Id(25)] public StopReason StopReason { get; init; }

    [Id(26)] public bool StopSent { get; init; }

    /// <summary>Running time of the stage that the restored checkpoint carries.</summary>
    [Id(27)] public TimeSpan WorkBefore { get; init; }

    [Id(28)] public DateTimeOffset? LastProgressAt { get; init; }

    /// <summary>The cluster is to be asked.</summary>
    [Id(29)] public bool Look { get; init; }

    [Id(30)] public DateTimeOffset LookedAt { get; init; }

    /// <summary>The cluster itself asks it to leave.</summary>
    [Id(31)] public StopReason ClusterStop { get; init; }

    /// <summary>What the newest checkpoint order asks for.</summary>
    [Id(32)] public CheckpointKind CheckpointKind { get; init; }

    /// <summary>The progress at the newest order or checkpoint.</summary>
    [Id(33)] public double CheckpointProgress { get; init; }

    /// <summary>When what it wrote was last seen to grow without its having said how far it is.</summary>
    [Id(40)] public DateTimeOffset? GrownAt { get; init; }

    /// <summary>That it stands still, or takes far longer than it should, is on record; it is left alone.</summary>
    [Id(41)] public bool IsStallNoted { get; init; }

    [Id(42)] public bool IsLatenessNoted { get; init; }

    /// <summary>With <see cref="ClusterStop"/>: for whom it makes way, and why; "": not for anybody.</summary>
    [Id(43)] public string StopFor { get; init; } = "";

    /// <summary>With <see cref="ClusterStop"/>: it is moved, and leaves its nodes out as long as there are others.</summary>
    [Id(44)] public bool Migrates { get; init; }

    /// <summary>It looks like a stall: its nodes are to be asked whether they are in sight.</summary>
    [Id(45)] public bool AsksNodes { get; init; }

    /// <summary>Up to here its silence says nothing of it: a node was out of sight, or its storage away.</summary>
    [Id(46)] public DateTimeOffset? UnclearUntil { get; init; }

    /// <summary>The number of the newest preview order, of the newest that the cluster has, and of the newest that the program answered.</summary>
    [Id(60)] public long PreviewOrder { get; init; }

    [Id(61)] public long PreviewOrderSent { get; init; }

    [Id(62)] public long PreviewAnswered { get; init; }

    /// <summary>What the newest preview order asks for, in percent.</summary>
    [Id(63)] public int PreviewLevel { get; init; }

    [Id(64)] public DateTimeOffset? PreviewOrderedAt { get; init; }

    /// <summary>The progress at the newest preview order, or at the start.</summary>
    [Id(65)] public double PreviewProgress { get; init; }

    /// <summary>Of what it used more than was declared, each resource once.</summary>
    [Id(70)] public ImmutableArray<ResourceExcess> Excesses { get; init; } = [];

    /// <summary>It is to leave for what it uses once it has made a checkpoint, and without one by then.</summary>
    [Id(71)] public DateTimeOffset? LeaveBy { get; init; }

    [JsonIgnore]
    public bool IsGranted => !Shares.IsEmpty;
}
