using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Cluster;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;

namespace Orleans.Configuration
{
    /// <summary>How states are kept in memory.</summary>
    public class MemoryGrainStorageOptions : Storage.IStorageProviderSerializerOptions
    {
        /// <summary>Of Orleans: how many grains hold the states.</summary>
        public const int NumStorageGrainsDefaultValue = 10;

        /// <summary>When the storage opens.</summary>
        public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;

        /// <summary>Of Orleans: how many grains hold the states.</summary>
        public int NumStorageGrains { get; set; } = NumStorageGrainsDefaultValue;

        /// <summary>When the storage opens.</summary>
        public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

        /// <summary>How a state becomes bytes; without one, states are copied as calls copy them.</summary>
        public Storage.IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
    }
}

namespace Orleans.Storage
{
    /// <summary>Keeps states in memory, for all silos of the cluster, as long as the process lives.</summary>
    internal sealed class MemoryGrainStorage(string name, LocalSilo silo) : IGrainStorage
    {
        private static readonly ConcurrentDictionary<(LocalCluster, string, string, GrainId, string), Entry> Entries = new();

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (Entries.TryGetValue(KeyOf(stateName, grainId), out var entry))
            {
                grainState.State = entry.State is null ? Activator.CreateInstance<T>() : TypeCopiers.Copy((T)entry.State);
                grainState.ETag = entry.ETag;
                grainState.RecordExists = entry.State is not null;
            }
            else
            {
                grainState.State = Activator.CreateInstance<T>();
                grainState.ETag = null;
                grainState.RecordExists = false;
            }

            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.ETag = Change(KeyOf(stateName, grainId), grainState.ETag, TypeCopiers.Copy(grainState.State));
            grainState.RecordExists = true;
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (Entries.ContainsKey(KeyOf(stateName, grainId)))
            {
                Change(KeyOf(stateName, grainId), grainState.ETag, null);
                Entries.TryRemove(KeyOf(stateName, grainId), out _);
            }

            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }

        private (LocalCluster, string, string, GrainId, string) KeyOf(string stateName, GrainId grainId) => (silo.Cluster, silo.ServiceId, name, grainId, stateName);

        private static string Change((LocalCluster, string, string, GrainId, string) key, string? etag, object? state)
        {
            var entry = Entries.AddOrUpdate(
                key,
                static (_, change) => change.etag is null ? new(1, change.state) : throw Conflict(change.etag, null),
                static (_, current, change) => change.etag == current.ETag ? new(current.Version + 1, change.state) : throw Conflict(change.etag, current.ETag),
                (etag, state));
            return entry.ETag;
        }

        private static InconsistentStateException Conflict(string? current, string? stored) => new("Version conflict: the stored state was changed by another activation.", stored, current);

        private sealed record Entry(long Version, object? State)
        {
            public string ETag => Version.ToString(CultureInfo.InvariantCulture);
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds storages that keep states in memory.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>Adds the default storage.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <summary>Adds the default storage.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <summary>Adds a storage under a name.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions> configureOptions) =>
            builder.AddMemoryGrainStorage(name, (OptionsBuilder<MemoryGrainStorageOptions> options) => options.Configure(configureOptions));

        /// <summary>Adds a storage under a name.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null)
        {
            configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
            builder.Services.AddGrainStorage(name, static (services, name) => new Storage.MemoryGrainStorage(name, services.GetRequiredService<LocalSilo>()));
            return builder;
        }
    }
}
