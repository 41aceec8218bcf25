using System.Net;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary>What a NAME on the command line stands for: a simulation, by its id, or else a campaign. Exactly one member is set.</summary>
internal sealed record Target
{
    public SimulationView? Simulation { get; private init; }

    public CampaignSummary? Campaign { get; private init; }

    /// <exception cref="CommandException">Nothing has this name.</exception>
    public static async Task<Target> FindAsync(OrchestratorClient client, string name, CancellationToken cancellationToken)
    {
        try
        {
            if (SimulationId.TryParse(name, out var id))
            {
                try
                {
                    return new() { Simulation = await client.GetSimulationAsync(id, cancellationToken) };
                }
                catch (OrchestratorClientException fault) when (fault.Status == HttpStatusCode.NotFound)
                {
                    // A campaign may be named like this, too.
                }
            }

            return new() { Campaign = await client.GetCampaignAsync(name, cancellationToken) };
        }
        catch (OrchestratorClientException fault) when (fault.Status == HttpStatusCode.NotFound)
        {
            throw new CommandException($"no campaign or simulation is named {name}; `orchestrator status` lists them", ExitCodes.NotFound);
        }
    }
}
