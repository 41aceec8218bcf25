using Npgsql;
using Orchestrator.Testing;

namespace LocalEngine.Tests.AdoNet;

/// <summary>The database that other tests rely on.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task Each_database_is_new_and_answers()
    {
        var token = TestContext.Current.CancellationToken;
        var server = await PostgresServer.GetAsync(token);
        var first = await server.CreateDatabaseAsync(token);
        var second = await server.CreateDatabaseAsync(token);

        await using var source = NpgsqlDataSource.Create(first);
        await using var command = source.CreateCommand("SELECT current_database()");
        var name = (string?)await command.ExecuteScalarAsync(token);

        first.ShouldNotBe(second);
        first.ShouldEndWith($"Database={name}");
    }
}
