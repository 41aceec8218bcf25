using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Local;

/// <summary>
/// The streams of one provider of a cluster. Each subscription has a queue of its own, so that a slow consumer holds up
/// nobody else; events of a stream reach it in order, and again until it has taken them or the time for it is over.
/// </summary>
internal sealed class StreamHub(string provider, LocalCluster cluster)
{
    private readonly ConcurrentDictionary<StreamId, Subscriptions> explicitOnes = new();
    private readonly ConcurrentDictionary<(StreamId Stream, Guid Subscription), EventQueue> queues = new();
    private readonly ConcurrentDictionary<string, GrainClass[]> implicitClasses = new();
    private long lastSequence;

    public void Publish(StreamId stream, object?[] items)
    {
        if (cluster.Silos.IsEmpty)
        {
            throw new SiloUnavailableException("No silo takes events.");
        }

        var sequence = Interlocked.Increment(ref lastSequence);
        var consumers = ConsumersOf(stream);
        for (var i = 0; i < items.Length; i++)
        {
            var token = new EventSequenceTokenV2(sequence, i);
            foreach (var consumer in consumers)
            {
                while (!QueueOf(stream, consumer).TryAdd(items[i], token))
                {
                    // It was just dropped, empty: the next one is new.
                }
            }
        }
    }

    /// <summary>Subscribes a grain: by the subscription that its class has, else by one of its own.</summary>
    public Guid SubscribeGrain(StreamId stream, GrainId grain)
    {
        if (ImplicitConsumers(stream).FirstOrDefault(consumer => consumer.Grain == grain) is { } known)
        {
            return known.Id;
        }

        var added = new Consumer(new Guid(RandomNumberGenerator.GetBytes(16)), grain, null);
        explicitOnes.GetOrAdd(stream, static _ => new()).Add(added);
        return added.Id;
    }

    public Guid SubscribeClient(StreamId stream, Listener listener)
    {
        var added = new Consumer(new Guid(RandomNumberGenerator.GetBytes(16)), default, listener);
        explicitOnes.GetOrAdd(stream, static _ => new()).Add(added);
        return added.Id;
    }

    public void ResumeClient(StreamId stream, Guid id, Listener listener)
    {
        if (explicitOnes.TryGetValue(stream, out var all) && all.Items.FirstOrDefault(consumer => consumer.Id == id) is { } known)
        {
            known.Listener = listener;
        }
    }

    public void Unsubscribe(StreamId stream, Guid id)
    {
        if (explicitOnes.TryGetValue(stream, out var all))
        {
            all.Remove(id);
        }

        queues.TryRemove((stream, id), out _);
    }

    public IEnumerable<Guid> SubscriptionsOf(StreamId stream, GrainId grain) => ConsumersOf(stream).Where(consumer => consumer.Grain == grain).Select(static consumer => consumer.Id);

    private List<Consumer> ConsumersOf(StreamId stream) =>
        [.. ImplicitConsumers(stream), .. explicitOnes.TryGetValue(stream, out var all) ? all.Items : []];

    private IEnumerable<Consumer> ImplicitConsumers(StreamId stream)
    {
        var space = stream.GetNamespace();
        var classes = implicitClasses.GetOrAdd(space ?? "", static name => [.. GrainCatalog.Instance.Classes.Where(c =>
            c.Type.GetCustomAttributes(typeof(ImplicitStreamSubscriptionAttribute), true).Cast<ImplicitStreamSubscriptionAttribute>().Any(a => a.Predicate.IsMatch(name)))]);
        return classes.Select(c =>
        {
            var grain = GrainId.Create(c.GrainType, KeyOf(c.Type, stream));
            return new Consumer(IdOf(grain, stream), grain, null);
        });
    }

    private static IdSpan KeyOf(Type type, StreamId stream) =>
        typeof(IGrainWithGuidKey).IsAssignableFrom(type) ? GrainIdKeyExtensions.CreateGuidKey(Guid.Parse(stream.GetKeyAsString()))
        : typeof(IGrainWithIntegerKey).IsAssignableFrom(type) ? GrainIdKeyExtensions.CreateIntegerKey(long.Parse(stream.GetKeyAsString(), System.Globalization.CultureInfo.InvariantCulture))
        : typeof(IGrainWithGuidCompoundKey).IsAssignableFrom(type) ? GrainIdKeyExtensions.CreateGuidKey(Guid.Parse(stream.GetKeyAsString()), stream.GetNamespace())
        : new IdSpan(stream.Key.ToArray());

    // The same on every silo and in every life of the grain.
    private static Guid IdOf(GrainId grain, StreamId stream)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, grain.Type.GetUniformHashCode());
        BitConverter.TryWriteBytes(bytes[4..], grain.Key.GetUniformHashCode());
        BitConverter.TryWriteBytes(bytes[8..], stream.GetHashCode());
        BitConverter.TryWriteBytes(bytes[12..], (int)StableHash.ComputeHash("implicit"));
        return new Guid(bytes);
    }

    private EventQueue QueueOf(StreamId stream, Consumer consumer) =>
        queues.GetOrAdd((stream, consumer.Id), static (key, state) => new EventQueue(state.Hub, key.Stream, state.Consumer), (Hub: this, Consumer: consumer));

    private sealed class Consumer(Guid id, GrainId grain, Listener? listener)
    {
        public Guid Id => id;

        public GrainId Grain => grain;

        public Listener? Listener { get; set; } = listener;
    }

    private sealed class Subscriptions
    {
        private volatile Consumer[] items = [];

        public Consumer[] Items => items;

        public void Add(Consumer consumer)
        {
            lock (this)
            {
                items = [.. items, consumer];
            }
        }

        public void Remove(Guid id)
        {
            lock (this)
            {
                items = Array.FindAll(items, consumer => consumer.Id != id);
            }
        }
    }

    /// <summary>The events that one subscription of one stream has yet to take.</summary>
    private sealed class EventQueue(StreamHub hub, StreamId stream, Consumer consumer)
    {
        private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

        private readonly Lock gate = new();
        private readonly Queue<(object? Item, EventSequenceTokenV2 Token)> events = new();
        private bool pumping;
        private bool dropped;

        /// <summary>Adds an event; false if the queue was dropped meanwhile.</summary>
        public bool TryAdd(object? item, EventSequenceTokenV2 token)
        {
            lock (gate)
            {
                if (dropped)
                {
                    return false;
                }

                events.Enqueue((item, token));
                if (pumping)
                {
                    return true;
                }

                pumping = true;
            }

            // Not in the turn of the producer, and without its values.
            ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.PumpAsync(), this, preferLocal: false);
            return true;
        }

        private async Task PumpAsync()
        {
            while (true)
            {
                (object? Item, EventSequenceTokenV2 Token) next;
                lock (gate)
                {
                    if (!events.TryPeek(out next))
                    {
                        // A stream that says nothing takes no memory.
                        dropped = true;
                        hub.queues.TryRemove(new((stream, consumer.Id), this));
                        return;
                    }
                }

                if (!await DeliverAsync(next.Item, next.Token))
                {
                    // The last silo is gone, and the memory with it.
                    return;
                }

                lock (gate)
                {
                    events.Dequeue();
                }
            }
        }

        private async Task<bool> DeliverAsync(object? item, EventSequenceTokenV2 token)
        {
            long? began = null;
            var pause = FirstPause;
            while (Agent() is { } agent)
            {
                began ??= agent.Clock.GetTimestamp();
                try
                {
                    if (consumer.Listener is { } client)
                    {
                        await client.TakeAsync(Serialization.TypeCopiers.Copy(item), token);
                    }
                    else
                    {
                        await agent.Node.Factory.GetGrain<IStreamConsumer>(consumer.Grain).DeliverAsync(consumer.Id, hub.Name, stream, item, token);
                    }

                    return true;
                }
                catch (Exception error)
                {
                    if (agent.Clock.GetElapsedTime(began.Value) + pause > agent.OptionsOf(hub.Name).MaxEventDeliveryTime)
                    {
                        agent.Log.DeliveryGivenUp(error, stream.ToString(), consumer.Grain);
                        await TellAsync(agent, error);
                        return true;
                    }

                    agent.Log.DeliveryFailed(error, stream.ToString(), consumer.Grain);
                }

                await Task.Delay(pause, agent.Clock);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            return false;
        }

        private async Task TellAsync(StreamAgent agent, Exception error)
        {
            try
            {
                await (consumer.Listener is { } client
                    ? client.ErrorAsync(error)
                    : agent.Node.Factory.GetGrain<IStreamConsumer>(consumer.Grain).FailAsync(consumer.Id, error));
            }
            catch (Exception again)
            {
                agent.Log.DeliveryGivenUp(again, stream.ToString(), consumer.Grain);
            }
        }

        private StreamAgent? Agent() => hub.Cluster.OwnerOf((uint)stream.GetHashCode())?.Services.GetService<StreamAgent>();
    }

    private string Name => provider;

    private LocalCluster Cluster => cluster;
}

/// <summary>What calls the consumers of streams from one silo.</summary>
internal sealed class StreamAgent(LocalSilo silo, IOptionsMonitor<StreamPullingAgentOptions> options) : IDisposable
{
    public SystemNode Node { get; } = new(silo, "stream.agent");

    public TimeProvider Clock { get; } = silo.Services.ClockOf(StreamingTimeProviderNames.Streaming);

    public Microsoft.Extensions.Logging.ILogger Log => silo.Log;

    public StreamPullingAgentOptions OptionsOf(string provider) => options.Get(provider);

    public void Dispose() => Node.Dispose();
}
