using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestrator.Storage;

/// <summary>One connection with its prepared statements. It is used by one thread at a time, and every call has completed when it returns.</summary>
internal sealed class SqliteSession : ISqlSession, IDisposable
{
    /// <summary>Queries with lists have as many texts as lists have lengths: beyond this many, all are prepared anew.</summary>
    private const int CommandsMax = 200;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> commands = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection) => this.connection = connection;

    public bool IsSoleWriter => true;

    /// <summary>True while a transaction is open; SQLite itself ends it after some errors.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(connection.Handle!) == 0;

    /// <summary>Opens the file and sets what SQLite does not remember.</summary>
    public static SqliteSession Open(SqliteSettings settings, bool isWriter)
    {
        _ = SqliteLibrary.Version;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = settings.Path,
            Mode = isWriter ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = settings.BusySeconds,
        }.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.Run($"PRAGMA busy_timeout = {settings.BusySeconds * 1000}");
            session.Run($"PRAGMA journal_mode = {settings.JournalMode}");
            session.Run($"PRAGMA synchronous = {settings.Synchronous}");
            session.Run("PRAGMA foreign_keys = ON");
            session.Run("PRAGMA temp_store = MEMORY");
            session.Run("PRAGMA cache_size = -16384");
            session.Run("PRAGMA journal_size_limit = 67108864");
            session.Run("PRAGMA wal_autocheckpoint = 2000");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement without parameters that is not worth keeping.</summary>
    public string? Run(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    public void Begin() => ExecuteKept("BEGIN IMMEDIATE");

    public void BeginRead() => ExecuteKept("BEGIN");

    public void Commit() => ExecuteKept("COMMIT");

    public void Rollback()
    {
        if (IsInTransaction)
        {
            ExecuteKept("ROLLBACK");
        }
    }

    public void Savepoint() => ExecuteKept("SAVEPOINT one");

    public void ReleaseSavepoint() => ExecuteKept("RELEASE one");

    public void RollbackSavepoint()
    {
        ExecuteKept("ROLLBACK TO one");
        ExecuteKept("RELEASE one");
    }

    public ValueTask<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        if (parameters.Length == 0)
        {
            // A script: many statements, once.
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return ValueTask.FromResult(command.ExecuteNonQuery());
        }

        return ValueTask.FromResult(Bind(sql, parameters).ExecuteNonQuery());
    }

    public ValueTask<int> ExecuteManyAsync(string sql, IEnumerable<(string Name, object? Value)[]> parameters)
    {
        var changed = 0;
        foreach (var row in parameters)
        {
            changed += Bind(sql, row).ExecuteNonQuery();
        }

        return ValueTask.FromResult(changed);
    }

    public ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        var rows = new List<T>();
        using var reader = Bind(sql, parameters).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return ValueTask.FromResult(rows);
    }

    public void Dispose()
    {
        ForgetCommands();
        connection.Dispose();
    }

    private SqliteCommand Bind(string sql, (string Name, object? Value)[] parameters)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            if (commands.Count == CommandsMax)
            {
                ForgetCommands();
            }

            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "@" + name });
            }

            commands.Add(sql, command);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = SqlValues.ToSql(parameters[i].Value);
        }

        return command;
    }

    private void ForgetCommands()
    {
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }

        commands.Clear();
    }

    private void ExecuteKept(string sql) => Bind(sql, []).ExecuteNonQuery();
}
