using Orchestrator.Core.Nodes;

namespace Orchestrator.Grains.Nodes;

/// <summary>How nodes are watched.</summary>
public sealed class NodeOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Nodes</c>.</summary>
    public const string Section = "Orchestrator:Nodes";

    /// <summary>How often agents send a heartbeat. Default 5 s; shorter costs calls, longer makes a restarted agent wait longer for its node.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A node is given up, and its work goes on elsewhere, after so long without a heartbeat. Default 30 s; at least two intervals, or one late heartbeat costs a node.</summary>
    public TimeSpan DetectionWindow { get; set; } = TimeSpan.FromSeconds(30);

    internal NodePolicy Policy => new() { HeartbeatInterval = HeartbeatInterval, DetectionWindow = DetectionWindow };
}
