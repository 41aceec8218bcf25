using Orchestrator.Client;
using Orchestrator.Core.Ids;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Arrays;

namespace Orchestrator.Cli.Tasks;

/// <summary>The segments of one set, through the gateway.</summary>
internal sealed class GatewaySegments(OrchestratorClient client, SimulationId simulation, string set) : ITaskSegments
{
    public async Task<TaskExchangeReply> ExchangeAsync(int segment, TaskExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ExchangeTasksAsync(simulation, set, segment, exchange, cancellationToken);
        }
        catch (OrchestratorClientException fault)
        {
            // A fault of the gateway's own passes, too: a grain that moves, a database that is restarted.
            throw new TaskSegmentsException(fault.Message, fault.IsTransient || (int)(fault.Status ?? 0) >= 500, fault);
        }
    }
}
