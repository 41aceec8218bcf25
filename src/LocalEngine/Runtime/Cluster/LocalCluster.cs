using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The silos of one process that have the same service and cluster id, and what they share: the directory of grains and all memory that outlives a silo.</summary>
internal sealed class LocalCluster
{
    private static readonly ConcurrentDictionary<(string Service, string Cluster), LocalCluster> Clusters = new();

    private readonly (string Service, string Cluster) key;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<GrainId, Activation> directory = new();
    private readonly ConcurrentDictionary<object, object> shared = new();
    private ImmutableArray<LocalSilo> silos = [];
    private bool closed;
    private long version;

    private LocalCluster((string Service, string Cluster) key) => this.key = key;

    /// <summary>Tells of silos that came or went.</summary>
    public event Action? MembersChanged;

    public ImmutableArray<LocalSilo> Silos => silos;

    public MembershipVersion Version => new(Interlocked.Read(ref version));

    /// <summary>The cluster of the ids, made by its first silo and dropped with its last.</summary>
    public static LocalCluster Join(string service, string cluster, LocalSilo silo)
    {
        while (true)
        {
            var found = Clusters.GetOrAdd((service, cluster), static key => new LocalCluster(key));
            lock (found.gate)
            {
                if (!found.closed)
                {
                    found.silos = found.silos.Add(silo);
                    found.version++;
                    return found;
                }
            }
        }
    }

    public static LocalCluster? Find(string service, string cluster) => Clusters.GetValueOrDefault((service, cluster));

    public void Announce() => MembersChanged?.Invoke();

    /// <summary>Takes no more grains to the silo.</summary>
    public void Leave(LocalSilo silo)
    {
        lock (gate)
        {
            silos = silos.Remove(silo);
            version++;
            if (silos.IsEmpty)
            {
                closed = true;
                Clusters.TryRemove(new(key, this));
            }
        }

        MembersChanged?.Invoke();
    }

    /// <summary>What the silos share under a key; made once.</summary>
    public T Shared<T>(object name, Func<T> make) where T : class => (T)shared.GetOrAdd((typeof(T), name), _ => make());

    public bool IsActive(GrainId grainId) => directory.ContainsKey(grainId);

    public IEnumerable<Activation> Activations => directory.Values;

    /// <summary>Brings a call to its grain, which is activated if it is not. Answers the activation, if the next call may go there at once.</summary>
    public Activation? Deliver(GrainCall call, CallNode caller)
    {
        var grainClass = GrainCatalog.Instance.Get(call.TargetId.Type);
        if (grainClass.Placement is StatelessWorkerPlacement workers)
        {
            var home = caller is LocalSilo { IsActive: true } own ? own : SiloFor(call.TargetId);
            home.WorkersOf(call.TargetId, grainClass, workers).Receive(call);
            return null;
        }

        while (true)
        {
            if (directory.TryGetValue(call.TargetId, out var known))
            {
                if (known.Receive(call))
                {
                    return known;
                }

                // It ended between the look and the call.
                Remove(known);
                continue;
            }

            var silo = grainClass.Placement is PreferLocalPlacement && caller is LocalSilo { IsActive: true } local ? local : SiloFor(call.TargetId);
            var fresh = new Activation(silo, grainClass, call.TargetId);
            if (directory.TryAdd(call.TargetId, fresh))
            {
                fresh.Activate(call.Context);
            }
        }
    }

    public void Remove(Activation activation) => directory.TryRemove(new(activation.GrainId, activation));

    /// <summary>Whose a hash is among the silos that take grains; null if there is none.</summary>
    public LocalSilo? OwnerOf(uint hash) => silos is { IsEmpty: false } all ? all[(int)(hash % (uint)all.Length)] : null;

    private LocalSilo SiloFor(GrainId grainId)
    {
        // The hash of the numbers 0, 1, 2 must not be the same silo for ever: mix it.
        var hash = grainId.GetUniformHashCode() * 2654435761u;
        return OwnerOf(hash ^ (hash >> 16)) ?? throw new SiloUnavailableException($"No silo of cluster {key.Cluster} takes calls.");
    }
}
