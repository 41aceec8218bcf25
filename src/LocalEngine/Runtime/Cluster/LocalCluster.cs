using System.Collections.Concurrent;
using Orleans.Activations;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Cluster;

/// <summary>
/// The silos of this process with one cluster name: who is a member, and where each grain is active. Members change in an
/// instant, for all at once: there is no network between them.
/// </summary>
internal sealed class LocalCluster(string id)
{
    private const int MaxForwards = 8;
    private static readonly ConcurrentDictionary<string, LocalCluster> Clusters = new(StringComparer.Ordinal);

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<GrainId, Activation> directory = new();
    private readonly ConcurrentDictionary<GrainId, Observer> observers = new();
    private volatile LocalSilo[] members = [];
    private long lastObserver;

    public string Id => id;

    /// <summary>The members, the oldest first.</summary>
    public IReadOnlyList<LocalSilo> Members => members;

    /// <summary>Raised after a silo has joined or gone.</summary>
    public event Action? MembersChanged;

    public static LocalCluster Get(string id) => Clusters.GetOrAdd(id, static id => new(id));

    public void Join(LocalSilo silo)
    {
        lock (gate)
        {
            members = [.. members, silo];
        }

        MembersChanged?.Invoke();
    }

    public void Leave(LocalSilo silo)
    {
        lock (gate)
        {
            members = [.. members.Where(member => member != silo)];
        }

        MembersChanged?.Invoke();
    }

    public Activation? Find(GrainId grainId) => directory.GetValueOrDefault(grainId);

    public void Remove(Activation activation) => directory.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    public GrainId AddObserver(IGrainObserver target)
    {
        var grainId = GrainId.Create("sys.client", $"o-{Interlocked.Increment(ref lastObserver)}");
        observers[grainId] = new(target);
        return grainId;
    }

    public void RemoveObserver(GrainId grainId) => observers.TryRemove(grainId, out _);

    /// <summary>Brings a call to the activation of its grain, which is made if there is none.</summary>
    public void Deliver(Message message)
    {
        try
        {
            if (observers.TryGetValue(message.Target, out var observer))
            {
                observer.Receive(message);
                return;
            }

            while (message.Forwards++ <= MaxForwards)
            {
                if (FindOrCreate(message) is not { } activation)
                {
                    message.Fail(new SiloUnavailableException($"No silo of cluster {id} takes {message}."));
                    return;
                }

                if (activation.TryReceive(message))
                {
                    return;
                }
            }

            message.Fail(new OrleansMessageRejectionException($"No activation took {message} after {MaxForwards} attempts."));
        }
        catch (Exception error)
        {
            message.Fail(error);
        }
    }

    private Activation? FindOrCreate(Message message)
    {
        if (directory.TryGetValue(message.Target, out var known))
        {
            return known;
        }

        var grainClass = GrainClass.Of(message.Target.Type);
        if (Place(grainClass, message) is not { } silo)
        {
            return null;
        }

        if (grainClass.IsStatelessWorker)
        {
            return silo.WorkerOf(message.Target, grainClass);
        }

        var created = silo.Create(message.Target, grainClass);
        var activation = directory.GetOrAdd(message.Target, created);
        if (ReferenceEquals(activation, created))
        {
            activation.Activate(message.RequestContext);
            if (!silo.Add(activation))
            {
                Remove(activation);
            }
        }

        return activation;
    }

    private LocalSilo? Place(GrainClass grainClass, Message message)
    {
        var candidates = members;
        if (candidates.Length == 0)
        {
            return null;
        }

        if (grainClass.IsStatelessWorker || grainClass.Placement is PreferLocalPlacement)
        {
            return message.Sender.Silo is { } local && candidates.Contains(local) ? local : candidates[0];
        }

        if (grainClass.Placement is HashBasedPlacement)
        {
            return candidates[message.Target.GetUniformHashCode() % candidates.Length];
        }

        return candidates.MinBy(static silo => silo.Count);
    }

    /// <summary>An object that others notify, one call after the other.</summary>
    private sealed class Observer(IGrainObserver target) : ITargetHolder
    {
        private readonly Lock gate = new();
        private Task last = Task.CompletedTask;

        public object GetTarget() => target;

        public object? GetComponent(Type componentType) => null;

        public void Receive(Message message)
        {
            lock (gate)
            {
                last = NotifyAsync(last, message);
            }
        }

        private async Task NotifyAsync(Task before, Message message)
        {
            await before.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            RequestContext.Current = message.RequestContext;
            message.Request.SetTarget(this);
            var response = await message.Request.Invoke().ConfigureAwait(false);
            message.Reply(response.Exception is { } error ? Response.FromException(SerializableExceptions.ForCaller(error)) : response);
        }
    }
}
