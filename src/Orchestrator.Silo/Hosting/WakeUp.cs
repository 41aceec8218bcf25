using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Grains.Access;
using Orchestrator.Storage;

namespace Orchestrator.Silo;

/// <summary>
/// Wakes every simulation that the index knows as live, once, after the silo has started, a few at a time. What one owed when the last silo died is done then; its reminder
/// would do it too, but minutes later. The silo is ready meanwhile, and a simulation that somebody asks for wakes at once.
/// </summary>
internal sealed class WakeUp(ISimulationIndex index, IGrainFactory grains, TimeProvider clock, ILogger<WakeUp> logger) : BackgroundService
{
    private const int PageSize = 256;

    /// <summary>Few: those that somebody asks for come between.</summary>
    private const int Parallel = 8;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        CallerContext.Set(CallerContext.System);
        try
        {
            string? cursor = null;
            do
            {
                var page = await PageAsync(cursor, stoppingToken);
                foreach (var some in page.Entries.Chunk(Parallel))
                {
                    await Task.WhenAll(some.Select(entry => WakeAsync(entry.Simulation)));
                    stoppingToken.ThrowIfCancellationRequested();
                }

                cursor = page.Next;
            }
            while (cursor is not null);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next silo wakes the rest.
        }
    }

    private async Task<SimulationIndexPage> PageAsync(string? cursor, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await index.QueryAsync(new() { IsLive = true }, cursor, PageSize, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                SiloLog.LookForLiveFailed(logger, error);
                await Task.Delay(TryAgain, clock, cancellationToken);
            }
        }
    }

    private async Task WakeAsync(string simulation)
    {
        try
        {
            // Activation arms what is owed; the answer is waited for, so that they do not all come at once.
            await grains.GetGrain<ISimulationGrain>(simulation).GetAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            // One that cannot be read must not keep the others asleep; its reminder tries again.
            SiloLog.NotWoken(logger, simulation, error);
        }
    }
}
