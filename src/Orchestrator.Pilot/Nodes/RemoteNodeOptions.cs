namespace Orchestrator.Pilot.Nodes;

/// <summary>How long another node may be silent, and what follows from that.</summary>
internal sealed record RemoteNodeOptions
{
    public string Name { get; init; } = "";

    /// <summary>A node that says nothing for so long is lost; so is a pilot for its workers. Each is asked four times as often.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between asking a task to end and ending it.</summary>
    public TimeSpan KillAfter { get; init; } = TimeSpan.FromSeconds(5);
}
