using System.Data.Common;
using Microsoft.Extensions.Options;

namespace Orleans.Configuration;

/// <summary>Where silos keep their membership. In one process there is none to keep: the options are only checked.</summary>
public class AdoNetClusteringSiloOptions
{
    /// <summary>The connection string; exactly one of this and <see cref="DataSource"/> is set.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Makes connections; exactly one of this and <see cref="ConnectionString"/> is set.</summary>
    public DbDataSource? DataSource { get; set; }

    /// <summary>The provider: <c>Npgsql</c> or <c>Microsoft.Data.Sqlite</c>, or one registered with <see cref="DbProviderFactories"/>.</summary>
    public string? Invariant { get; set; }
}

/// <summary>Where clients find silos. In one process there is nothing to find: the options are only checked.</summary>
public class AdoNetClusteringClientOptions
{
    /// <summary>The connection string; exactly one of this and <see cref="DataSource"/> is set.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Makes connections; exactly one of this and <see cref="ConnectionString"/> is set.</summary>
    public DbDataSource? DataSource { get; set; }

    /// <summary>The provider: <c>Npgsql</c> or <c>Microsoft.Data.Sqlite</c>, or one registered with <see cref="DbProviderFactories"/>.</summary>
    public string? Invariant { get; set; }
}

/// <summary>Refuses incomplete <see cref="AdoNetClusteringSiloOptions"/> before the silo starts.</summary>
public class AdoNetClusteringSiloOptionsValidator : IConfigurationValidator
{
    private readonly AdoNetClusteringSiloOptions options;

    /// <summary>Checks these options.</summary>
    public AdoNetClusteringSiloOptionsValidator(IOptions<AdoNetClusteringSiloOptions> options) => this.options = options.Value;

    /// <inheritdoc/>
    public void ValidateConfiguration() =>
        AdoNetOptions.Validate($"{nameof(AdoNetClusteringSiloOptions)} values for AdoNetClusteringTable", options.Invariant, options.ConnectionString, options.DataSource);
}

/// <summary>Refuses incomplete <see cref="AdoNetClusteringClientOptions"/> before the client starts.</summary>
public class AdoNetClusteringClientOptionsValidator : IConfigurationValidator
{
    private readonly AdoNetClusteringClientOptions options;

    /// <summary>Checks these options.</summary>
    public AdoNetClusteringClientOptionsValidator(IOptions<AdoNetClusteringClientOptions> options) => this.options = options.Value;

    /// <inheritdoc/>
    public void ValidateConfiguration() =>
        AdoNetOptions.Validate($"{nameof(AdoNetClusteringClientOptions)} values for AdoNetGatewayListProvider", options.Invariant, options.ConnectionString, options.DataSource);
}
