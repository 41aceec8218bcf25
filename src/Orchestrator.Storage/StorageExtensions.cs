using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Storage;

/// <summary>Adds the stores to a host.</summary>
public static class StorageExtensions
{
    /// <summary>
    /// Adds the database that <paramref name="options"/> name and every store over it; it is opened before the host starts, and closed with it. A repeat adds nothing.
    /// </summary>
    public static IServiceCollection AddOrchestratorStorage(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => OrchestratorDatabase.Create(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("Orchestrator.Storage")));
        return services.AddStores(options);
    }

    /// <summary>Adds every store over a database that somebody else opens and closes: several silos of one process may share a file. A repeat adds nothing.</summary>
    public static IServiceCollection AddOrchestratorStorage(this IServiceCollection services, OrchestratorDatabase database)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(database);
        return services.AddStores(database.Options);
    }

    private static IServiceCollection AddStores(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(Options.Create(options));
        services.TryAddSingleton<ILedger>(provider => new SqlLedger(provider.GetRequiredService<OrchestratorDatabase>()));
        services.TryAddSingleton<ISimulationIndex>(provider => new SqlSimulationIndex(provider.GetRequiredService<OrchestratorDatabase>()));
        services.TryAddSingleton<IEventLog>(provider => new SqlEventLog(provider.GetRequiredService<OrchestratorDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IHistory>(provider => new SqlHistory(provider.GetRequiredService<OrchestratorDatabase>()));
        services.TryAddSingleton<IAuditLog>(provider => new SqlAuditLog(provider.GetRequiredService<OrchestratorDatabase>()));
        services.TryAddSingleton<ITokenStore>(provider => new SqlTokenStore(provider.GetRequiredService<OrchestratorDatabase>()));
        services.TryAddSingleton<IIdempotencyStore>(provider => new SqlIdempotencyStore(provider.GetRequiredService<OrchestratorDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StorageHost>());
        return services;
    }
}
