using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Activations;
using Orleans.Cluster;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Starts and stops a silo with its host. Stopped without patience, it ends as a crash does.</summary>
internal sealed class SiloHost(IServiceProvider services, LocalSilo silo) : IHostedService
{
    private readonly SiloLifecycle lifecycle = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in services.GetServices<IConfigurationValidator>())
        {
            validator.ValidateConfiguration();
        }

        foreach (var participant in services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
        {
            participant.Participate(lifecycle);
        }

        lifecycle.Subscribe<SiloHost>(ServiceLifecycleStage.BecomeActive, _ =>
        {
            silo.Start();
            return Task.CompletedTask;
        });
        lifecycle.Subscribe<LocalSilo>(ServiceLifecycleStage.GrainDeactivation, static _ => Task.CompletedTask, silo.StopAsync);
        await lifecycle.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            silo.Kill();
            return;
        }

        await lifecycle.StopAsync(cancellationToken);
        silo.Sender.Close(new SiloUnavailableException($"Silo {silo.Name} has stopped."), failPending: true);
    }
}

/// <summary>A client of the cluster of this process.</summary>
internal sealed class ClusterClient : IClusterClient, IHostedService, IDisposable
{
    private readonly CallSender sender;
    private readonly bool ownsSender;

    [ActivatorUtilitiesConstructor]
    public ClusterClient(IServiceProvider services, IOptions<ClusterOptions> cluster, IOptions<ClientMessagingOptions> messaging)
        : this(services, new CallSender(LocalCluster.Get(cluster.Value.ClusterId), services, messaging.Value, null))
    {
        ownsSender = true;
    }

    internal ClusterClient(IServiceProvider services, CallSender sender)
    {
        ServiceProvider = services;
        this.sender = sender;
    }

    public IServiceProvider ServiceProvider { get; }

    internal CallSender Sender => sender;

    private GrainFactory Factory => sender.Factory;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in ServiceProvider.GetServices<IConfigurationValidator>())
        {
            validator.ValidateConfiguration();
        }

        return sender.Cluster.Members.Count > 0
            ? Task.CompletedTask
            : throw new SiloUnavailableException($"There is no silo of cluster {sender.Cluster.Id} in this process.");
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        sender.Close(new ClientNotAvailableException("The client has stopped."), failPending: true);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (ownsSender)
        {
            sender.Dispose();
        }
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey => Factory.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey => Factory.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey => Factory.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidCompoundKey => Factory.GetGrain<TGrainInterface>(primaryKey, keyExtension, grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerCompoundKey => Factory.GetGrain<TGrainInterface>(primaryKey, keyExtension, grainClassNamePrefix);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver => Factory.CreateObjectReference<TGrainObserverInterface>(obj);

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver => Factory.DeleteObjectReference<TGrainObserverInterface>(obj);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => Factory.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => Factory.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => Factory.GetGrain(grainInterfaceType, grainPrimaryKey);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => Factory.GetGrain(grainInterfaceType, grainPrimaryKey, keyExtension);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => Factory.GetGrain(grainInterfaceType, grainPrimaryKey, keyExtension);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable => Factory.GetGrain<TGrainInterface>(grainId);

    public IAddressable GetGrain(GrainId grainId) => Factory.GetGrain(grainId);

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => Factory.GetGrain(grainId, interfaceType);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => Factory.GetGrain(interfaceType, grainKey);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => Factory.GetGrain(interfaceType, grainKey, grainClassNamePrefix);
}
