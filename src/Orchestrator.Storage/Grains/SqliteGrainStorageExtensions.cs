using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orchestrator.Storage;

/// <summary>Adds grain storage over SQLite to a silo that has <see cref="OrchestratorDatabase"/>.</summary>
public static class SqliteGrainStorageExtensions
{
    /// <summary>Adds storage for grains that name none.</summary>
    public static ISiloBuilder AddSqliteGrainStorageAsDefault(this ISiloBuilder builder, Action<SqliteGrainStorageOptions>? configure = null) =>
        builder.AddSqliteGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    /// <summary>Adds storage for grains that ask for <paramref name="name"/>.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<SqliteGrainStorageOptions>? configure = null)
    {
        var options = new SqliteGrainStorageOptions();
        configure?.Invoke(options);
        return builder.ConfigureServices(services => services
            .AddGrainStateSerializer()
            .AddGrainStorage<IGrainStorage>(name, (provider, storageName) => new SqliteGrainStorage(
                storageName,
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId,
                provider.GetRequiredService<OrchestratorDatabase>(),
                provider.GetRequiredService<GrainStateSerializer>(),
                options,
                provider.GetRequiredService<TimeProvider>())));
    }

    /// <summary>
    /// Adds the one serializer of grain state, also under <see cref="GrainStateSerializer.Name"/>; AdoNet storage is given the same. A repeat adds nothing, but
    /// <paramref name="configure"/> is always heard.
    /// </summary>
    public static IServiceCollection AddGrainStateSerializer(this IServiceCollection services, Action<GrainStateSerializerOptions>? configure = null)
    {
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new GrainStateSerializer(provider.GetRequiredService<IOptions<GrainStateSerializerOptions>>().Value));
        services.TryAddKeyedSingleton<IGrainStorageSerializer>(GrainStateSerializer.Name, (provider, _) => provider.GetRequiredService<GrainStateSerializer>());
        return services;
    }
}
