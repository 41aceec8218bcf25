namespace Orchestrator.Abstractions.Events;

/// <summary>Streams that carry <see cref="Core.Events.OrchestratorEvent"/>s, addressed by consumer: the stream key is the key of the grain that is to hear it.</summary>
public static class EventStreams
{
    /// <summary>The stream provider of the silo.</summary>
    public const string Provider = "events";

    /// <summary>Progress and ends of simulations, to their scenario.</summary>
    public const string ScenarioProgress = "scenario-progress";

    /// <summary>Failures, recoveries and degradations of nodes, to their cluster.</summary>
    public const string NodeEvents = "node-events";

    /// <summary>Use of attempts that ended, to their account.</summary>
    public const string AccountUsage = "account-usage";
}
