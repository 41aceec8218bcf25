using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Local;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Configuration
{
    /// <summary>A storage in memory.</summary>
    public class MemoryGrainStorageOptions : IStorageProviderSerializerOptions
    {
        /// <summary>The default of <see cref="NumStorageGrains"/>.</summary>
        public const int NumStorageGrainsDefaultValue = 10;

        /// <summary>The default of <see cref="InitStage"/>.</summary>
        public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;

        /// <summary>Has no effect in the local engine.</summary>
        public int NumStorageGrains { get; set; } = NumStorageGrainsDefaultValue;

        /// <summary>Has no effect in the local engine.</summary>
        public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

        /// <inheritdoc />
        public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
    }
}

namespace Orleans.Runtime.Hosting
{
    /// <summary>Adds storages.</summary>
    public static class StorageProviderExtensions
    {
        /// <summary>Adds a storage under a name; the default one also without.</summary>
        public static IServiceCollection AddGrainStorage<T>(this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory) where T : IGrainStorage
        {
            collection.AddKeyedSingleton<IGrainStorage>(name, (services, key) => implementationFactory(services, (string)key!));
            if (string.Equals(name, ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, StringComparison.Ordinal))
            {
                collection.TryAddSingleton(services => services.GetRequiredKeyedService<IGrainStorage>(name));
            }

            if (typeof(ILifecycleParticipant<ISiloLifecycle>).IsAssignableFrom(typeof(T)))
            {
                collection.AddSingleton(services => (ILifecycleParticipant<ISiloLifecycle>)services.GetRequiredKeyedService<IGrainStorage>(name));
            }

            return collection;
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds storages in memory.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>Adds one under a name.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(name, options => options.Configure(configureOptions));

        /// <summary>Adds the default one.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <summary>Adds the default one.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <summary>Adds one under a name.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null)
        {
            configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
            builder.Services.AddTransient<IPostConfigureOptions<MemoryGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<MemoryGrainStorageOptions>>();
            builder.Services.AddGrainStorage(name, static (services, name) => new MemoryStorage(
                services.GetRequiredService<LocalSilo>(), name, services.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(name).GrainStorageSerializer));
            return builder;
        }
    }
}

namespace Orleans.Local
{
    /// <summary>States in memory, as bytes, kept by the cluster: they outlive a silo and go with the last.</summary>
    internal sealed class MemoryStorage(LocalSilo silo, string name, IGrainStorageSerializer serializer) : IGrainStorage
    {
        private ConcurrentDictionary<(string State, GrainId Grain), Row>? rows;

        private ConcurrentDictionary<(string State, GrainId Grain), Row> Rows => rows ??= silo.Cluster.Shared(name, static () => new ConcurrentDictionary<(string State, GrainId Grain), Row>());

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (Rows.TryGetValue((stateName, grainId), out var row) && row.Data is { } data)
            {
                grainState.State = serializer.Deserialize<T>(data)!;
                grainState.ETag = row.Version;
                grainState.RecordExists = true;
            }
            else
            {
                grainState.State = Default<T>();
                grainState.ETag = row?.Version;
                grainState.RecordExists = false;
            }

            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.ETag = Replace(stateName, grainId, grainState.ETag, serializer.Serialize(grainState.State));
            grainState.RecordExists = true;
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            Replace(stateName, grainId, grainState.ETag, null);
            Rows.TryRemove((stateName, grainId), out _);
            grainState.State = Default<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }

        private static T Default<T>() => typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance<T>() : default!;

        private string Replace(string stateName, GrainId grainId, string? known, BinaryData? data)
        {
            var key = (stateName, grainId);
            Rows.TryGetValue(key, out var current);
            var next = new Row(data, Guid.CreateVersion7(silo.ActivationClock.GetUtcNow()).ToString("N"));
            if (current?.Version != known || !(current is null ? Rows.TryAdd(key, next) : Rows.TryUpdate(key, next, current)))
            {
                throw new InconsistentStateException($"Version conflict ({stateName}): grain={grainId}", current?.Version ?? "null", known ?? "null");
            }

            return next.Version;
        }

        private sealed record Row(BinaryData? Data, string Version);
    }
}
