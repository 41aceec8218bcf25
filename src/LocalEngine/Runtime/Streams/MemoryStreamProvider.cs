using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orleans.Local;

/// <summary>Streams in memory, kept by the cluster: they outlive a silo and go with the last. Past events are not kept.</summary>
internal sealed class MemoryStreamProvider(CallNode node, string name) : IStreamProvider
{
    public CallNode Node => node;

    public string Name => name;

    public bool IsRewindable => false;

    public StreamHub Hub => node.Cluster.Shared(name, () => new StreamHub(name, node.Cluster));

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new MemoryStream<T>(this, streamId);
}

internal sealed class MemoryStream<T>(MemoryStreamProvider provider, StreamId streamId) : IAsyncStream<T>
{
    public bool IsRewindable => false;

    public string ProviderName => provider.Name;

    public StreamId StreamId => streamId;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => OnNextBatchAsync([item], token);

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        if (token is not null)
        {
            throw new ArgumentException("The memory stream provider gives events their places itself.", nameof(token));
        }

        provider.Hub.Publish(streamId, [.. batch.Select(static item => (object?)TypeCopiers.Copy(item))]);
        return Task.CompletedTask;
    }

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => SubscribeAsync(observer, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null) =>
        Subscribe(Listener.Of(observer, token));

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) => SubscribeAsync(observer, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token) => Subscribe(Listener.Of(observer, token));

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        IEnumerable<Guid> ids = RuntimeContext.Current is Activation consumer
            ? provider.Hub.SubscriptionsOf(streamId, consumer.GrainId)
            : [];
        return Task.FromResult<IList<StreamSubscriptionHandle<T>>>([.. ids.Select(id => new SubscriptionHandle<T>(provider, streamId, id))]);
    }

    public bool Equals(IAsyncStream<T>? other) => other is not null && other.StreamId == streamId && other.ProviderName == ProviderName;

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => streamId.GetHashCode();

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : streamId.CompareTo(other.StreamId);

    private Task<StreamSubscriptionHandle<T>> Subscribe(Listener listener)
    {
        var id = RuntimeContext.Current is Activation consumer
            ? StreamConsumer.Of(consumer).Listen(provider.Hub.SubscribeGrain(streamId, consumer.GrainId), listener)
            : provider.Hub.SubscribeClient(streamId, listener);
        return Task.FromResult<StreamSubscriptionHandle<T>>(new SubscriptionHandle<T>(provider, streamId, id));
    }
}

internal sealed class SubscriptionHandle<T>(MemoryStreamProvider provider, StreamId streamId, Guid id) : StreamSubscriptionHandle<T>
{
    public override StreamId StreamId => streamId;

    public override string ProviderName => provider.Name;

    public override Guid HandleId => id;

    public override Task UnsubscribeAsync()
    {
        if (RuntimeContext.Current is Activation consumer)
        {
            StreamConsumer.Of(consumer).Forget(id);
        }

        provider.Hub.Unsubscribe(streamId, id);
        return Task.CompletedTask;
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null) => Resume(Listener.Of(observer, token));

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null) => Resume(Listener.Of(observer, token));

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other is not null && other.HandleId == id;

    public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);

    public override int GetHashCode() => id.GetHashCode();

    private Task<StreamSubscriptionHandle<T>> Resume(Listener listener)
    {
        if (RuntimeContext.Current is Activation consumer)
        {
            StreamConsumer.Of(consumer).Listen(id, listener);
        }
        else
        {
            provider.Hub.ResumeClient(streamId, id, listener);
        }

        return Task.FromResult<StreamSubscriptionHandle<T>>(this);
    }
}

/// <summary>Who takes the events of one subscription.</summary>
internal sealed class Listener
{
    public required Func<object?, StreamSequenceToken, Task> NextAsync { get; init; }

    public required Func<Exception, Task> ErrorAsync { get; init; }

    public required StreamSequenceToken? From { get; init; }

    public static Listener Of<T>(IAsyncObserver<T> observer, StreamSequenceToken? from)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new() { NextAsync = (item, token) => observer.OnNextAsync((T)item!, token), ErrorAsync = observer.OnErrorAsync, From = from };
    }

    public static Listener Of<T>(IAsyncBatchObserver<T> observer, StreamSequenceToken? from)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new() { NextAsync = (item, token) => observer.OnNextAsync([new SequentialItem<T>((T)item!, token)]), ErrorAsync = observer.OnErrorAsync, From = from };
    }

    /// <summary>Gives the event to the listener, unless it lies before the place where it began.</summary>
    public Task TakeAsync(object? item, StreamSequenceToken token) => From is not null && token.CompareTo(From) < 0 ? Task.CompletedTask : NextAsync(item, token);
}

/// <summary>What brings events into a grain.</summary>
internal interface IStreamConsumer : IGrainExtension
{
    Task DeliverAsync(Guid subscription, string provider, StreamId stream, object? item, EventSequenceTokenV2 token);

    Task FailAsync(Guid subscription, Exception error);
}

/// <summary>The subscriptions of one activation.</summary>
internal sealed class StreamConsumer(IGrainContext context) : IStreamConsumer
{
    private readonly Dictionary<Guid, Listener> listeners = [];

    public static StreamConsumer Of(Activation activation) => (StreamConsumer)activation.GetExtension<IStreamConsumer>();

    public Guid Listen(Guid subscription, Listener listener)
    {
        listeners[subscription] = listener;
        return subscription;
    }

    public void Forget(Guid subscription) => listeners.Remove(subscription);

    public async Task DeliverAsync(Guid subscription, string provider, StreamId stream, object? item, EventSequenceTokenV2 token)
    {
        if (!listeners.TryGetValue(subscription, out var listener) && context.GrainInstance is IStreamSubscriptionObserver observer)
        {
            await observer.OnSubscribed(new HandleFactory((MemoryStreamProvider)context.ActivationServices.StreamProvider(provider), stream, subscription));
            listeners.TryGetValue(subscription, out listener);
        }

        // A grain that resumes nothing wants none of it.
        if (listener is not null)
        {
            await listener.TakeAsync(item, token);
        }
    }

    public Task FailAsync(Guid subscription, Exception error) => listeners.TryGetValue(subscription, out var listener) ? listener.ErrorAsync(error) : Task.CompletedTask;

    private sealed class HandleFactory(MemoryStreamProvider provider, StreamId stream, Guid subscription) : IStreamSubscriptionHandleFactory
    {
        public StreamId StreamId => stream;

        public string ProviderName => provider.Name;

        public GuidId SubscriptionId => GuidId.GetGuidId(subscription);

        public StreamSubscriptionHandle<T> Create<T>() => new SubscriptionHandle<T>(provider, stream, subscription);
    }
}
