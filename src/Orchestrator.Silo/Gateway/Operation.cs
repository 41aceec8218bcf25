using Orchestrator.Core.Accounts;

namespace Orchestrator.Silo.Gateway;

/// <summary>What the gateway does at one method and path, for the pipeline and the OpenAPI document.</summary>
internal sealed record Operation
{
    public required string Summary { get; init; }

    /// <summary>The least role that may.</summary>
    public Role Role { get; init; } = Role.Viewer;

    /// <summary>For a change: the verb of its audit row. Null for what only reads, and for the agents' protocol, whose repeats do no harm by themselves.</summary>
    public string? Action { get; init; }

    /// <summary>The document in the body of the request; null: none.</summary>
    public Type? Takes { get; init; }

    /// <summary>The media type of the request's body.</summary>
    public string TakesMedia { get; init; } = "application/json";

    /// <summary>The document of the answer; null: none.</summary>
    public Type? Returns { get; init; }

    public string ReturnsMedia { get; init; } = "application/json";

    public int Status { get; init; } = 200;

    public IReadOnlyList<QueryParameter> Query { get; init; } = [];
}

/// <summary>A parameter of the query.</summary>
internal sealed record QueryParameter(string Name, string Description);
