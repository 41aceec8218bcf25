using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Storage;

/// <summary>A server, for one silo or many. Every write is a transaction of its own, run again when it collided with another one.</summary>
internal sealed class PostgreSqlDatabase : OrchestratorDatabase
{
    private const int TriesMax = 5;

    /// <summary>The number of the advisory lock under which one silo at a time brings the schema up to date.</summary>
    private const long SchemaLock = 0x6F72_6368_0001;

    private readonly NpgsqlDataSource source;
    private readonly IReadOnlyList<SchemaScript> scripts;
    private readonly string dumpCommand;

    public PostgreSqlDatabase(StorageOptions options, TimeProvider clock, ILogger logger)
        : this(options, clock, logger, SchemaScript.For(StorageProvider.PostgreSql))
    {
    }

    /// <param name="options">Has the connection string.</param>
    /// <param name="clock">Times schema records.</param>
    /// <param name="logger">Hears what was opened.</param>
    /// <param name="scripts">What the schema consists of.</param>
    internal PostgreSqlDatabase(StorageOptions options, TimeProvider clock, ILogger logger, IReadOnlyList<SchemaScript> scripts)
        : base(options, clock, logger)
    {
        this.scripts = scripts;
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        if (builder.MaxAutoPrepare == 0)
        {
            builder.MaxAutoPrepare = 64;
        }

        if (options.Durability == StorageDurability.Normal)
        {
            builder.Options = $"{builder.Options} -c synchronous_commit=off".Trim();
        }

        Location = $"{builder.Host}:{builder.Port}/{builder.Database}";
        dumpCommand = $"pg_dump --format=custom --host={builder.Host} --port={builder.Port} --username={builder.Username} --dbname={builder.Database}";
        source = NpgsqlDataSource.Create(builder);
    }

    /// <inheritdoc/>
    public override string Location { get; }

    internal override bool IsShared => true;

    /// <inheritdoc/>
    public override Task BackupAsync(string target, CancellationToken cancellationToken = default) =>
        Task.FromException(new NotSupportedException($"The server makes its own backups, while it is in use: {dumpCommand} --file={target}"));

    private protected override async Task OpenCoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var session = new PostgreSqlSession(connection);
                await session.ExecuteAsync($"SELECT pg_advisory_lock({SchemaLock})").ConfigureAwait(false);
                try
                {
                    await UpgradeAsync(connection, session, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    await session.ExecuteAsync($"SELECT pg_advisory_unlock({SchemaLock})").ConfigureAwait(false);
                }

                Logger.OpenedPostgreSql(Location, connection.PostgreSqlVersion.ToString());
            }
        }
        catch (Exception error) when (error is not OrchestratorException and not OperationCanceledException)
        {
            throw error.Translate(Location);
        }
    }

    private protected override async Task CloseAsync() => await source.DisposeAsync().ConfigureAwait(false);

    private protected override async Task<T> WriteCoreAsync<T>(WriteKind kind, Func<ISqlSession, ValueTask<T>> work)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await RunAsync(kind == WriteKind.Statement ? null : IsolationLevel.ReadCommitted, work, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception error) when (error.IsCollision() && tries < TriesMax)
            {
                // Undone by the server as a whole: nothing stands between and the work reads again what it needs.
            }
            catch (Exception error) when (error is not OrchestratorException)
            {
                if (error.Translate(Location) is var fault && ReferenceEquals(fault, error))
                {
                    throw;
                }

                throw fault;
            }
        }
    }

    private protected override async Task<T> ReadCoreAsync<T>(ReadKind kind, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(kind == ReadKind.Statement ? null : IsolationLevel.RepeatableRead, work, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OrchestratorException)
        {
            if (error.Translate(Location) is var fault && ReferenceEquals(fault, error))
            {
                throw;
            }

            throw fault;
        }
    }

    private async Task<T> RunAsync<T>(IsolationLevel? isolation, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var session = new PostgreSqlSession(connection);
            if (isolation is not { } level)
            {
                return await work(session).ConfigureAwait(false);
            }

            var transaction = await connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var result = await work(session).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return result;
            }
        }
    }

    private async Task UpgradeAsync(NpgsqlConnection connection, PostgreSqlSession session, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(SchemaUpgrade.CreateTable).ConfigureAwait(false);
        foreach (var script in await SchemaUpgrade.PendingAsync(session, scripts, Location).ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await SchemaUpgrade.ApplyAsync(session, script, Clock.GetUtcNow()).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            Logger.AppliedScript(script.Name, Location);
        }
    }
}
