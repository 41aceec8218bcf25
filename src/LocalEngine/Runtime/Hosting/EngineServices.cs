using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Local;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>The services of every silo and client. A second call adds nothing.</summary>
internal static class EngineServices
{
    public static void AddSilo(IServiceCollection services, IConfiguration configuration, Action<ISiloBuilder> configure)
    {
        if (!IsKnown<LocalSilo>(services))
        {
            if (IsKnown<LocalClient>(services))
            {
                throw new OrleansConfigurationException("Do not use both UseOrleans and UseOrleansClient in one host: a silo has a client of its own.");
            }

            AddCommon(services, configuration);
            services.AddSingleton<LocalSilo>();
            services.AddSingleton<CallNode>(static p => p.GetRequiredService<LocalSilo>());
            services.AddSingleton<ILocalSiloDetails>(static p => p.GetRequiredService<LocalSilo>());
            services.AddSingleton<SiloLifecycle>();
            services.AddSingleton<ISiloLifecycle>(static p => p.GetRequiredService<SiloLifecycle>());
            services.AddSingleton<IGrainRuntime, GrainRuntime>();
            services.AddSingleton<ITimerRegistry, TimerRegistry>();
            services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
            services.AddSingleton<IPersistentStateFactory, PersistentStateFactory>();
            services.TryAddSingleton<IGrainStorageSerializer, DefaultGrainStorageSerializer>();
            services.AddTransient(static p => RuntimeContext.Current ?? throw new InvalidOperationException("There is no grain whose turn runs."));
            services.AddHostedService<SiloHostedService>();
            var name = configuration["Orleans:Name"];
            services.AddOptions<SiloOptions>().Configure(options => options.SiloName = name ?? options.SiloName);
        }

        configure(new SiloBuilder(services, configuration));
    }

    public static void AddClient(IServiceCollection services, IConfiguration configuration, Action<IClientBuilder> configure)
    {
        if (!IsKnown<LocalClient>(services))
        {
            if (IsKnown<LocalSilo>(services))
            {
                throw new OrleansConfigurationException("Do not use both UseOrleans and UseOrleansClient in one host: a silo has a client of its own.");
            }

            AddCommon(services, configuration);
            services.AddSingleton<LocalClient>();
            services.AddSingleton<CallNode>(static p => p.GetRequiredService<LocalClient>());
            services.AddSingleton<ClientLifecycle>();
            services.AddSingleton<IClusterClientLifecycle>(static p => p.GetRequiredService<ClientLifecycle>());
            services.AddHostedService<ClientHostedService>();
        }

        configure(new ClientBuilder(services, configuration));
    }

    private static void AddCommon(IServiceCollection services, IConfiguration configuration)
    {
        services.AddLogging();
        services.AddOptions();
        services.AddSerializer();
        services.AddSingleton<LocalClusterClient>();
        services.AddSingleton<IClusterClient>(static p => p.GetRequiredService<LocalClusterClient>());
        services.AddSingleton<IGrainFactory>(static p => p.GetRequiredService<LocalClusterClient>());
        services.AddOptions<ClusterOptions>().Configure(options =>
        {
            options.ClusterId = configuration["Orleans:ClusterId"] ?? options.ClusterId;
            options.ServiceId = configuration["Orleans:ServiceId"] ?? options.ServiceId;
        });
    }

    private static bool IsKnown<T>(IServiceCollection services) => services.Any(static d => d.ServiceType == typeof(T));
}
