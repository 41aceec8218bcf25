namespace Orchestrator.Client.Grains;

/// <summary>The way from an Orleans client to Orchestrator's verbs.</summary>
public static class ClusterClientExtensions
{
    /// <summary>Orchestrator's verbs over a connected client; see <see cref="OrleansOrchestratorClient"/>.</summary>
    public static OrleansOrchestratorClient Orchestrator(this IClusterClient client, string? token = null, TimeProvider? clock = null) => new(client, token, clock);
}
