using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Storage.InMemory;
using Orchestrator.Testing;

namespace Orchestrator.Storage.Tests;

/// <summary>Every store, empty, over what a test asks for.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly TemporaryDirectory? directory;

    private Stores(ServiceProvider services, ManualClock clock, TemporaryDirectory? directory)
    {
        this.services = services;
        this.directory = directory;
        Clock = clock;
    }

    public static TheoryData<Over> Every => [Over.Memory, Over.Sqlite, Over.PostgreSql];

    public static TheoryData<Over> Databases => [Over.Sqlite, Over.PostgreSql];

    public ManualClock Clock { get; }

    public ILedger Ledger => services.GetRequiredService<ILedger>();

    public ISimulationIndex Index => services.GetRequiredService<ISimulationIndex>();

    public IEventLog Events => services.GetRequiredService<IEventLog>();

    public IHistory History => services.GetRequiredService<IHistory>();

    public IAuditLog Audit => services.GetRequiredService<IAuditLog>();

    public ITokenStore Tokens => services.GetRequiredService<ITokenStore>();

    public IIdempotencyStore Keys => services.GetRequiredService<IIdempotencyStore>();

    public OrchestratorDatabase Database => services.GetRequiredService<OrchestratorDatabase>();

    public static async Task<Stores> OpenAsync(Over over)
    {
        var options = new StorageOptions();
        TemporaryDirectory? directory = null;
        if (over == Over.PostgreSql)
        {
            var server = await PostgresServer.GetAsync(TestContext.Current.CancellationToken);
            options.Provider = StorageProvider.PostgreSql;
            options.ConnectionString = await server.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        }
        else if (over == Over.Sqlite)
        {
            directory = new TemporaryDirectory();
            options.DataDirectory = directory.Path;
        }

        return Open(over, options, directory);
    }

    /// <summary>The stores of another silo over the same database.</summary>
    public Stores OpenAnother() => Open(Over.PostgreSql, Database.Options, null);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        directory?.Dispose();
    }

    private static Stores Open(Over over, StorageOptions options, TemporaryDirectory? directory)
    {
        var clock = new ManualClock();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddLogging();
        _ = over == Over.Memory ? services.AddInMemoryOrchestratorStorage() : services.AddOrchestratorStorage(options);
        return new Stores(services.BuildServiceProvider(), clock, directory);
    }
}
