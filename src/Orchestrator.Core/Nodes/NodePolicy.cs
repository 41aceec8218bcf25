namespace Orchestrator.Core.Nodes;

/// <summary>The times by which a node is judged.</summary>
public sealed record NodePolicy
{
    /// <summary>How often an agent sends a heartbeat. Default 5 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A node is given up after so long without a heartbeat. Default 30 s.</summary>
    public TimeSpan DetectionWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Another instance of the agent may take over a node whose agent was silent for longer than this: one heartbeat may be late, two are not.</summary>
    public TimeSpan Silence => HeartbeatInterval * 1.5;
}
