namespace Orchestrator.Core.Scheduling;

/// <summary>One GPU of a node.</summary>
public sealed record SchedulableGpu
{
    /// <summary>As its driver tells it.</summary>
    public string Model { get; init; } = "";

    /// <summary>Bytes.</summary>
    public long Memory { get; init; }

    /// <summary>As "8.6"; "": not known.</summary>
    public string ComputeCapability { get; init; } = "";
}
