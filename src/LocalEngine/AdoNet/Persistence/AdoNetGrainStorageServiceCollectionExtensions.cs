using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Adds grain storages that keep states in a database.</summary>
public static class AdoNetGrainStorageServiceCollectionExtensions
{
    /// <summary>Adds the default grain storage.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(this IServiceCollection services, Action<AdoNetGrainStorageOptions> configureOptions) =>
        services.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, builder => builder.Configure(configureOptions));

    /// <summary>Adds a named grain storage.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(this IServiceCollection services, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        services.AddAdoNetGrainStorage(name, builder => builder.Configure(configureOptions));

    /// <summary>Adds the default grain storage.</summary>
    public static IServiceCollection AddAdoNetGrainStorageAsDefault(this IServiceCollection services, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        services.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds a named grain storage.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(this IServiceCollection services, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null)
    {
        configureOptions?.Invoke(services.AddOptions<AdoNetGrainStorageOptions>(name));
        services.AddTransient<IPostConfigureOptions<AdoNetGrainStorageOptions>, DefaultStorageProviderSerializerOptionsConfigurator<AdoNetGrainStorageOptions>>();
        services.AddTransient<IPostConfigureOptions<AdoNetGrainStorageOptions>, DefaultAdoNetGrainStorageOptionsHashPickerConfigurator>();
        services.AddTransient<IConfigurationValidator>(provider => new AdoNetGrainStorageOptionsValidator(OptionsOf(provider, name), name));
        return services.AddGrainStorage(name, static (provider, name) => new AdoNetGrainStorage(
            name,
            OptionsOf(provider, name),
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value,
            provider.GetRequiredService<ILogger<AdoNetGrainStorage>>()));
    }

    private static AdoNetGrainStorageOptions OptionsOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(name);
}

/// <summary>Adds grain storages that keep states in a database.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds the default grain storage.</summary>
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(this ISiloBuilder builder, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds a named grain storage.</summary>
    public static ISiloBuilder AddAdoNetGrainStorage(this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.ConfigureServices(services => services.AddAdoNetGrainStorage(name, configureOptions));

    /// <summary>Adds the default grain storage.</summary>
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(this ISiloBuilder builder, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds a named grain storage.</summary>
    public static ISiloBuilder AddAdoNetGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.ConfigureServices(services => services.AddAdoNetGrainStorage(name, configureOptions));
}
