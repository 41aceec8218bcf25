using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>What is asked about the checkpoints of a simulation.</summary>
public sealed record CheckpointRequest
{
    /// <summary>The stage; null: each.</summary>
    public string? Stage { get; init; }

    /// <summary>The name of a checkpoint in the catalogue of the stage.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>To prune: how many of the newest stay, 2 to 1000.</summary>
    public int Keep { get; init; }

    /// <summary>For another policy.</summary>
    public CheckpointPolicy? Policy { get; init; }

    /// <summary>Why, in the caller's words.</summary>
    public string? Reason { get; init; }
}
