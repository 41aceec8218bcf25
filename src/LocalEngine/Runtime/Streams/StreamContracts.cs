using Orleans.Runtime;

namespace Orleans.Streams
{
    /// <summary>The identity of a stream with a GUID as its key.</summary>
    public interface IStreamIdentity
    {
        /// <summary>The key.</summary>
        Guid Guid { get; }

        /// <summary>The namespace.</summary>
        string Namespace { get; }
    }

    /// <summary>Gives streams.</summary>
    public interface IStreamProvider
    {
        /// <summary>The provider's name.</summary>
        string Name { get; }

        /// <summary>Whether past events can be asked for.</summary>
        bool IsRewindable { get; }

        /// <summary>A stream.</summary>
        IAsyncStream<T> GetStream<T>(StreamId streamId);
    }

    /// <summary>A stream.</summary>
    public interface IAsyncStream
    {
        /// <summary>Whether past events can be asked for.</summary>
        bool IsRewindable { get; }

        /// <summary>The provider's name.</summary>
        string ProviderName { get; }

        /// <summary>The stream's identity.</summary>
        StreamId StreamId { get; }
    }

    /// <summary>A stream of events of one type.</summary>
    public interface IAsyncStream<T> : IAsyncStream, IEquatable<IAsyncStream<T>>, IComparable<IAsyncStream<T>>, IAsyncObservable<T>, IAsyncBatchObservable<T>, IAsyncBatchProducer<T>
    {
        /// <summary>The subscriptions of the grain whose turn runs.</summary>
        Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles();
    }

    /// <summary>Takes events.</summary>
    public interface IAsyncObserver<in T>
    {
        /// <summary>An event.</summary>
        Task OnNextAsync(T item, StreamSequenceToken? token = null);

        /// <summary>There are no more events.</summary>
        Task OnCompletedAsync() => Task.CompletedTask;

        /// <summary>Events could not be brought.</summary>
        Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }

    /// <summary>Takes several events at once.</summary>
    public interface IAsyncBatchObserver<T>
    {
        /// <summary>Events.</summary>
        Task OnNextAsync(IList<SequentialItem<T>> items);

        /// <summary>There are no more events.</summary>
        Task OnCompletedAsync() => Task.CompletedTask;

        /// <summary>Events could not be brought.</summary>
        Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }

    /// <summary>Takes events to send, several at once too.</summary>
    public interface IAsyncBatchProducer<in T> : IAsyncObserver<T>
    {
        /// <summary>Sends events.</summary>
        Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null);
    }

    /// <summary>Can be subscribed to.</summary>
    public interface IAsyncObservable<T>
    {
        /// <summary>Subscribes.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);

        /// <summary>Subscribes from a place on.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null);
    }

    /// <summary>Can be subscribed to by who takes several events at once.</summary>
    public interface IAsyncBatchObservable<T>
    {
        /// <summary>Subscribes.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer);

        /// <summary>Subscribes from a place on.</summary>
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token);
    }

    /// <summary>An event with its place in the stream.</summary>
    [Immutable, GenerateSerializer]
    public class SequentialItem<T>(T item, StreamSequenceToken token)
    {
        /// <summary>The event.</summary>
        [Id(0)]
        public T Item { get; } = item;

        /// <summary>The place.</summary>
        [Id(1)]
        public StreamSequenceToken Token { get; } = token;
    }

    /// <summary>A place in a stream.</summary>
    [GenerateSerializer]
    public abstract class StreamSequenceToken : IEquatable<StreamSequenceToken>, IComparable<StreamSequenceToken>
    {
        /// <summary>The number of the batch.</summary>
        public abstract long SequenceNumber { get; protected set; }

        /// <summary>The number within the batch.</summary>
        public abstract int EventIndex { get; protected set; }

        /// <inheritdoc />
        public abstract bool Equals(StreamSequenceToken? other);

        /// <inheritdoc />
        public abstract int CompareTo(StreamSequenceToken? other);
    }

    /// <summary>A subscription.</summary>
    public abstract class StreamSubscriptionHandle<T> : IEquatable<StreamSubscriptionHandle<T>>
    {
        /// <summary>The stream.</summary>
        public abstract StreamId StreamId { get; }

        /// <summary>The provider's name.</summary>
        public abstract string ProviderName { get; }

        /// <summary>The subscription's identity.</summary>
        public abstract Guid HandleId { get; }

        /// <summary>Ends the subscription.</summary>
        public abstract Task UnsubscribeAsync();

        /// <summary>Sets who takes the events from now on.</summary>
        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null);

        /// <summary>Sets who takes the events from now on.</summary>
        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null);

        /// <inheritdoc />
        public abstract bool Equals(StreamSubscriptionHandle<T>? other);
    }

    /// <summary>Says which namespaces are meant.</summary>
    public interface IStreamNamespacePredicate
    {
        /// <summary>The pattern as it is stored.</summary>
        string PredicatePattern { get; }

        /// <summary>Whether a namespace is meant.</summary>
        bool IsMatch(string streamNamespace);
    }
}

namespace Orleans.Streams.Core
{
    /// <summary>A grain that is told of its subscriptions when their first event comes.</summary>
    public interface IStreamSubscriptionObserver
    {
        /// <summary>Takes a subscription, to resume it.</summary>
        Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory);
    }

    /// <summary>Makes the handle of a subscription.</summary>
    public interface IStreamSubscriptionHandleFactory
    {
        /// <summary>The stream.</summary>
        StreamId StreamId { get; }

        /// <summary>The provider's name.</summary>
        string ProviderName { get; }

        /// <summary>The subscription's identity.</summary>
        GuidId SubscriptionId { get; }

        /// <summary>The handle, by the type of the events.</summary>
        StreamSubscriptionHandle<T> Create<T>();
    }
}

namespace Orleans.Providers.Streams.Common
{
    using Orleans.Streams;

    /// <summary>A place in a stream by two numbers.</summary>
    [GenerateSerializer]
    public class EventSequenceTokenV2 : StreamSequenceToken
    {
        /// <summary>No place.</summary>
        public EventSequenceTokenV2() { }

        /// <summary>The first event of a batch.</summary>
        public EventSequenceTokenV2(long seqNumber) => SequenceNumber = seqNumber;

        /// <summary>An event of a batch.</summary>
        public EventSequenceTokenV2(long seqNumber, int eventInd)
        {
            SequenceNumber = seqNumber;
            EventIndex = eventInd;
        }

        /// <inheritdoc />
        [Id(0)]
        public override long SequenceNumber { get; protected set; }

        /// <inheritdoc />
        [Id(1)]
        public override int EventIndex { get; protected set; }

        /// <summary>Another event of the same batch.</summary>
        public EventSequenceTokenV2 CreateSequenceTokenForEvent(int eventInd) => new(SequenceNumber, eventInd);

        /// <inheritdoc />
        public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

        /// <inheritdoc />
        public override bool Equals(StreamSequenceToken? other) => other is EventSequenceTokenV2 && other.SequenceNumber == SequenceNumber && other.EventIndex == EventIndex;

        /// <inheritdoc />
        public override int CompareTo(StreamSequenceToken? other) => other is null ? 1
            : SequenceNumber.CompareTo(other.SequenceNumber) is var order and not 0 ? order : EventIndex.CompareTo(other.EventIndex);

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);

        /// <inheritdoc />
        public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[EventSequenceTokenV2: SeqNum={SequenceNumber}, EventIndex={EventIndex}]");
    }
}
