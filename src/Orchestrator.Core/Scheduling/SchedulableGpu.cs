namespace Orchestrator.Core.Scheduling;

/// <summary>One GPU of a node.</summary>
public sealed record SchedulableGpu
{
    /// <summary>Compared byte for byte with what a request names.</summary>
    public string Model { get; init; } = "";

    /// <summary>Bytes.</summary>
    public long Memory { get; init; }

    /// <summary>As "8.6"; "": not known.</summary>
    public string ComputeCapability { get; init; } = "";
}
