using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A state on its way to or from storage.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T State { get; set; }

        /// <summary>The version that storage gave it.</summary>
        string? ETag { get; set; }

        /// <summary>Whether something is stored.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state on its way to or from storage.</summary>
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>No state yet.</summary>
        public GrainState() => State = default!;

        /// <summary>A state that is not stored.</summary>
        public GrainState(T state) => State = state;

        /// <summary>A state with its version.</summary>
        public GrainState(T state, string eTag) : this(state) => ETag = eTag;

        /// <inheritdoc/>
        public T State { get; set; }

        /// <inheritdoc/>
        public string? ETag { get; set; }

        /// <inheritdoc/>
        public bool RecordExists { get; set; }
    }

    /// <summary>Marks attributes of constructor parameters that a grain's activation fills.</summary>
    public interface IFacetMetadata;
}

namespace Orleans.Runtime
{
    /// <summary>A stored state of a grain.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Which state, and where.</summary>
    public interface IPersistentStateConfiguration
    {
        /// <summary>The state's name.</summary>
        string StateName { get; }

        /// <summary>The storage's name; null for the default one.</summary>
        string? StorageName { get; }
    }

    /// <summary>Asks for a stored state in the constructor of a grain.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute, IFacetMetadata, IPersistentStateConfiguration
    {
        /// <summary>The state of a name in a storage.</summary>
        public PersistentStateAttribute(string stateName, string? storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        /// <inheritdoc/>
        public string StateName { get; }

        /// <inheritdoc/>
        public string? StorageName { get; }
    }
}

namespace Orleans.Storage
{
    /// <summary>Keeps the states of grains.</summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a state; where there is none, a new one.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Reads a state.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => ReadStateAsync(stateName, grainId, grainState);

        /// <summary>Writes a state over the version that it was read with.</summary>
        /// <exception cref="InconsistentStateException">There is another version.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a state.</summary>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => WriteStateAsync(stateName, grainId, grainState);

        /// <summary>Clears a state.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Clears a state.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) => ClearStateAsync(stateName, grainId, grainState);
    }

    /// <summary>Turns states into bytes and back.</summary>
    public interface IGrainStorageSerializer
    {
        /// <summary>The bytes of a state.</summary>
        BinaryData Serialize<T>(T? input);

        /// <summary>The state of bytes.</summary>
        T? Deserialize<T>(BinaryData input);
    }

    /// <summary>Options of a storage with a serializer.</summary>
    public interface IStorageProviderSerializerOptions
    {
        /// <summary>The serializer.</summary>
        IGrainStorageSerializer GrainStorageSerializer { get; set; }
    }

    /// <summary>Gives options of storages the serializer of the container.</summary>
    public class DefaultStorageProviderSerializerOptionsConfigurator<TOptions>(IServiceProvider serviceProvider) : IPostConfigureOptions<TOptions>
        where TOptions : class, IStorageProviderSerializerOptions
    {
        /// <inheritdoc/>
        public void PostConfigure(string? name, TOptions options) =>
            options.GrainStorageSerializer ??= serviceProvider.GetKeyedService<IGrainStorageSerializer>(name) ?? serviceProvider.GetRequiredService<IGrainStorageSerializer>();
    }

    /// <summary>The stored state has another version than the grain's.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        /// <summary>An error without words.</summary>
        public InconsistentStateException() { }

        /// <summary>An error in words.</summary>
        public InconsistentStateException(string message) : base(message) { }

        /// <summary>An error with its cause.</summary>
        public InconsistentStateException(string message, Exception innerException) : base(message, innerException) { }

        /// <summary>An error with both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>The version in storage.</summary>
        [Id(0)]
        public string? StoredEtag { get; private set; }

        /// <summary>The grain's version.</summary>
        [Id(1)]
        public string? CurrentEtag { get; private set; }
    }
}

namespace Orleans.Providers
{
    /// <summary>Names of providers.</summary>
    public static class ProviderConstants
    {
        /// <summary>The storage when none is named.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";

        /// <summary>The storage of subscriptions.</summary>
        public const string DEFAULT_PUBSUB_PROVIDER_NAME = "PubSubStore";
    }

    /// <summary>Names the storage of a <see cref="Grain{TGrainState}"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The storage.</summary>
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }
}

namespace Orleans.Runtime.Hosting
{
    /// <summary>Adds storages.</summary>
    public static class StorageProviderExtensions
    {
        /// <summary>Adds a storage under a name.</summary>
        public static IServiceCollection AddGrainStorage<T>(this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory) where T : Storage.IGrainStorage
        {
            collection.AddKeyedSingleton<Storage.IGrainStorage>(name, (services, _) => implementationFactory(services, name));
            if (name == Providers.ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
            {
                collection.AddSingleton(services => services.GetRequiredKeyedService<Storage.IGrainStorage>(name));
            }

            if (typeof(ILifecycleParticipant<ISiloLifecycle>).IsAssignableFrom(typeof(T)))
            {
                collection.AddSingleton(services => (ILifecycleParticipant<ISiloLifecycle>)services.GetRequiredKeyedService<Storage.IGrainStorage>(name));
            }

            return collection;
        }
    }
}
