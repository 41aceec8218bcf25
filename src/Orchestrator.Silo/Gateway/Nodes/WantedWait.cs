using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Nodes;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>Holds an agent's question until its leases change: the grain answers at once, and nobody waits in it.</summary>
internal sealed class WantedWait(IServiceProvider services)
{
    /// <summary>The grain may live in another silo, whose signal does not reach us.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly IGrainFactory grains = services.GetRequiredService<IGrainFactory>();
    private readonly NodeWantedSignal signal = services.GetRequiredService<NodeWantedSignal>();
    private readonly TimeProvider clock = services.GetRequiredService<TimeProvider>();
    private readonly TimeSpan longest = services.GetRequiredService<SiloConfiguration>().Gateway.WaitMax;
    private readonly CancellationToken stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    public async Task<WantedLeases> AsyncFor(NodeId node, long after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<INodeGrain>(node.Value);
        var until = clock.GetUtcNow() + (wait < longest ? wait : longest);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        while (true)
        {
            var wanted = await grain.GetWantedAsync(cancellationToken);
            var left = until - clock.GetUtcNow();
            if (wanted.Version > after || left <= TimeSpan.Zero || stopping.IsCancellationRequested)
            {
                return wanted;
            }

            try
            {
                await signal.WaitAsync(node, Math.Max(after, wanted.Version), left < LookAgain ? left : LookAgain, end.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The silo ends: the agent gets what there is, and asks the next one.
            }
        }
    }
}
