using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Storage;

namespace Orchestrator.Silo;

/// <summary>Ends the silo once nothing is live, when that was asked for: at the start (<c>--until-idle</c>: once something was submitted or
/// live), or by a request.</summary>
internal sealed class IdleEnd(SiloSettings settings, ISimulationIndex index, IEventLog events, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<IdleEnd> logger) : BackgroundService
{
    /// <summary>Events wake it; a lost one costs no more than this.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource submitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>End as soon as nothing is live; at once when nothing is.</summary>
    public void WhenIdle() => asked.TrySetResult();

    /// <summary>There is, or was, something to wait for.</summary>
    public void Submitted() => submitted.TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (settings.UntilIdle)
            {
                await Task.WhenAny(asked.Task, submitted.Task, UntilAsync(live: true, stoppingToken));
            }
            else
            {
                await asked.Task.WaitAsync(stoppingToken);
            }

            await UntilAsync(live: false, stoppingToken);
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops for another reason.
        }
    }

    private async Task UntilAsync(bool live, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pause = Task.Delay(LookAgain, clock, wait.Token);
            try
            {
                var position = await events.LastPositionAsync(cancellationToken);
                var page = await index.QueryAsync(new() { IsLive = true }, null, 1, cancellationToken);
                if (page.Entries.Count > 0 == live)
                {
                    await wait.CancelAsync();
                    return;
                }

                await Task.WhenAny(events.WaitAsync(position, wait.Token), pause);
            }
            catch (OrchestratorException error) when (error.IsTransient)
            {
                SiloLog.LookForLiveFailed(logger, error);
                await pause;
            }

            await wait.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
