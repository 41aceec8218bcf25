using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace Orleans.TestingHost;

/// <summary>Configures a silo of a test cluster. The type has a parameterless constructor: each silo makes one of its own.</summary>
public interface ISiloConfigurator
{
    /// <summary>Configures a silo.</summary>
    void Configure(ISiloBuilder siloBuilder);
}

/// <summary>Configures the host of a silo or of the client of a test cluster.</summary>
public interface IHostConfigurator
{
    /// <summary>Configures a host.</summary>
    void Configure(IHostBuilder hostBuilder);
}

/// <summary>Configures the client of a test cluster.</summary>
public interface IClientBuilderConfigurator
{
    /// <summary>Configures a client.</summary>
    void Configure(IConfiguration configuration, IClientBuilder clientBuilder);
}
