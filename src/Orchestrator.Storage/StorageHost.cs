using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>Opens the database before anything else of the host starts, and lets go of what is past its retention every hour while it runs.</summary>
internal sealed class StorageHost(OrchestratorDatabase database, IEventLog events, IIdempotencyStore keys, IAuditLog audit, TimeProvider clock, ILogger<StorageHost> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => database.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await PruneAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        try
        {
            var prunedEvents = await events.PruneAsync(clock.GetUtcNow() - database.Options.EventRetention, cancellationToken).ConfigureAwait(false);
            var prunedKeys = await keys.PruneAsync(cancellationToken).ConfigureAwait(false);
            var prunedRows = await audit.PruneAsync(clock.GetUtcNow() - database.Options.AuditRetention, cancellationToken).ConfigureAwait(false);
            if (prunedEvents + prunedKeys + prunedRows > 0)
            {
                logger.Pruned(prunedEvents, prunedKeys, prunedRows, database.Location);
            }
        }
        catch (OrchestratorException error)
        {
            logger.HousekeepingFailed(error, database.Location);
        }
    }
}
