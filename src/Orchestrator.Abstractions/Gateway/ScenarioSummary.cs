using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A scenario set in lists.</summary>
public sealed record ScenarioSummary
{
    public ScenarioId Id { get; init; }

    public string Campaign { get; init; } = "";

    public int Variants { get; init; }

    public int Members { get; init; }

    /// <summary>Members that have not ended.</summary>
    public int Live { get; init; }
}
