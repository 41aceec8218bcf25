using System.Data.Common;
using Npgsql;

namespace Orchestrator.Storage;

/// <summary>Statements over one connection of PostgreSQL; the connection's owner begins and ends the transaction.</summary>
internal sealed class PostgreSqlSession(NpgsqlConnection connection) : ISqlSession
{
    public bool IsSoleWriter => false;

    public async ValueTask<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<int> ExecuteManyAsync(string sql, IEnumerable<(string Name, object? Value)[]> parameters)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var row in parameters)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var (name, value) in row)
                {
                    command.Parameters.Add(new NpgsqlParameter(name, SqlValues.ToSql(value)));
                }

                batch.BatchCommands.Add(command);
            }

            return batch.BatchCommands.Count == 0 ? 0 : await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<T>();
                while (await reader.ReadAsync().ConfigureAwait(false))
                {
                    rows.Add(read(reader));
                }

                return rows;
            }
        }
    }

    private NpgsqlCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter(name, SqlValues.ToSql(value)));
        }

        return command;
    }
}
