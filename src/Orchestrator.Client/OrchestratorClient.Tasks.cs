using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Ids;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Client;

/// <content>Tasks of stages that are arrays.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Where the tasks of a stage stand, and which failed.</summary>
    public Task<TaskSetStatus> GetTasksAsync(SimulationId simulation, string stage, CancellationToken cancellationToken = default) =>
        transport.GetAsync<TaskSetStatus>($"/v1/simulations/{simulation}/tasks/{Escape(stage)}", cancellationToken);

    /// <summary>What failed waits again; a stage that has ended runs again for it. A repeat changes nothing.</summary>
    public Task<TaskRetryReply> RetryFailedTasksAsync(SimulationId simulation, string stage, string? reason = null, string? key = null, CancellationToken cancellationToken = default) =>
        transport.PostAsync<TaskRetryReply>($"/v1/simulations/{simulation}/tasks/{Escape(stage)}/retry-failed", new { reason }, key, cancellationToken);

    /// <summary>For workers: tells of ends and gets more. A repeat with the same sequence gets the same batch.</summary>
    public Task<TaskExchangeReply> ExchangeTasksAsync(SimulationId simulation, string set, int segment, TaskExchange exchange, CancellationToken cancellationToken = default) => transport.PostAsync<TaskExchangeReply>(
        string.Create(CultureInfo.InvariantCulture, $"/v1/simulations/{simulation}/tasks/{Escape(set)}/{segment}/exchange"), exchange, null, cancellationToken);
}
