namespace Orchestrator.Abstractions.Gateway;

/// <summary>An operator moves running work to other nodes.</summary>
public sealed record MigrationRequest
{
    /// <summary>Null: each stage that runs.</summary>
    public string? Stage { get; init; }

    /// <summary>Protected work too, and work that is not known to make checkpoints and begins anew; it is recorded.</summary>
    public bool Force { get; init; }

    /// <summary>Why, in the caller's words.</summary>
    public string? Reason { get; init; }
}
