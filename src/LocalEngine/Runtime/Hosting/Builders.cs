using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Activations;
using Orleans.Calls;
using Orleans.Cluster;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Timers;

namespace Orleans
{
    /// <summary>Calls grains from outside of them.</summary>
    public interface IClusterClient : IGrainFactory
    {
        /// <summary>The client's services.</summary>
        IServiceProvider ServiceProvider { get; }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Where a silo is configured.</summary>
    public interface ISiloBuilder
    {
        /// <summary>The silo's services.</summary>
        IServiceCollection Services { get; }

        /// <summary>The host's configuration.</summary>
        IConfiguration Configuration { get; }
    }

    /// <summary>Where a client is configured.</summary>
    public interface IClientBuilder
    {
        /// <summary>The client's services.</summary>
        IServiceCollection Services { get; }

        /// <summary>The host's configuration.</summary>
        IConfiguration Configuration { get; }
    }

    internal sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
    {
        public IServiceCollection Services => services;

        public IConfiguration Configuration => configuration;
    }

    internal sealed class ClientBuilder(IServiceCollection services, IConfiguration configuration) : IClientBuilder
    {
        public IServiceCollection Services => services;

        public IConfiguration Configuration => configuration;
    }

    /// <summary>Configures silos.</summary>
    public static class SiloBuilderExtensions
    {
        /// <summary>Adds services.</summary>
        public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            configureDelegate(builder.Services);
            return builder;
        }

        /// <summary>Sets options.</summary>
        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions) where TOptions : class
        {
            builder.Services.Configure(configureOptions);
            return builder;
        }

        /// <summary>Sets options from configuration.</summary>
        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration) where TOptions : class
        {
            builder.Services.AddOptions<TOptions>().Bind(configuration);
            return builder;
        }

        /// <summary>Sets up logging.</summary>
        public static ISiloBuilder ConfigureLogging(this ISiloBuilder builder, Action<ILoggingBuilder> configureLogging)
        {
            builder.Services.AddLogging(configureLogging);
            return builder;
        }
    }

    /// <summary>Configures clients.</summary>
    public static class ClientBuilderExtensions
    {
        /// <summary>Adds services.</summary>
        public static IClientBuilder ConfigureServices(this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            configureDelegate(builder.Services);
            return builder;
        }

        /// <summary>Sets options.</summary>
        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions) where TOptions : class
        {
            builder.Services.Configure(configureOptions);
            return builder;
        }

        /// <summary>Sets options from configuration.</summary>
        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, IConfiguration configuration) where TOptions : class
        {
            builder.Services.AddOptions<TOptions>().Bind(configuration);
            return builder;
        }

        /// <summary>Finds the silos of this process.</summary>
        public static IClientBuilder UseLocalhostClustering(this IClientBuilder builder, int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT, string serviceId = ClusterOptions.DefaultServiceId, string clusterId = ClusterOptions.DefaultClusterId)
        {
            builder.Services.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));
            return builder;
        }
    }

    /// <summary>Configures how silos find each other.</summary>
    public static class CoreHostingExtensions
    {
        /// <summary>Of Orleans: traces go along with calls; in one process they do so anyway.</summary>
        public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder) => builder;

        /// <summary>Finds the silos of this process.</summary>
        public static ISiloBuilder UseLocalhostClustering(
            this ISiloBuilder builder,
            int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
            int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
            IPEndPoint? primarySiloEndpoint = null,
            string serviceId = ClusterOptions.DefaultServiceId,
            string clusterId = ClusterOptions.DefaultClusterId)
        {
            builder.Services.Configure<EndpointOptions>(options => (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (IPAddress.Loopback, siloPort, gatewayPort));
            builder.Services.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (serviceId, clusterId));
            return builder;
        }
    }

    /// <summary>Adds filters of calls.</summary>
    public static class GrainCallFilterSiloBuilderExtensions
    {
        /// <summary>Adds a filter of calls that arrive.</summary>
        public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IIncomingGrainCallFilter filter) => builder.ConfigureServices(services => services.AddSingleton(filter));

        /// <summary>Adds a filter of calls that arrive.</summary>
        public static ISiloBuilder AddIncomingGrainCallFilter<TImplementation>(this ISiloBuilder builder) where TImplementation : class, IIncomingGrainCallFilter =>
            builder.ConfigureServices(static services => services.AddSingleton<IIncomingGrainCallFilter, TImplementation>());

        /// <summary>Adds a filter of calls that arrive.</summary>
        public static ISiloBuilder AddIncomingGrainCallFilter(this ISiloBuilder builder, IncomingGrainCallFilterDelegate filter) => builder.AddIncomingGrainCallFilter(new IncomingFilter(filter));

        /// <summary>Adds a filter of calls that are made.</summary>
        public static ISiloBuilder AddOutgoingGrainCallFilter(this ISiloBuilder builder, IOutgoingGrainCallFilter filter) => builder.ConfigureServices(services => services.AddSingleton(filter));

        /// <summary>Adds a filter of calls that are made.</summary>
        public static ISiloBuilder AddOutgoingGrainCallFilter<TImplementation>(this ISiloBuilder builder) where TImplementation : class, IOutgoingGrainCallFilter =>
            builder.ConfigureServices(static services => services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>());

        /// <summary>Adds a filter of calls that are made.</summary>
        public static ISiloBuilder AddOutgoingGrainCallFilter(this ISiloBuilder builder, OutgoingGrainCallFilterDelegate filter) => builder.AddOutgoingGrainCallFilter(new OutgoingFilter(filter));
    }

    /// <summary>Adds filters of a client's calls.</summary>
    public static class ClientBuilderGrainCallFilterExtensions
    {
        /// <summary>Adds a filter of calls that are made.</summary>
        public static IClientBuilder AddOutgoingGrainCallFilter(this IClientBuilder builder, IOutgoingGrainCallFilter filter) => builder.ConfigureServices(services => services.AddSingleton(filter));

        /// <summary>Adds a filter of calls that are made.</summary>
        public static IClientBuilder AddOutgoingGrainCallFilter<TImplementation>(this IClientBuilder builder) where TImplementation : class, IOutgoingGrainCallFilter =>
            builder.ConfigureServices(static services => services.AddSingleton<IOutgoingGrainCallFilter, TImplementation>());

        /// <summary>Adds a filter of calls that are made.</summary>
        public static IClientBuilder AddOutgoingGrainCallFilter(this IClientBuilder builder, OutgoingGrainCallFilterDelegate filter) => builder.AddOutgoingGrainCallFilter(new OutgoingFilter(filter));
    }

    /// <summary>Adds things to do while a silo starts.</summary>
    public static class SiloBuilderStartupExtensions
    {
        /// <summary>Adds a task of the container.</summary>
        public static ISiloBuilder AddStartupTask<TStartup>(this ISiloBuilder builder, int stage = ServiceLifecycleStage.Active) where TStartup : class, IStartupTask =>
            builder.AddStartupTask(static (services, token) => ActivatorUtilities.GetServiceOrCreateInstance<TStartup>(services).Execute(token), stage);

        /// <summary>Adds a task.</summary>
        public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, IStartupTask startupTask, int stage = ServiceLifecycleStage.Active) =>
            builder.AddStartupTask((_, token) => startupTask.Execute(token), stage);

        /// <summary>Adds a function.</summary>
        public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask, int stage = ServiceLifecycleStage.Active)
        {
            builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => new StartupTask(services, startupTask, stage));
            return builder;
        }

        private sealed class StartupTask(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> task, int stage) : ILifecycleParticipant<ISiloLifecycle>
        {
            public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<StartupTask>(stage, token => task(services, token));
        }
    }

    /// <summary>The services of silos and clients.</summary>
    internal static class EngineServices
    {
        public static void AddSilo(IServiceCollection services)
        {
            if (services.Any(static service => service.ServiceType == typeof(LocalSilo)))
            {
                return;
            }

            services.AddOptions();
            services.AddLogging();
            services.AddSerializer();
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<LocalSilo>();
            services.AddSingleton<ILocalSiloDetails>(static services => services.GetRequiredService<LocalSilo>());
            services.AddSingleton<IGrainFactory>(static services => services.GetRequiredService<LocalSilo>().Sender.Factory);
            services.AddSingleton<IClusterClient>(static services => new ClusterClient(services, services.GetRequiredService<LocalSilo>().Sender));
            services.AddSingleton<ITimerRegistry, TimerRegistry>();
            services.AddSingleton<IGrainRuntime, GrainRuntime>();
            services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
            services.AddSingleton<IGrainExtensionBinder, GrainExtensionBinder>();
            services.AddScoped<ActivationHolder>();
            services.AddScoped<IGrainContext>(static services => services.GetRequiredService<ActivationHolder>().Activation ?? throw new InvalidOperationException("There is no activation in this scope."));
            services.AddSingleton<SiloHost>();
            services.AddHostedService(static services => services.GetRequiredService<SiloHost>());
        }

        public static void AddClient(IServiceCollection services)
        {
            if (services.Any(static service => service.ServiceType == typeof(IClusterClient)))
            {
                return;
            }

            services.AddOptions();
            services.AddLogging();
            services.AddSerializer();
            services.AddSingleton<ClusterClient>();
            services.AddSingleton<IClusterClient>(static services => services.GetRequiredService<ClusterClient>());
            services.AddSingleton<IGrainFactory>(static services => services.GetRequiredService<ClusterClient>());
            services.AddHostedService(static services => services.GetRequiredService<ClusterClient>());
        }
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Makes a host a silo.</summary>
    public static class OrleansSiloGenericHostExtensions
    {
        /// <summary>Adds a silo.</summary>
        public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(static _ => { });

        /// <summary>Adds a silo.</summary>
        public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
        {
            EngineServices.AddSilo(hostAppBuilder.Services);
            configureDelegate(new SiloBuilder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }

        /// <summary>Adds a silo.</summary>
        public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(static _ => { });

        /// <summary>Adds a silo.</summary>
        public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
        {
            ((IHostApplicationBuilder)hostAppBuilder).UseOrleans(configureDelegate);
            return hostAppBuilder;
        }

        /// <summary>Adds a silo.</summary>
        public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) => hostBuilder.UseOrleans((_, builder) => configureDelegate(builder));

        /// <summary>Adds a silo.</summary>
        public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate) => hostBuilder.ConfigureServices((context, services) =>
        {
            EngineServices.AddSilo(services);
            configureDelegate(context, new SiloBuilder(services, context.Configuration));
        });
    }

    /// <summary>Makes a host a client.</summary>
    public static class OrleansClientGenericHostExtensions
    {
        /// <summary>Adds a client.</summary>
        public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleansClient(static _ => { });

        /// <summary>Adds a client.</summary>
        public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
        {
            EngineServices.AddClient(hostAppBuilder.Services);
            configureDelegate(new ClientBuilder(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }

        /// <summary>Adds a client.</summary>
        public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder) => hostBuilder.UseOrleansClient(static (_, _) => { });

        /// <summary>Adds a client.</summary>
        public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder, Action<IClientBuilder> configureDelegate) => hostBuilder.UseOrleansClient((_, builder) => configureDelegate(builder));

        /// <summary>Adds a client.</summary>
        public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder, Action<HostBuilderContext, IClientBuilder> configureDelegate) => hostBuilder.ConfigureServices((context, services) =>
        {
            EngineServices.AddClient(services);
            configureDelegate(context, new ClientBuilder(services, context.Configuration));
        });
    }
}
