using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>A client with a container of its own, attached to the cluster of its ids.</summary>
internal sealed class LocalClient(IServiceProvider services, IOptions<ClusterOptions> clusterOptions, IOptions<ClientMessagingOptions> messaging)
    : CallNode(services, messaging.Value, GrainId.Create(GrainTypePrefix.ClientGrainType, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))))
{
    public override LocalCluster Cluster => LocalCluster.Find(clusterOptions.Value.ServiceId, clusterOptions.Value.ClusterId)
        ?? throw new SiloUnavailableException($"No silo of service {clusterOptions.Value.ServiceId}, cluster {clusterOptions.Value.ClusterId} runs in this process.");
}

/// <summary>The factory that applications of a silo or client take.</summary>
internal sealed class LocalClusterClient(CallNode node) : LocalGrainFactory(node), IClusterClient
{
    private readonly CallNode node = node;

    public IServiceProvider ServiceProvider => node.Services;
}

/// <summary>Starts the lifecycle of a client with its host.</summary>
internal sealed class ClientHostedService(LocalClient client, ClientLifecycle lifecycle, IEnumerable<ILifecycleParticipant<IClusterClientLifecycle>> participants, IEnumerable<IConfigurationValidator> validators) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        _ = client.Cluster;
        foreach (var participant in participants)
        {
            participant.Participate(lifecycle);
        }

        await lifecycle.OnStart(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await lifecycle.OnStop(cancellationToken);
        client.FailPending(static call => new ClientNotAvailableException($"The client stopped before the answer of {call}."));
    }
}

/// <summary>The stages of a client.</summary>
internal sealed class ClientLifecycle : StagedLifecycle, IClusterClientLifecycle;
