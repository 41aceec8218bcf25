using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Activations;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Cluster;

/// <summary>One silo: its activations, and its life as a member of its cluster.</summary>
internal sealed partial class LocalSilo : ILocalSiloDetails, IDisposable
{
    private readonly ConcurrentDictionary<Activation, byte> activations = new();
    private readonly ConcurrentDictionary<GrainId, WorkerPool> workers = new();
    private readonly GrainCollectionOptions collection;
    private readonly ILogger<LocalSilo> logger;
    private readonly ITimer collector;
    private volatile bool isGone;

    public LocalSilo(
        IServiceProvider services,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloOptions> silo,
        IOptions<EndpointOptions> endpoint,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        ILogger<LocalSilo> logger)
    {
        Services = services;
        this.logger = logger;
        this.collection = collection.Value;
        Messaging = messaging.Value;
        Cluster = LocalCluster.Get(cluster.Value.ClusterId);
        ServiceId = cluster.Value.ServiceId;
        var address = endpoint.Value.AdvertisedIPAddress ?? IPAddress.Loopback;
        var generation = SiloAddress.AllocateNewGeneration();
        SiloAddress = Runtime.SiloAddress.New(address, endpoint.Value.SiloPort, generation);
        GatewayAddress = Runtime.SiloAddress.New(address, endpoint.Value.GatewayPort, generation);
        Name = silo.Value.SiloName is { Length: > 0 } name ? name : $"Silo_{SiloAddress.Endpoint.Port}_{generation}";
        GrainClock = services.GetKeyedService<TimeProvider>(TimeProviderNames.Grains) ?? services.GetService<TimeProvider>() ?? TimeProvider.System;
        ActivationClock = services.GetKeyedService<TimeProvider>(TimeProviderNames.ActivationManagement) ?? TimeProvider.System;
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        Sender = new(Cluster, services, Messaging, this);
        collector = ActivationClock.CreateTimer(static state => ((LocalSilo)state!).CollectIdle(), this, this.collection.CollectionQuantum, this.collection.CollectionQuantum);
    }

    public IServiceProvider Services { get; }

    public LocalCluster Cluster { get; }

    public string ServiceId { get; }

    public SiloMessagingOptions Messaging { get; }

    public CallSender Sender { get; }

    public TimeProvider GrainClock { get; }

    public TimeProvider ActivationClock { get; }

    public IReadOnlyList<IIncomingGrainCallFilter> IncomingFilters { get; }

    public GrainCollectionOptions Collection => collection;

    public string Name { get; }

    public string ClusterId => Cluster.Id;

    public string DnsHostName => "localhost";

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }

    public int Count => activations.Count;

    public bool IsGone => isGone;

    public ILogger Logger => logger;

    public Activation Create(GrainId grainId, GrainClass grainClass) => new(this, grainId, grainClass);

    /// <summary>False when the silo has gone in the meantime.</summary>
    public bool Add(Activation activation)
    {
        activations[activation] = 0;
        if (!isGone)
        {
            return true;
        }

        activation.Kill(Gone());
        return false;
    }

    public void Remove(Activation activation)
    {
        activations.TryRemove(activation, out _);
        Cluster.Remove(activation);
        if (activation.Class.IsStatelessWorker && workers.TryGetValue(activation.GrainId, out var pool))
        {
            pool.Remove(activation);
        }
    }

    public Activation WorkerOf(GrainId grainId, GrainClass grainClass) => workers.GetOrAdd(grainId, static _ => new()).Take(this, grainId, grainClass);

    public Activation? FindLocal(GrainId grainId) => activations.Keys.FirstOrDefault(activation => activation.GrainId == grainId);

    public void Start()
    {
        Cluster.Join(this);
        LogJoined(logger, Name, SiloAddress, ClusterId);
    }

    /// <summary>Leaves the cluster; grains are deactivated one and all.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Cluster.Leave(this);
        foreach (var activation in activations.Keys)
        {
            activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "This process is terminating."), CancellationToken.None);
        }

        await Task.WhenAll(activations.Keys.Select(static activation => activation.Deactivated)).WaitAsync(cancellationToken);
        isGone = true;
        collector.Dispose();
        LogLeft(logger, Name, SiloAddress);
    }

    /// <summary>Ends as a crash does: nothing is deactivated, what waits for this silo fails, what it waits for is forgotten.</summary>
    public void Kill()
    {
        isGone = true;
        collector.Dispose();
        Cluster.Leave(this);
        var gone = Gone();
        foreach (var activation in activations.Keys)
        {
            activation.Kill(gone);
            Cluster.Remove(activation);
        }

        activations.Clear();
        Sender.Close(gone, failPending: false);
        LogKilled(logger, Name, SiloAddress);
    }

    public void Dispose()
    {
        collector.Dispose();
        Sender.Dispose();
    }

    private SiloUnavailableException Gone() => new($"Silo {Name} ({SiloAddress}) is gone.");

    private void CollectIdle()
    {
        var now = ActivationClock.GetUtcNow();
        foreach (var activation in activations.Keys)
        {
            activation.DeactivateIfIdle(now);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Name} ({Address}) joined cluster {ClusterId}.")]
    private static partial void LogJoined(ILogger logger, string name, SiloAddress address, string clusterId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Name} ({Address}) left.")]
    private static partial void LogLeft(ILogger logger, string name, SiloAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Name} ({Address}) was killed.")]
    private static partial void LogKilled(ILogger logger, string name, SiloAddress address);

    /// <summary>The activations of a stateless worker: as many as calls need, up to a bound.</summary>
    private sealed class WorkerPool
    {
        private readonly Lock gate = new();
        private readonly List<Activation> workers = [];

        public Activation Take(LocalSilo silo, GrainId grainId, GrainClass grainClass)
        {
            Activation created;
            lock (gate)
            {
                var best = workers.MinBy(static worker => worker.Load);
                if (best is not null && (best.Load == 0 || workers.Count >= grainClass.MaxWorkers))
                {
                    return best;
                }

                created = silo.Create(grainId, grainClass);
                workers.Add(created);
            }

            created.Activate(RequestContext.Current);
            silo.Add(created);
            return created;
        }

        public void Remove(Activation worker)
        {
            lock (gate)
            {
                workers.Remove(worker);
            }
        }
    }
}
