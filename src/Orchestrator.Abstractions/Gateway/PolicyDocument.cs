namespace Orchestrator.Abstractions.Gateway;

/// <summary>The policy by which a cluster plans.</summary>
public sealed record PolicyDocument
{
    /// <summary>Its settings as JSON with names in snake_case, as a policy file has them; "": those with which the silo was started.</summary>
    public string Text { get; init; } = "";
}
