using Orchestrator.Cli.Commands;
using Orchestrator.Client;

namespace Orchestrator.Cli.Machine;

/// <summary>Whether a silo runs on the data directory and answers.</summary>
internal static class GatewayCheck
{
    public static async Task<Finding> OfAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (DataDirectory.ReadEndpoint(context.Data) is not { } endpoint)
            {
                return Finding.Ok("silo", "none runs there");
            }

            using var client = context.Connect();
            var status = await client.GetStatusAsync(cancellationToken);
            return Finding.Ok("silo", $"{status.Version} answers, process {endpoint.ProcessId}");
        }
        catch (OrchestratorClientException fault) when (fault.IsUnreachable)
        {
            return Finding.Warn("silo", "one ran there and did not end in order; `orchestrator up` goes on where it was");
        }
        catch (OrchestratorClientException fault)
        {
            return Finding.Fail("silo", fault.Message);
        }
    }
}
