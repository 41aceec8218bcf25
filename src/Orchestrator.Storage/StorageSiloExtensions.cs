using Orleans.Hosting;

namespace Orchestrator.Storage;

/// <summary>Adds storage to a silo.</summary>
public static class StorageSiloExtensions
{
    /// <summary>The name under which grains keep their state.</summary>
    public const string GrainStorageName = "main";

    /// <summary>
    /// Adds the stores and the serializer of grain state; over SQLite also grain storage, named <see cref="GrainStorageName"/> and as the default, and reminders.
    /// Over PostgreSQL those are Orleans' own, which the host adds, with the same serializer.
    /// </summary>
    public static ISiloBuilder AddOrchestratorStorage(this ISiloBuilder builder, StorageOptions options)
    {
        builder.ConfigureServices(services => services.AddOrchestratorStorage(options).AddGrainStateSerializer());
        return builder.AddGrainState(options);
    }

    /// <summary>The same over a database that somebody else opens and closes.</summary>
    public static ISiloBuilder AddOrchestratorStorage(this ISiloBuilder builder, OrchestratorDatabase database)
    {
        builder.ConfigureServices(services => services.AddOrchestratorStorage(database).AddGrainStateSerializer());
        return builder.AddGrainState(database.Options);
    }

    private static ISiloBuilder AddGrainState(this ISiloBuilder builder, StorageOptions options) => options.Provider == StorageProvider.Sqlite
        ? builder.AddSqliteGrainStorage(GrainStorageName).AddSqliteGrainStorageAsDefault().UseSqliteReminderService()
        : builder;
}
