using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Scheduling;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Hosting;
using Orchestrator.Testing;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>
/// Several silos over one database, and a client. Grains, their timers and reminders run on <see cref="Clock"/>, which stands still until a test moves it; everything
/// else of a silo runs on real time.
/// </summary>
internal sealed class GrainWorld : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come, in real time, before it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, GrainWorld> Worlds = new();
    private static int worlds;
    private static int deployments;

    private readonly string id;
    private readonly int silos;
    private readonly string? directory;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private int keys;

    private GrainWorld(string id, int silos, string? directory, OrchestratorDatabase database, IReadOnlyDictionary<string, string?> settings)
    {
        this.id = id;
        this.silos = silos;
        this.directory = directory;
        this.settings = settings;
        Database = database;
        Faults = new(Whereabouts);
    }

    public static TheoryData<Over> Databases => [Over.Sqlite, Over.PostgreSql];

    public OrchestratorDatabase Database { get; }

    public ManualClock Clock { get; } = new();

    public StorageFaults Faults { get; }

    /// <summary>Objects that test grains and tests share, by type.</summary>
    public ConcurrentDictionary<Type, object> Shared { get; } = new();

    public TestCluster Cluster { get; private set; } = null!;

    /// <summary>Calls of the client, which is outside the silos.</summary>
    public IGrainFactory Grains => Cluster.GrainFactory;

    public IEventLog Events => Storage.GetRequiredService<IEventLog>();

    public ILedger Ledger => Storage.GetRequiredService<ILedger>();

    public IHistory History => Storage.GetRequiredService<IHistory>();

    public ISimulationIndex Index => Storage.GetRequiredService<ISimulationIndex>();

    private ServiceProvider Storage { get; set; } = null!;

    public Whereabouts Whereabouts { get; } = new();

    /// <summary>The plans of all silos, which are made between the calls of their grains.</summary>
    public PlanRunner Plans { get; } = new(static settings => new SchedulingWorkspace(settings, SchedulerParts.Default with { Power = null }));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts silos and client over a new, empty database. Settings are configuration of the silos, as in "Orchestrator:Access:RequireToken".</summary>
    public static async Task<GrainWorld> StartAsync(Over over = Over.Sqlite, int silos = 2, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var options = new StorageOptions { Durability = StorageDurability.Normal, EventPollInterval = TimeSpan.FromMilliseconds(100) };
        string? directory = null;
        if (over == Over.PostgreSql)
        {
            var server = await PostgresServer.GetAsync(Token);
            options.Provider = StorageProvider.PostgreSql;
            options.ConnectionString = await server.CreateDatabaseAsync(Token);
        }
        else
        {
            directory = Directory.CreateTempSubdirectory("orchestrator-grains-").FullName;
            options.DataDirectory = directory;
        }

        var database = OrchestratorDatabase.Create(options, TimeProvider.System, NullLogger.Instance);
        await database.OpenAsync(Token);
        var number = Interlocked.Increment(ref worlds);
        var world = new GrainWorld(number.ToString(CultureInfo.InvariantCulture), silos, directory, database, settings ?? new Dictionary<string, string?>());
        Worlds[world.id] = world;
        world.Storage = new ServiceCollection().AddLogging().AddOrchestratorStorage(database).BuildServiceProvider();
        world.Cluster = await world.DeployAsync();
        return world;
    }

    /// <summary>A key that nothing in this world has yet.</summary>
    public string NewKey(char prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref keys)}");

    public T Share<T>() where T : class, new() => (T)Shared.GetOrAdd(typeof(T), static _ => new T());

    /// <summary>Calls a grain as the gateway does: by the client inside a silo.</summary>
    public IGrainFactory Inside => Cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();

    /// <summary>Kills the silo on which the grain was last called, as SIGKILL would, and waits until the others know.</summary>
    public async Task KillSiloOfAsync(IAddressable grain)
    {
        var name = Whereabouts.SiloOf(grain.GetGrainId()) ?? throw new InvalidOperationException($"{grain.GetGrainId()} was never called.");
        await KillAsync(Cluster.Silos.Single(silo => silo.Name == name));
    }

    public async Task KillAsync(SiloHandle silo)
    {
        await Cluster.KillSiloAsync(silo);
        await Cluster.WaitForLivenessToStabilizeAsync(didKill: true);
    }

    /// <summary>Kills every silo and starts new ones over what is stored.</summary>
    public async Task KillAllAndStartAgainAsync()
    {
        foreach (var silo in Cluster.Silos.Reverse())
        {
            await Cluster.KillSiloAsync(silo);
        }

        await Cluster.DisposeAsync();
        Cluster = await DeployAsync();
    }

    /// <summary>Waits until something holds, looking again whenever an event is logged or storage was written.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (true)
        {
            var write = Faults.NextWriteAsync();
            if (await condition())
            {
                return;
            }

            try
            {
                await write.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited {Patience} in vain until {what}.");
            }
        }
    }

    /// <summary>
    /// Lets time pass in steps until something holds. After each step it waits a moment of real time for what the step set off, or less when something is written: so timers
    /// come one after the other, as they do when nobody moves the clock.
    /// </summary>
    public async Task PassUntilAsync(TimeSpan step, Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var end = Clock.GetUtcNow() + (within ?? TimeSpan.FromHours(1));
        while (!await condition())
        {
            if (Clock.GetUtcNow() >= end)
            {
                throw new TimeoutException($"{within ?? TimeSpan.FromHours(1)} passed on the clock and it did not come to be that {what}.");
            }

            var write = Faults.NextWriteAsync();
            Clock.Advance(step);
            try
            {
                await write.WaitAsync(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }
            catch (TimeoutException)
            {
                // Nothing came of this step.
            }
        }
    }

    /// <summary>The events of a source in their order, as the log has them.</summary>
    public async Task<IReadOnlyList<EventRecord>> EventsOfAsync(string source) => await Events.EventsAfterAsync(source, 0, 10_000, Token);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Storage.DisposeAsync();
        await Database.DisposeAsync();
        Worlds.TryRemove(id, out _);
        if (directory is not null)
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<TestCluster> DeployAsync()
    {
        var builder = new TestClusterBuilder((short)silos);
        builder.Options.ServiceId = "orchestrator-tests";
        builder.Options.ClusterId = $"world-{id}";
        builder.Properties["world"] = id;
        builder.Properties["deployment"] = Interlocked.Increment(ref deployments).ToString(CultureInfo.InvariantCulture);
        builder.Properties["Orchestrator:Access:RequireToken"] = "false";
        foreach (var (key, value) in settings)
        {
            builder.Properties[key] = value;
        }

        builder.AddSiloBuilderConfigurator<SiloConfigurator>();
        builder.AddClientBuilderConfigurator<ClientConfigurator>();
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var world = Worlds[siloBuilder.Configuration["world"]!];
            siloBuilder.UseSharedMembership(siloBuilder.Configuration["deployment"]!);
            siloBuilder.AddOrchestratorStorage(world.Database);
            if (world.Database.Options.Provider == StorageProvider.PostgreSql)
            {
                siloBuilder
                    .AddAdoNetGrainStorage(StorageSiloExtensions.GrainStorageName, options => options.Configure<GrainStateSerializer>((storage, serializer) =>
                    {
                        storage.Invariant = "Npgsql";
                        storage.ConnectionString = world.Database.Options.ConnectionString!;
                        storage.GrainStorageSerializer = serializer;
                    }))
                    .UseAdoNetReminderService((AdoNetReminderTableOptions options) =>
                    {
                        options.Invariant = "Npgsql";
                        options.ConnectionString = world.Database.Options.ConnectionString!;
                    });
            }

            siloBuilder.AddOrchestrator();
            siloBuilder.Services.AddSingleton(world.Plans);
            siloBuilder.AddIncomingGrainCallFilter<Whereabouts.Filter>();
            siloBuilder.Services.AddSingleton(world);
            siloBuilder.Services.AddSingleton(world.Whereabouts);
            siloBuilder.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, world.Clock);
            siloBuilder.Services.AddKeyedSingleton<TimeProvider>(Orleans.Reminders.ReminderTimeProviderNames.Reminders, world.Clock);
            siloBuilder.Services.AddStorageFaults(world.Faults);
            siloBuilder.Services.Configure<SiloMessagingOptions>(static options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            siloBuilder.Services.Configure<ClusterMembershipOptions>(static options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.NumMissedProbesLimit = 2;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
                options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
            });
        }
    }

    private sealed class ClientConfigurator : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.AddMemoryStreams(EventStreams.Provider, static streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
    }
}
