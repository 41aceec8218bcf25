using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>
/// Keeps a second machine off a database on a network file system, where the kernel's locks may not reach. The writer's name stands in the database, is checked at the
/// start of every transaction, and is renewed by a beat that others can watch: who sees no beat for the length of a lease, by its own clock, takes over.
/// The old writer finds another name at its next transaction and writes nothing more.
/// </summary>
internal static class SqliteWriterLease
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    public const string CreateTable =
        """
        CREATE TABLE IF NOT EXISTS orchestrator_writer (
            id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            host        TEXT    NOT NULL,
            pid         INTEGER NOT NULL,
            start_ticks INTEGER NOT NULL,
            beat        INTEGER NOT NULL,
            is_released INTEGER NOT NULL
        )
        """;

    private const string ReadRow = "SELECT host, pid, start_ticks, beat, is_released FROM orchestrator_writer WHERE id = 1";

    private const string TakeRow =
        """
        INSERT INTO orchestrator_writer (id, host, pid, start_ticks, beat, is_released) VALUES (1, @host, @pid, @start_ticks, 1, 0)
        ON CONFLICT (id) DO UPDATE SET host = @host, pid = @pid, start_ticks = @start_ticks, beat = orchestrator_writer.beat + 1, is_released = 0
        """;

    /// <summary>Takes the lease, waiting out one that may still be held elsewhere.</summary>
    /// <exception cref="DataDirectoryInUseException">The holder is alive.</exception>
    public static async Task TakeAsync(SqliteSession session, TimeProvider clock, ILogger logger, string path, CancellationToken cancellationToken)
    {
        session.Run(CreateTable);
        var seen = await ReadAsync(session).ConfigureAwait(false);
        if (seen is { IsReleased: false })
        {
            var alive = seen.Writer.IsAlive();
            if (alive is true)
            {
                throw InUse(path, seen.Writer);
            }

            if (alive is null)
            {
                logger.WaitingForLease(Length, seen.Writer.Pid, seen.Writer.Host, path);
                await Task.Delay(Length, clock, cancellationToken).ConfigureAwait(false);
            }
        }

        session.Begin();
        try
        {
            // Beats that came in the meantime, or another taker, change the row.
            var now = await ReadAsync(session).ConfigureAwait(false);
            if (now is { IsReleased: false } && now != seen)
            {
                throw InUse(path, now.Writer);
            }

            var own = ProcessIdentity.Own;
            await session.ExecuteAsync(TakeRow, ("host", own.Host), ("pid", own.Pid), ("start_ticks", own.StartTicks)).ConfigureAwait(false);
            session.Commit();
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    /// <summary>Refuses to write when the row names another writer.</summary>
    public static void Check(SqliteSession session, string path)
    {
        var reading = ReadAsync(session);
        var row = reading.IsCompleted ? reading.GetAwaiter().GetResult() : null;
        if (row is null || row.Writer != ProcessIdentity.Own)
        {
            throw InUse(path, row?.Writer);
        }
    }

    public static async ValueTask<int> RenewAsync(ISqlSession session) =>
        await session.ExecuteAsync("UPDATE orchestrator_writer SET beat = beat + @one WHERE id = 1", ("one", 1)).ConfigureAwait(false);

    public static async ValueTask<int> ReleaseAsync(ISqlSession session) =>
        await session.ExecuteAsync("UPDATE orchestrator_writer SET is_released = @one WHERE id = 1", ("one", 1)).ConfigureAwait(false);

    private static async ValueTask<Row?> ReadAsync(SqliteSession session)
    {
        var rows = await session.QueryAsync(
            ReadRow, row => new Row(new ProcessIdentity(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), row.GetInt64(3), row.GetInt64(4) != 0)).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    private static DataDirectoryInUseException InUse(string path, ProcessIdentity? writer) =>
        new($"The database {path} is in use by {writer?.ToString() ?? "another process"}. Stop it, or choose another data directory with --data.");

    private sealed record Row(ProcessIdentity Writer, long Beat, bool IsReleased);
}
