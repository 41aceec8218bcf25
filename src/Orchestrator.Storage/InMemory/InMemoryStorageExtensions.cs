using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orchestrator.Storage.InMemory;

/// <summary>Storage without a disk, for tests and dry runs.</summary>
public static class InMemoryStorageExtensions
{
    /// <summary>Adds every store in memory. A repeat adds nothing.</summary>
    public static IServiceCollection AddInMemoryOrchestratorStorage(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILedger, InMemoryLedger>();
        services.TryAddSingleton<ISimulationIndex, InMemorySimulationIndex>();
        services.TryAddSingleton<IEventLog, InMemoryEventLog>();
        services.TryAddSingleton<IHistory, InMemoryHistory>();
        services.TryAddSingleton<IAuditLog, InMemoryAuditLog>();
        services.TryAddSingleton<ITokenStore, InMemoryTokenStore>();
        services.TryAddSingleton<IIdempotencyStore>(provider =>
            new InMemoryIdempotencyStore(provider.GetRequiredService<TimeProvider>(), new StorageOptions().IdempotencyRetention));
        return services;
    }
}
