using Microsoft.Extensions.DependencyInjection;
using Orleans.Local;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans
{
    /// <summary>Streams of a grain.</summary>
    public static class GrainStreamingExtensions
    {
        /// <summary>The provider of a name.</summary>
        public static IStreamProvider GetStreamProvider(this Grain grain, string name) => ((IGrainBase)grain).GetStreamProvider(name);

        /// <summary>The provider of a name.</summary>
        /// <exception cref="KeyNotFoundException">There is none.</exception>
        public static IStreamProvider GetStreamProvider(this IGrainBase grain, string name) => grain.GrainContext.ActivationServices.StreamProvider(name);
    }

    /// <summary>Streams of a client.</summary>
    public static class ClientStreamingExtensions
    {
        /// <summary>The provider of a name.</summary>
        /// <exception cref="KeyNotFoundException">There is none.</exception>
        public static IStreamProvider GetStreamProvider(this IClusterClient client, string name) => client.ServiceProvider.StreamProvider(name);
    }
}

namespace Orleans.Streams
{
    /// <summary>Streams by the parts of their identity.</summary>
    public static class StreamProviderExtensions
    {
        /// <summary>The stream of a GUID.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, Guid id) => streamProvider.GetStream<T>(StreamId.Create(null, id));

        /// <summary>The stream of a namespace and a GUID.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, Guid id) => streamProvider.GetStream<T>(StreamId.Create(ns, id));

        /// <summary>The stream of a text.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string id) => streamProvider.GetStream<T>(StreamId.Create(null, id));

        /// <summary>The stream of a namespace and a text.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, string id) => streamProvider.GetStream<T>(StreamId.Create(ns, id));

        /// <summary>The stream of a number.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, long id) => streamProvider.GetStream<T>(StreamId.Create(null, id));

        /// <summary>The stream of a namespace and a number.</summary>
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, long id) => streamProvider.GetStream<T>(StreamId.Create(ns, id));
    }

    /// <summary>Subscriptions by functions.</summary>
    public static class AsyncObservableExtensions
    {
        /// <summary>Subscribes a function.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, null, null));

        /// <summary>Subscribes functions.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Exception, Task> onErrorAsync) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, onErrorAsync, null));

        /// <summary>Subscribes functions.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Task> onCompletedAsync) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, null, onCompletedAsync));

        /// <summary>Subscribes functions.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Exception, Task> onErrorAsync, Func<Task> onCompletedAsync) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, onErrorAsync, onCompletedAsync));

        /// <summary>Subscribes a function from a place on.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, StreamSequenceToken token) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, null, null), token);

        /// <summary>Subscribes functions from a place on.</summary>
        public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Exception, Task> onErrorAsync, StreamSequenceToken token) =>
            obs.SubscribeAsync(new FunctionObserver<T>(onNextAsync, onErrorAsync, null), token);
    }

    /// <summary>Subscriptions resumed by functions.</summary>
    public static class StreamSubscriptionHandleExtensions
    {
        /// <summary>Resumes with a function.</summary>
        public static Task<StreamSubscriptionHandle<T>> ResumeAsync<T>(this StreamSubscriptionHandle<T> handle, Func<T, StreamSequenceToken?, Task> onNextAsync, StreamSequenceToken? token = null) =>
            handle.ResumeAsync(new FunctionObserver<T>(onNextAsync, null, null), token);

        /// <summary>Resumes with functions.</summary>
        public static Task<StreamSubscriptionHandle<T>> ResumeAsync<T>(this StreamSubscriptionHandle<T> handle, Func<T, StreamSequenceToken?, Task> onNextAsync, Func<Exception, Task> onErrorAsync, StreamSequenceToken? token = null) =>
            handle.ResumeAsync(new FunctionObserver<T>(onNextAsync, onErrorAsync, null), token);
    }
}

namespace Orleans.Local
{
    internal static class StreamProviders
    {
        public static IStreamProvider StreamProvider(this IServiceProvider services, string name) =>
            services.GetKeyedService<IStreamProvider>(name) ?? throw new KeyNotFoundException($"Stream provider '{name}' not found.");
    }

    internal sealed class FunctionObserver<T>(Func<T, StreamSequenceToken?, Task> onNext, Func<Exception, Task>? onError, Func<Task>? onCompleted) : IAsyncObserver<T>
    {
        public Task OnNextAsync(T item, StreamSequenceToken? token = null) => onNext(item, token);

        public Task OnCompletedAsync() => onCompleted?.Invoke() ?? Task.CompletedTask;

        public Task OnErrorAsync(Exception ex) => onError?.Invoke(ex) ?? Task.CompletedTask;
    }
}
