using Npgsql;
using Orchestrator.Testing;

namespace LocalEngine.Tests.AdoNet;

/// <summary>A new PostgreSQL database with the scripts of <c>silo-config/sql/postgresql</c> applied.</summary>
internal static class OrleansDatabase
{
    public static readonly IReadOnlyList<string> Scripts = ["orleans-main.sql", "orleans-persistence.sql", "orleans-reminders.sql", "orleans-clustering.sql"];

    /// <summary>Returns the connection string.</summary>
    public static async Task<string> CreateAsync(CancellationToken cancellationToken)
    {
        var server = await PostgresServer.GetAsync(cancellationToken);
        var connectionString = await server.CreateDatabaseAsync(cancellationToken);
        await ApplyScriptsAsync(connectionString, cancellationToken);
        return connectionString;
    }

    public static async Task ApplyScriptsAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        foreach (var script in Scripts)
        {
            var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "sql", "postgresql", script), cancellationToken);
            await using var command = source.CreateCommand(text);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
