using System.Data.Common;
using Orleans.Runtime;

namespace Orleans.Configuration;

/// <summary>What the options of every AdoNet provider have to hold.</summary>
internal static class AdoNetOptions
{
    /// <exception cref="OrleansConfigurationException">The provider is missing, or there is not exactly one way to the database.</exception>
    public static void Validate(string what, string? invariant, string? connectionString, DbDataSource? dataSource)
    {
        if (string.IsNullOrWhiteSpace(invariant))
        {
            throw new OrleansConfigurationException($"Invalid {what}. Invariant is required.");
        }

        if (string.IsNullOrWhiteSpace(connectionString) == dataSource is null)
        {
            throw new OrleansConfigurationException($"Invalid {what}. Configure exactly one of ConnectionString or DataSource.");
        }
    }
}
