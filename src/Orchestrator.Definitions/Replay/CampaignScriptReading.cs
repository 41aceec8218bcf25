using System.Collections.Immutable;
using Orchestrator.Core.Replay.Campaigns;

namespace Orchestrator.Definitions.Replay;

/// <summary>What became of the description of a replay: a script without problems, or every problem and no script.</summary>
public sealed record CampaignScriptReading
{
    /// <summary>Null exactly when there are problems.</summary>
    public CampaignScript? Script { get; init; }

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<DefinitionProblem> Problems { get; init; } = [];
}
