using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Orchestrator.Storage;

/// <summary>The event log in the database. Appends of several silos are ordered by a lock that is held to the commit, so that no position appears behind a reader.</summary>
internal sealed class SqlEventLog(OrchestratorDatabase database, TimeProvider clock) : IEventLog
{
    private const int PruneBatch = 2000;

    /// <summary>The number of the advisory lock of PostgreSQL that orders appends.</summary>
    private const string Order = "SELECT pg_advisory_xact_lock(122511472492546)";

    private const string Columns = "position, source, sequence, kind, version, campaign, simulation, project, at, payload";

    private const string Insert =
        """
        INSERT INTO event_log (source, sequence, kind, version, campaign, simulation, project, at, payload)
        SELECT @source, @sequence, @kind, @version, @campaign, @simulation, @project, @at, @payload
        WHERE NOT EXISTS (SELECT 1 FROM event_floor WHERE source = @source AND sequence >= @sequence)
        ON CONFLICT (source, sequence) DO NOTHING
        """;

    private const string Last = "SELECT coalesce(max(position), 0) FROM event_log";

    private const string After = $"SELECT {Columns} FROM event_log WHERE source = @source AND sequence > @sequence ORDER BY sequence LIMIT @limit";

    private const string Newest = $"SELECT {Columns} FROM event_log WHERE source = @source ORDER BY sequence DESC LIMIT @limit";

    private const string Cursor = "SELECT sequence FROM event_cursor WHERE source = @source AND consumer = @consumer";

    private const string Advance =
        """
        INSERT INTO event_cursor (consumer, source, sequence) VALUES (@consumer, @source, @sequence)
        ON CONFLICT (source, consumer) DO UPDATE SET
            sequence = CASE WHEN excluded.sequence > event_cursor.sequence THEN excluded.sequence ELSE event_cursor.sequence END
        RETURNING sequence
        """;

    private const string Prune =
        """
        DELETE FROM event_log WHERE position IN (
            SELECT position FROM event_log AS old
            WHERE at < @before AND NOT EXISTS (SELECT 1 FROM event_cursor WHERE event_cursor.source = old.source AND event_cursor.sequence < old.sequence)
            ORDER BY position LIMIT @limit)
        RETURNING source, sequence
        """;

    private const string RaiseFloor =
        """
        INSERT INTO event_floor (source, sequence) VALUES (@source, @sequence)
        ON CONFLICT (source) DO UPDATE SET sequence = excluded.sequence WHERE event_floor.sequence < excluded.sequence
        """;

    private readonly EventSignal signal = new();

    /// <inheritdoc/>
    public async Task<long> AppendAsync(IReadOnlyList<EventDraft> events, CancellationToken cancellationToken = default)
    {
        var last = await database.WriteAsync(
            WriteKind.Transaction,
            async session =>
            {
                await LockAsync(session).ConfigureAwait(false);
                await session.ExecuteManyAsync(Insert, events.Select(Parameters)).ConfigureAwait(false);
                return (await session.QueryAsync(Last, row => row.GetInt64(0)).ConfigureAwait(false))[0];
            },
            cancellationToken).ConfigureAwait(false);
        signal.Raise();
        return last;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventRecord>> EventsAfterAsync(string source, long sequence, int limit = 1000, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        return await database.ReadAsync(
            ReadKind.Statement, session => session.QueryAsync(After, Read, ("source", source), ("sequence", sequence), ("limit", limit)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventRecord>> NewestAsync(string source, int limit, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        var newestFirst = await database.ReadAsync(
            ReadKind.Statement, session => session.QueryAsync(Newest, Read, ("source", source), ("limit", limit)), cancellationToken).ConfigureAwait(false);
        return [.. newestFirst.AsEnumerable().Reverse()];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventRecord>> ReadAsync(long afterPosition, EventFilter filter, int limit = 1000, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        var parameters = new List<(string, object?)> { ("after", afterPosition) };
        var sql = new StringBuilder($"SELECT {Columns} FROM event_log WHERE position > @after");
        sql.AndEquals(parameters, "campaign", filter.Campaign);
        sql.AndEquals(parameters, "simulation", filter.Simulation);
        sql.AndEquals(parameters, "source", filter.Source);
        if (filter.Kinds.Count > 0)
        {
            sql.AndIn(parameters, "kind", filter.Kinds);
        }

        if (filter.Since is { } since)
        {
            sql.Append(" AND at >= @since");
            parameters.Add(("since", since));
        }

        if (filter.Projects is not null)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND (project IS NULL OR {SqlValues.InList(parameters, "project", filter.Projects)})");
        }

        sql.Append(" ORDER BY position LIMIT @limit");
        parameters.Add(("limit", limit));
        return await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(sql.ToString(), Read, [.. parameters]), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<long> LastPositionAsync(CancellationToken cancellationToken = default) =>
        (await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(Last, row => row.GetInt64(0)), cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public async Task WaitAsync(long afterPosition, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var next = signal.Next;
            if (await LastPositionAsync(cancellationToken).ConfigureAwait(false) > afterPosition)
            {
                return;
            }

            if (database.IsShared)
            {
                using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(next, Task.Delay(database.Options.EventPollInterval, clock, woken.Token)).ConfigureAwait(false);
                await woken.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            else
            {
                await next.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<long> CursorAsync(string consumer, string source, CancellationToken cancellationToken = default)
    {
        var found = await database.ReadAsync(
            ReadKind.Statement, session => session.QueryAsync(Cursor, row => row.GetInt64(0), ("source", source), ("consumer", consumer)), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? 0 : found[0];
    }

    /// <inheritdoc/>
    public async Task<long> AdvanceAsync(string consumer, string source, long sequence, CancellationToken cancellationToken = default) => (await database.WriteAsync(
        WriteKind.Statement,
        session => session.QueryAsync(Advance, row => row.GetInt64(0), ("consumer", consumer), ("source", source), ("sequence", sequence)),
        cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public Task ForgetAsync(string consumer, string? source = null, CancellationToken cancellationToken = default)
    {
        var parameters = new List<(string, object?)> { ("consumer", consumer) };
        var sql = new StringBuilder("DELETE FROM event_cursor WHERE consumer = @consumer");
        sql.AndEquals(parameters, "source", source);
        return database.WriteAsync(WriteKind.Statement, session => session.ExecuteAsync(sql.ToString(), [.. parameters]), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        // In pieces, so that nobody waits long for the writer.
        for (var gone = 0; ;)
        {
            var piece = await database.WriteAsync(
                WriteKind.Transaction,
                async session =>
                {
                    await LockAsync(session).ConfigureAwait(false);
                    var deleted = await session.QueryAsync(
                        Prune, row => (Source: row.GetString(0), Sequence: row.GetInt64(1)), ("before", before), ("limit", PruneBatch)).ConfigureAwait(false);
                    var floors = deleted.GroupBy(row => row.Source).OrderBy(group => group.Key, StringComparer.Ordinal);
                    await session.ExecuteManyAsync(RaiseFloor, floors.Select(floor => new (string, object?)[]
                    {
                        ("source", floor.Key), ("sequence", floor.Max(row => row.Sequence)),
                    })).ConfigureAwait(false);
                    return deleted.Count;
                },
                cancellationToken).ConfigureAwait(false);
            gone += piece;
            if (piece < PruneBatch)
            {
                return gone;
            }
        }
    }

    private static async ValueTask LockAsync(ISqlSession session)
    {
        if (!session.IsSoleWriter)
        {
            await session.ExecuteAsync(Order).ConfigureAwait(false);
        }
    }

    private static (string, object?)[] Parameters(EventDraft draft) =>
    [
        ("source", draft.Source), ("sequence", draft.Sequence), ("kind", draft.Kind), ("version", draft.Version), ("campaign", draft.Campaign),
        ("simulation", draft.Simulation), ("project", draft.Project), ("at", draft.At), ("payload", draft.Payload),
    ];

    private static EventRecord Read(DbDataReader row) => new()
    {
        Position = row.GetInt64(0),
        Source = row.GetString(1),
        Sequence = row.GetInt64(2),
        Kind = row.GetString(3),
        Version = (int)row.GetInt64(4),
        Campaign = row.GetStringOrNull(5),
        Simulation = row.GetStringOrNull(6),
        Project = row.GetStringOrNull(7),
        At = row.GetTime(8),
        Payload = row.GetBytes(9),
    };
}
