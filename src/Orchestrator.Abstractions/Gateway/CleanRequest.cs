namespace Orchestrator.Abstractions.Gateway;

/// <summary>Which run directories of a simulation are to go.</summary>
public sealed record CleanRequest
{
    /// <summary>Of this stage; null: of each.</summary>
    public string? Stage { get; init; }

    /// <summary>The newest one of each stage that has ended, too.</summary>
    public bool All { get; init; }

    /// <summary>Why, in the caller's words.</summary>
    public string? Reason { get; init; }
}
