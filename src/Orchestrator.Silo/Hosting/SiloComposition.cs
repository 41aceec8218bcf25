using System.Net;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Grains.Hosting;
using Orchestrator.Storage;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orchestrator.Silo;

/// <summary>The engine with storage and grains, as the configuration has it. The calls are the same with either engine.</summary>
internal static class SiloComposition
{
    private const string Invariant = "Npgsql";

    public static void Compose(ISiloBuilder builder, SiloConfiguration configuration)
    {
        var engine = configuration.Engine;
        builder.AddOrchestratorStorage(configuration.Storage);
        if (configuration.Storage.Provider == StorageProvider.PostgreSql)
        {
            ComposePostgreSql(builder, engine, configuration.Storage.ConnectionString!);
        }
        else
        {
            // The silos of one process find each other by the cluster's name.
            var own = "embedded-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(configuration.DataDirectory)).AsSpan(0, 8));
            builder.UseLocalhostClustering(EndpointOptions.DEFAULT_SILO_PORT, gatewayPort: 0, serviceId: engine.ServiceId, clusterId: own);
            builder.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (engine.ServiceId, own));
            NoPorts.Apply(builder.Services);
        }

        builder.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = engine.ProbeInterval;
            options.NumMissedProbesLimit = engine.ProbesMissedMax;
            options.TableRefreshTimeout = engine.TableRefresh;
            options.IAmAliveTablePublishTimeout = engine.AliveInterval;
        });
        builder.Configure<SiloMessagingOptions>(options =>
        {
            options.ResponseTimeout = engine.ResponseTimeout;
            options.SystemResponseTimeout = engine.ResponseTimeout;
        });
        builder.AddOrchestrator();
    }

    private static void ComposePostgreSql(ISiloBuilder builder, EngineOptions engine, string connectionString)
    {
        builder.ConfigureEndpoints(IPAddress.Parse(engine.Address), engine.SiloPort, engine.ClientPort);
        builder.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (engine.ServiceId, engine.ClusterId));
        builder.UseAdoNetClustering((AdoNetClusteringSiloOptions options) =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connectionString;
        });
        builder.UseAdoNetReminderService((AdoNetReminderTableOptions options) =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connectionString;
        });
        foreach (var name in new[] { StorageSiloExtensions.GrainStorageName, Orleans.Providers.ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME })
        {
            builder.AddAdoNetGrainStorage(name, options => options.Configure<GrainStateSerializer>((storage, serializer) =>
            {
                storage.Invariant = Invariant;
                storage.ConnectionString = connectionString;
                storage.GrainStorageSerializer = serializer;
            }));
        }
    }
}
