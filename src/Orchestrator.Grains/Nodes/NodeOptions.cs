using Orchestrator.Core.Nodes;

namespace Orchestrator.Grains.Nodes;

/// <summary>How nodes are watched.</summary>
public sealed class NodeOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Nodes</c>.</summary>
    public const string Section = "Orchestrator:Nodes";

    /// <summary>How often agents send a heartbeat. Default 2 s; shorter costs calls, longer makes a restarted agent wait longer for its node.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A node is given up, and its work goes on elsewhere, after so long without a heartbeat; one whose heartbeats were regular as early as after two thirds of it. Default 15 s; at least
    /// two intervals, or one late heartbeat costs a node.
    /// </summary>
    public TimeSpan DetectionWindow { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How suspicious a silence must be to be taken for a loss before the window is over: 8 is one chance in 10^8 that a heartbeat still comes. 1 to 300; higher waits longer.</summary>
    public double Suspicion { get; set; } = 8;

    internal NodePolicy Policy => new() { HeartbeatInterval = HeartbeatInterval, DetectionWindow = DetectionWindow, Suspicion = Suspicion };
}
