using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>The times and numbers by which a cluster decides.</summary>
public sealed record ClusterPolicy
{
    /// <summary>How often agents send heartbeats.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A node is given up after so long without a heartbeat.</summary>
    public TimeSpan DetectionWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Fewer nodes than this that fall silent together say nothing about the silo's own network.</summary>
    public int CutOffNodes { get; init; } = 3;

    /// <summary>Nodes that hold nothing and were gone for so long are forgotten.</summary>
    public TimeSpan ForgetNodesAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The newest epoch of a stage that holds and wants nothing is kept for so long, against requests that come late.</summary>
    public TimeSpan ForgetEpochsAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A reason to wait that another one follows is stored again after so long; the newest one is always known in memory.</summary>
    public TimeSpan ReasonsEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many reasons to wait are stored with one plan at most; the rest follows with the next ones.</summary>
    public int ReasonsAtOnce { get; init; } = 200;

    /// <summary>Windows, reservations, conflicts, priorities and deadlines of what was over for so long are forgotten.</summary>
    public TimeSpan ForgetArrangementsAfter { get; init; } = TimeSpan.FromDays(30);

    /// <summary>By what plans are made, unless the cluster was given a policy of its own.</summary>
    public SchedulingSettings Scheduling { get; init; } = new();

    /// <summary>Whose policy it is.</summary>
    public ClusterId Cluster { get; init; }

    /// <summary>When accounts are turned to.</summary>
    public EscrowSettings Escrow { get; init; } = new();

    /// <summary>How far those who are no operators may arrange for themselves.</summary>
    public SubmitterLimits Submitters { get; init; } = new();

    /// <summary>How long losses are held back while the silo may be cut off.</summary>
    public TimeSpan HoldLosses => 2 * DetectionWindow;

    /// <summary>A node that was silent for so long misses heartbeats.</summary>
    public TimeSpan Silence => 2 * HeartbeatInterval;
}
