using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>What configurators read of the cluster that they are part of.</summary>
public static class TestClusterExtensions
{
    /// <summary>The configuration of the silo or client.</summary>
    public static IConfiguration GetConfiguration(this IHostBuilder builder) =>
        builder.Properties.TryGetValue("Configuration", out var value) && value is IConfiguration configuration
            ? configuration
            : throw new InvalidOperationException($"Expected configuration object in \"Configuration\" property of type {nameof(IConfiguration)} on the host builder.");

    /// <summary>One value of the configuration.</summary>
    public static string? GetConfigurationValue(this IHostBuilder hostBuilder, string key) => hostBuilder.GetConfiguration()[key];

    /// <summary>What the cluster is made of.</summary>
    public static TestClusterOptions GetTestClusterOptions(this IHostBuilder hostBuilder) => hostBuilder.GetConfiguration().GetTestClusterOptions();

    /// <summary>What the cluster is made of.</summary>
    public static TestClusterOptions GetTestClusterOptions(this IConfiguration config)
    {
        var options = new TestClusterOptions();
        config.Bind(options);
        return options;
    }
}
