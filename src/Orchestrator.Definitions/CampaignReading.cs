using System.Collections.Immutable;

namespace Orchestrator.Definitions;

/// <summary>What became of a campaign file: a campaign without problems, or every problem and no campaign.</summary>
public sealed record CampaignReading
{
    /// <summary>Null exactly when there are problems.</summary>
    public Campaign? Campaign { get; init; }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<DefinitionProblem> Problems { get; init; } = [];
}
