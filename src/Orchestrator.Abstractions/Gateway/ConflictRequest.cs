namespace Orchestrator.Abstractions.Gateway;

/// <summary>An operator's word on a conflict of reservations.</summary>
public sealed record ConflictRequest
{
    /// <summary>Its id, as the list of conflicts has it.</summary>
    public string Conflict { get; init; } = "";

    /// <summary>The newer reservation gets the nodes; false: the others keep them.</summary>
    public bool? Newer { get; init; }
}
