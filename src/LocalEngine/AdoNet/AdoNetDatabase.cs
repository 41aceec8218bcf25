using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Reflection;

namespace Orleans.Storage;

/// <summary>A database that is reached through ADO.NET, and the statements that its OrleansQuery table holds.</summary>
internal sealed class AdoNetDatabase
{
    // As in Orleans: which assembly and type an invariant stands for, so that nobody has to register a factory.
    private static readonly Dictionary<string, (string Assembly, string Type)> Factories = new(StringComparer.Ordinal)
    {
        ["Npgsql"] = ("Npgsql", "Npgsql.NpgsqlFactory"),
        ["Microsoft.Data.Sqlite"] = ("Microsoft.Data.Sqlite", "Microsoft.Data.Sqlite.SqliteFactory"),
    };

    private static readonly ConcurrentDictionary<string, DbProviderFactory> Loaded = new(StringComparer.Ordinal);

    private readonly Func<DbConnection> connect;
    private readonly Dictionary<string, string> statements;

    private AdoNetDatabase(Func<DbConnection> connect, Dictionary<string, string> statements)
    {
        this.connect = connect;
        this.statements = statements;
    }

    /// <summary>Opens the database once and reads its statements.</summary>
    /// <exception cref="ArgumentException">A statement that must be there is missing: its script has not been applied.</exception>
    public static async Task<AdoNetDatabase> OpenAsync(string invariant, string? connectionString, DbDataSource? dataSource, params string[] needed)
    {
        Func<DbConnection> connect;
        if (dataSource is not null)
        {
            connect = dataSource.CreateConnection;
        }
        else
        {
            var factory = Loaded.GetOrAdd(invariant, LoadFactory);
            connect = () =>
            {
                var connection = factory.CreateConnection() ?? throw new InvalidOperationException($"Database provider factory: '{invariant}' did not return a connection object.");
                connection.ConnectionString = connectionString;
                return connection;
            };
        }

        var database = new AdoNetDatabase(connect, new(StringComparer.Ordinal));
        foreach (var (key, text) in await database.ReadTextAsync("SELECT QueryKey, QueryText FROM OrleansQuery", static _ => { },
            static row => (row.GetString(0), row.GetString(1))).ConfigureAwait(false))
        {
            database.statements[key] = text;
        }

        var missing = needed.Where(key => !database.statements.ContainsKey(key)).ToList();
        return missing.Count == 0 ? database : throw new ArgumentException($"Not all required queries found. Missing are: {string.Join(",", missing)}");
    }

    /// <summary>Whether the database has a statement.</summary>
    public bool Has(string key) => statements.ContainsKey(key);

    /// <summary>Runs a statement and reads every row.</summary>
    public Task<List<T>> ReadAsync<T>(string key, Action<DbCommand> bind, Func<DbDataReader, T> read) => ReadTextAsync(statements[key], bind, read);

    /// <summary>Runs a statement that answers nothing.</summary>
    public async Task ExecuteAsync(string key, Action<DbCommand> bind)
    {
        var connection = connect();
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync().ConfigureAwait(false);
            var command = connection.CreateCommand();
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = statements[key];
                bind(command);
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<List<T>> ReadTextAsync<T>(string text, Action<DbCommand> bind, Func<DbDataReader, T> read)
    {
        var connection = connect();
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync().ConfigureAwait(false);
            var command = connection.CreateCommand();
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = text;
                bind(command);
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
    }

    private static DbProviderFactory LoadFactory(string invariant)
    {
        if (Factories.TryGetValue(invariant, out var known))
        {
            var type = Assembly.Load(new AssemblyName(known.Assembly)).GetType(known.Type, throwOnError: true)!;
            return (DbProviderFactory)type.GetField("Instance", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        }

        return DbProviderFactories.TryGetFactory(invariant, out var registered)
            ? registered
            : throw new InvalidOperationException($"Database provider factory with '{invariant}' invariant name not supported.");
    }
}

/// <summary>Parameters with the types that Orleans gives them, and columns whatever number type a database returns.</summary>
internal static class AdoNetValues
{
    public static void Add(this DbCommand command, string name, object? value, DbType type)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    public static int? Int32OrNull(this DbDataReader row, string column)
    {
        var value = row.GetValue(row.GetOrdinal(column));
        return value is DBNull ? null : Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
