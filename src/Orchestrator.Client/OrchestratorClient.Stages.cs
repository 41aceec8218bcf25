using System.Text;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Client;

/// <content>Stages of a simulation that runs.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Adds stages and edges, all or none; the same text, or another one with the same <c>key</c> in it, is taken once.</summary>
    /// <param name="simulation">To which.</param>
    /// <param name="text">YAML or JSON in the words of the campaign file: <c>stages</c>, <c>edges</c>, <c>defaults</c>, <c>key</c>.</param>
    /// <param name="key">An idempotency key of the caller for the request.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="OrchestratorClientException">Mistakes are in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public Task<StageReply> AddStagesAsync(SimulationId simulation, string text, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<StageReply>($"/v1/simulations/{simulation}/stages", () => new StringContent(text, Encoding.UTF8, "application/yaml"), key, cancellationToken);

    /// <summary>Holds, releases, skips, sets, runs again, changes, approves a stage, or bypasses a dependency of it. A repeat changes nothing, but of <see cref="StageVerb.Rerun"/>.</summary>
    /// <exception cref="OrchestratorClientException">It is refused; what speaks against it is in <see cref="OrchestratorClientException.Problems"/>.</exception>
    public Task<StageReply> SteerStageAsync(SimulationId simulation, string stage, StageVerb verb, StageRequest? request = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<StageReply>($"/v1/simulations/{simulation}/stages/{Escape(stage)}/{Camel(verb.ToString())}", request ?? new(), key, cancellationToken);
}
