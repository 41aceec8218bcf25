using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The stages of a silo.</summary>
internal sealed class SiloLifecycle : StagedLifecycle, ISiloLifecycle;

/// <summary>Starts and stops a silo with its host. A stop whose token is cancelled already is a crash.</summary>
internal sealed class SiloHostedService(
    LocalSilo silo,
    SiloLifecycle lifecycle,
    IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants,
    IEnumerable<IConfigurationValidator> validators) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        foreach (var participant in participants.Distinct())
        {
            participant.Participate(lifecycle);
        }

        // On stop, grains end before anything that they use.
        lifecycle.Subscribe("Silo", ServiceLifecycleStage.BecomeActive, Join, silo.LeaveAsync);
        await lifecycle.OnStart(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            silo.Kill();
        }

        try
        {
            await lifecycle.OnStop(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Who stops at once does not wait for the stages.
        }
    }

    private Task Join(CancellationToken cancellationToken)
    {
        silo.Join();
        return Task.CompletedTask;
    }
}
