using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A campaign that was accepted, or, in a list, as it stands.</summary>
public sealed record CampaignSummary
{
    public string Name { get; init; } = "";

    /// <summary>Institution and project.</summary>
    public string Project { get; init; } = "";

    /// <summary>Null without scenarios.</summary>
    public ScenarioId? Scenario { get; init; }

    /// <summary>By submission; in a list of campaigns left empty.</summary>
    public ImmutableArray<SimulationId> Simulations { get; init; } = [];

    /// <summary>Simulations by the name of their status.</summary>
    public ImmutableSortedDictionary<string, long> Statuses { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>0 to 1, the mean of its simulations.</summary>
    public double Progress { get; init; }

    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>At least one simulation has not ended.</summary>
    public bool IsLive { get; init; }

    /// <summary>The submission changed nothing: all of it was accepted before.</summary>
    public bool Repeated { get; init; }

    /// <summary>In the answer to an order: what came of it; null elsewhere.</summary>
    public CampaignOutcome? Outcome { get; init; }
}
