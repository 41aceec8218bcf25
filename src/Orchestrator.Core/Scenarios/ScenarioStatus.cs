namespace Orchestrator.Core.Scenarios;

/// <summary>Where a comparison stands.</summary>
[GenerateSerializer, Alias("orchestrator.scenario-status")]
public enum ScenarioStatus
{
    /// <summary>Never defined.</summary>
    Absent = 0,

    /// <summary>At least one member has not ended.</summary>
    Live = 1,

    /// <summary>All members have ended and were evaluated for the last time. Another definition makes it live again.</summary>
    Ended = 2,
}
