using System.Data.Common;
using Microsoft.Extensions.Options;

namespace Orleans.Configuration;

/// <summary>Where reminders have their database.</summary>
public class AdoNetReminderTableOptions
{
    /// <summary>The provider: <c>Npgsql</c> or <c>Microsoft.Data.Sqlite</c>, or one registered with <see cref="DbProviderFactories"/>.</summary>
    public string? Invariant { get; set; }

    /// <summary>The connection string; exactly one of this and <see cref="DataSource"/> is set.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Makes connections; exactly one of this and <see cref="ConnectionString"/> is set.</summary>
    public DbDataSource? DataSource { get; set; }
}

/// <summary>Refuses incomplete <see cref="AdoNetReminderTableOptions"/> before the silo starts.</summary>
public class AdoNetReminderTableOptionsValidator : IConfigurationValidator
{
    private readonly AdoNetReminderTableOptions options;

    /// <summary>Checks these options.</summary>
    public AdoNetReminderTableOptionsValidator(IOptions<AdoNetReminderTableOptions> options) => this.options = options.Value;

    /// <inheritdoc/>
    public void ValidateConfiguration() =>
        AdoNetOptions.Validate($"{nameof(AdoNetReminderTableOptions)} values for AdoNetReminderTable", options.Invariant, options.ConnectionString, options.DataSource);
}
