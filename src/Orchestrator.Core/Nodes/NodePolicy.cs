namespace Orchestrator.Core.Nodes;

/// <summary>The times by which a node is judged.</summary>
public sealed record NodePolicy
{
    /// <summary>How often an agent sends a heartbeat. Default 2 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A node is given up after so long without a heartbeat at the latest. Default 15 s.</summary>
    public TimeSpan DetectionWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A node whose heartbeats were regular is given up earlier, once its silence is as suspicious as this (<see cref="Failures.PhiAccrual"/>). Default 8: one in 10^8.</summary>
    public double Suspicion { get; init; } = 8;

    /// <summary>But never before two thirds of the window, nor within 5 s.</summary>
    public TimeSpan DetectionMin => DetectionWindow * 2 / 3 is var part && part > SilenceMin ? part : SilenceMin < DetectionWindow ? SilenceMin : DetectionWindow;

    /// <summary>What is done about nodes that come and go.</summary>
    public Failures.Quarantine Quarantine { get; init; } = new();

    private static readonly TimeSpan SilenceMin = TimeSpan.FromSeconds(5);

    /// <summary>Another instance of the agent may take over a node whose agent was silent for longer than this: one heartbeat may be late, two are not.</summary>
    public TimeSpan Silence => HeartbeatInterval * 1.5;
}
