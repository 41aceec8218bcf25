using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>A silo: the activations that live here, and the services of one host.</summary>
internal sealed class LocalSilo : CallNode, ILocalSiloDetails
{
    private const int MaxForwardCount = 100;

    private readonly ConcurrentDictionary<Activation, bool> activations = new();
    private readonly ConcurrentDictionary<GrainId, StatelessWorkers> workers = new();
    private readonly Lazy<IIncomingGrainCallFilter[]> incomingFilters;
    private readonly Lazy<Action<Activation>[]> lifecycleParticipants;
    private readonly ClusterOptions clusterOptions;
    private LocalCluster? cluster;
    private ITimer? collector;

    public LocalSilo(
        IServiceProvider services,
        IOptions<ClusterOptions> clusterOptions,
        IOptions<SiloOptions> siloOptions,
        IOptions<EndpointOptions> endpoints,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        ILogger<LocalSilo> log)
        : base(services, messaging.Value, GrainId.Create(GrainTypePrefix.ClientGrainType, $"hosted-{SiloAddress.AllocateNewGeneration()}"))
    {
        this.clusterOptions = clusterOptions.Value;
        Log = log;
        Collection = collection.Value;
        ActivationClock = services.ClockOf(TimeProviderNames.ActivationManagement);
        var address = endpoints.Value.AdvertisedIPAddress ?? IPAddress.Loopback;
        Address = SiloAddress.New(address, endpoints.Value.SiloPort, SiloAddress.AllocateNewGeneration());
        GatewayAddress = SiloAddress.New(address, endpoints.Value.GatewayPort, 0);
        Name = string.IsNullOrEmpty(siloOptions.Value.SiloName) ? $"Silo_{Address.Generation:X}" : siloOptions.Value.SiloName;
        incomingFilters = new(() => [.. services.GetServices<IIncomingGrainCallFilter>()]);
        lifecycleParticipants = new(() => [.. services.GetServices<Action<Activation>>()]);
    }

    public string Name { get; }

    public string ClusterId => clusterOptions.ClusterId;

    public string DnsHostName => Dns.GetHostName();

    public SiloAddress Address { get; }

    SiloAddress ILocalSiloDetails.SiloAddress => Address;

    public SiloAddress GatewayAddress { get; }

    public ILogger Log { get; }

    public GrainCollectionOptions Collection { get; }

    public TimeProvider ActivationClock { get; }

    public IIncomingGrainCallFilter[] IncomingFilters => incomingFilters.Value;

    /// <summary>What joins the start of every activation here.</summary>
    public Action<Activation>[] GrainLifecycleParticipants => lifecycleParticipants.Value;

    public bool IsActive { get; private set; }

    public bool IsDead { get; private set; }

    public override LocalCluster Cluster => cluster ?? throw new SiloUnavailableException("The silo has not started.");

    public bool HasJoined => cluster is not null;

    /// <summary>Joins, so that grains may be placed here.</summary>
    public void Join()
    {
        _ = GrainCatalog.Instance;
        IsActive = true;
        cluster = LocalCluster.Join(clusterOptions.ServiceId, clusterOptions.ClusterId, this);
        using (Flow.Suppress())
        {
            collector = ActivationClock.CreateTimer(static state => ((LocalSilo)state!).Collect(), this, Collection.CollectionQuantum, Collection.CollectionQuantum);
        }

        Log.SiloStarted(Name, Address, ClusterId);
        cluster.Announce();
    }

    /// <summary>Takes no more grains, and ends those that are here, so that they may go elsewhere.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (!IsActive)
        {
            return;
        }

        IsActive = false;
        Cluster.Leave(this);
        collector?.Dispose();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating.");
        try
        {
            while (!activations.IsEmpty)
            {
                await Task.WhenAll(activations.Keys.Select(activation => activation.DeactivateAsync(reason, cancellationToken))).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Kill();
            return;
        }

        Log.SiloStopped(Name, Address, graceful: true);
    }

    /// <summary>Ends as a crash does: no grain is deactivated, and what runs is cut off at its next await.</summary>
    public void Kill()
    {
        if (IsDead)
        {
            return;
        }

        IsDead = true;
        if (IsActive)
        {
            IsActive = false;
            Cluster.Leave(this);
        }

        collector?.Dispose();
        foreach (var activation in activations.Keys)
        {
            activation.Kill();
            Unregister(activation);
        }

        FailPending(static call => new SiloUnavailableException($"The silo that made the call stopped: {call}."));
        Log.SiloStopped(Name, Address, graceful: false);
    }

    public void Register(Activation activation)
    {
        activations[activation] = true;
        if (IsDead)
        {
            // It was placed here while the silo died.
            activation.Kill();
            Unregister(activation);
        }
    }

    public void Unregister(Activation activation)
    {
        activations.TryRemove(activation, out _);
        cluster?.Remove(activation);
    }

    public int ActivationCount => activations.Count;

    public StatelessWorkers WorkersOf(GrainId grainId, GrainClass grainClass, StatelessWorkerPlacement placement) =>
        workers.GetOrAdd(grainId, static (id, state) => new StatelessWorkers(state.Silo, id, state.Class, state.Max), (Silo: this, Class: grainClass, Max: placement.MaxLocal));

    /// <summary>Sends a call that came too late for its activation to the grain's next one.</summary>
    public void Forward(GrainCall call)
    {
        // A grain that ends on every call would send them round for ever.
        if (call.ForwardCount++ >= MaxForwardCount)
        {
            call.Fail(new OrleansMessageRejectionException($"Forwarding failed: tried to forward message {call} for {call.ForwardCount} times."));
            return;
        }

        try
        {
            Cluster.Deliver(call, this);
        }
        catch (Exception error)
        {
            call.Fail(error);
        }
    }

    private void Collect()
    {
        foreach (var activation in activations.Keys)
        {
            activation.CollectIfIdle(Collection.CollectionAge);
        }
    }
}
