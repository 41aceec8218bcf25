using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>
/// Membership in a database. All silos of the local engine are in one process and know each other, so nothing is read or
/// written: only the options are checked, as they must be right for the day when Orleans takes the engine's place.
/// </summary>
public static class AdoNetHostingExtensions
{
    /// <summary>Checks the options.</summary>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        builder.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringSiloOptions> options) => options.Configure(configureOptions));

    /// <summary>Checks the options.</summary>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<OptionsBuilder<AdoNetClusteringSiloOptions>> configureOptions) =>
        builder.ConfigureServices(services =>
        {
            configureOptions(services.AddOptions<AdoNetClusteringSiloOptions>());
            services.AddSingleton<IConfigurationValidator, AdoNetClusteringSiloOptionsValidator>();
        });

    /// <summary>Checks the options.</summary>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) =>
        builder.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringClientOptions> options) => options.Configure(configureOptions));

    /// <summary>Checks the options.</summary>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<OptionsBuilder<AdoNetClusteringClientOptions>> configureOptions) =>
        builder.ConfigureServices(services =>
        {
            configureOptions(services.AddOptions<AdoNetClusteringClientOptions>());
            services.AddSingleton<IConfigurationValidator, AdoNetClusteringClientOptionsValidator>();
        });
}
