using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Orleans.TestingHost;

/// <summary>Makes the hosts of a test cluster.</summary>
public class TestClusterHostFactory
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Makes the host of a silo, configured by its configurators in the order in which they were added.</summary>
    public static IHost CreateSiloHost(string hostName, IConfiguration configuration, Action<IHostBuilder>? postConfigureHostBuilder = null)
    {
        var hostBuilder = NewHostBuilder(configuration);
        hostBuilder.UseOrleans(builder =>
        {
            builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownTimeout);
            ConfigureCluster(builder.Services, configuration);
            builder.Services.Configure<SiloOptions>(options => options.SiloName = configuration["Orleans:Name"] ?? hostName);
            builder.Services.Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = IPAddress.Loopback;
                options.SiloPort = configuration.GetValue<int>("Orleans:Endpoints:SiloPort");
                options.GatewayPort = configuration.GetValue<int>("Orleans:Endpoints:GatewayPort");
            });
        });
        foreach (var configurator in ConfiguratorsOf(configuration, nameof(TestClusterOptions.SiloBuilderConfiguratorTypes)))
        {
            (configurator as IHostConfigurator)?.Configure(hostBuilder);
            if (configurator is ISiloConfigurator siloConfigurator)
            {
                hostBuilder.UseOrleans(siloConfigurator.Configure);
            }
        }

        postConfigureHostBuilder?.Invoke(hostBuilder);
        return hostBuilder.Build();
    }

    /// <summary>Makes the host of a client.</summary>
    public static IHost CreateClusterClient(string hostName, IConfiguration configuration, Action<IHostBuilder>? postConfigureHostBuilder = null)
    {
        var hostBuilder = NewHostBuilder(configuration);
        hostBuilder.UseOrleansClient(builder => ConfigureCluster(builder.Services, configuration));
        foreach (var configurator in ConfiguratorsOf(configuration, nameof(TestClusterOptions.ClientBuilderConfiguratorTypes)))
        {
            (configurator as IHostConfigurator)?.Configure(hostBuilder);
            if (configurator is IClientBuilderConfigurator clientConfigurator)
            {
                hostBuilder.UseOrleansClient(builder => clientConfigurator.Configure(configuration, builder));
            }
        }

        postConfigureHostBuilder?.Invoke(hostBuilder);
        return hostBuilder.Build();
    }

    private static HostBuilder NewHostBuilder(IConfiguration configuration)
    {
        var hostBuilder = new HostBuilder();
        hostBuilder.UseEnvironment(Environments.Development);
        hostBuilder.Properties["Configuration"] = configuration;
        hostBuilder.ConfigureHostConfiguration(builder => builder.AddConfiguration(configuration));
        return hostBuilder;
    }

    private static void ConfigureCluster(IServiceCollection services, IConfiguration configuration) => services.Configure<ClusterOptions>(options =>
    {
        options.ClusterId = configuration["Orleans:ClusterId"]!;
        options.ServiceId = configuration["Orleans:ServiceId"]!;
    });

    private static IEnumerable<object> ConfiguratorsOf(IConfiguration configuration, string section) =>
        (configuration.GetSection(section).Get<string[]>() ?? [])
        .Where(static name => !string.IsNullOrWhiteSpace(name))
        .Select(static name => Activator.CreateInstance(Type.GetType(name, throwOnError: true)!)!);
}
