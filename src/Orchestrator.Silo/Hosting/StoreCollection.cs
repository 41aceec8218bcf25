using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Storing;

namespace Orchestrator.Silo;

/// <summary>
/// Gives back the space of pruned checkpoints of the store in the data directory, beside everything else and without a deadline: it reads all manifests and may copy many gigabytes.
/// Soon after something was pruned, and once an hour; agents whose checkpoint finds no room collect by themselves.
/// </summary>
internal sealed class StoreCollection(SiloConfiguration configuration, TimeProvider clock, ILogger<StoreCollection> logger) : BackgroundService
{
    private static readonly TimeSpan EachTime = TimeSpan.FromHours(1);

    /// <summary>Several are pruned together, when a simulation ends.</summary>
    private static readonly TimeSpan AfterAsked = TimeSpan.FromSeconds(15);

    /// <summary>After a failure, or while somebody may still need what was condemned.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(5);

    /// <summary>What no manifest names is forgotten when it is older.</summary>
    private static readonly TimeSpan Nameless = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim asked = new(0, 1);
    private Task far = Task.CompletedTask;

    /// <summary>Something was pruned. Returns at once.</summary>
    public void Ask()
    {
        try
        {
            asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It was asked for already.
        }
    }

    public override void Dispose()
    {
        asked.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // What was pruned before the last silo ended waits for this one.
            var pause = AfterFailure;
            while (true)
            {
                if (await asked.WaitAsync(pause, stoppingToken))
                {
                    await Task.Delay(AfterAsked, clock, stoppingToken);
                }

                pause = await CollectAsync(CheckpointCopies.CollectAsync, stoppingToken) ? EachTime : AfterFailure;
                if (far.IsCompleted)
                {
                    // Not waited for: an archive that hangs keeps nothing here from going on.
                    far = CollectFarAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next silo goes on.
        }
    }

    private async Task CollectFarAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CollectAsync(CheckpointCopies.CollectFarAsync, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next silo goes on.
        }
    }

    /// <summary>Whether nothing is left to do.</summary>
    private async Task<bool> CollectAsync(Func<string, DateTimeOffset, CancellationToken, Task<CollectResult?>> collect, CancellationToken cancellationToken)
    {
        try
        {
            var result = await collect(configuration.DataDirectory, clock.GetUtcNow() - Nameless, cancellationToken);
            if (result is { Freed: > 0 } or { Waiting: > 0 })
            {
                SiloLog.Collected(logger, result.Freed, result.Waiting);
            }

            return result is null or { Waiting: 0 };
        }
        catch (StoreBusyException)
        {
            // Another silo, or a person, does it.
            return false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            SiloLog.NotCollected(logger, failure);
            return false;
        }
    }
}
