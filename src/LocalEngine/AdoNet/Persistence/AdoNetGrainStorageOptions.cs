using System.Data.Common;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Where a grain storage has its database, and how it writes states.</summary>
public class AdoNetGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>When in the silo's start the database is opened.</summary>
    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;

    /// <summary>The provider of <see cref="Invariant"/> when none is named.</summary>
    public const string DEFAULT_ADONET_INVARIANT = "Microsoft.Data.SqlClient";

    /// <summary>The connection string; exactly one of this and <see cref="DataSource"/> is set.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Makes connections; exactly one of this and <see cref="ConnectionString"/> is set.</summary>
    public DbDataSource? DataSource { get; set; }

    /// <summary>When in the silo's start the database is opened: a <see cref="ServiceLifecycleStage"/>.</summary>
    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

    /// <summary>The provider: <c>Npgsql</c> or <c>Microsoft.Data.Sqlite</c>, or one registered with <see cref="DbProviderFactories"/>.</summary>
    public string Invariant { get; set; } = DEFAULT_ADONET_INVARIANT;

    /// <summary>How a state becomes bytes; the container's default when none is set.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>How rows are hashed; <see cref="OrleansDefaultHasher"/> when none is set.</summary>
    public IStorageHasherPicker HashPicker { get; set; } = null!;

    /// <summary>Whether a cleared state loses its row, and with it its version; by default it does not.</summary>
    public bool DeleteStateOnClear { get; set; }
}

/// <summary>Refuses incomplete <see cref="AdoNetGrainStorageOptions"/> before the silo starts.</summary>
public class AdoNetGrainStorageOptionsValidator : IConfigurationValidator
{
    private readonly AdoNetGrainStorageOptions options;
    private readonly string name;

    /// <summary>Checks the options of one storage.</summary>
    public AdoNetGrainStorageOptionsValidator(AdoNetGrainStorageOptions configurationOptions, string name)
    {
        options = configurationOptions ?? throw new OrleansConfigurationException($"Invalid AdoNetGrainStorageOptions for AdoNetGrainStorage {name}. Options is required.");
        this.name = name;
    }

    /// <inheritdoc/>
    public void ValidateConfiguration()
    {
        AdoNetOptions.Validate($"{nameof(AdoNetGrainStorageOptions)} values for AdoNetGrainStorage \"{name}\"", options.Invariant, options.ConnectionString, options.DataSource);
        if (options.HashPicker is null)
        {
            throw new OrleansConfigurationException($"Invalid {nameof(AdoNetGrainStorageOptions)} values for AdoNetGrainStorage {name}. {nameof(options.HashPicker)} is required.");
        }
    }
}

/// <summary>Sets the hash of Orleans where none was chosen.</summary>
public class DefaultAdoNetGrainStorageOptionsHashPickerConfigurator : IPostConfigureOptions<AdoNetGrainStorageOptions>
{
    /// <inheritdoc/>
    public void PostConfigure(string? name, AdoNetGrainStorageOptions options) => options.HashPicker ??= new StorageHasherPicker([new OrleansDefaultHasher()]);
}
