using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orchestrator.Storage;

/// <summary>Reminders in SQLite, with the ETags of AdoNet reminders: a number that grows with each upsert.</summary>
internal sealed class SqliteReminderTable(OrchestratorDatabase database, IOptions<ClusterOptions> cluster) : IReminderTable
{
    private const string Columns = "grain, name, start_at, period, version";

    private const string OfGrain = $"SELECT {Columns} FROM reminder WHERE service = @service AND grain = @grain ORDER BY name";

    private const string One = $"SELECT {Columns} FROM reminder WHERE service = @service AND grain = @grain AND name = @name";

    private const string Between = $"SELECT {Columns} FROM reminder WHERE service = @service AND hash > @begin AND hash <= @end";

    private const string Around = $"SELECT {Columns} FROM reminder WHERE service = @service AND (hash > @begin OR hash <= @end)";

    private const string Upsert =
        """
        INSERT INTO reminder (service, grain, name, hash, start_at, period, version) VALUES (@service, @grain, @name, @hash, @start_at, @period, 0)
        ON CONFLICT (service, grain, name) DO UPDATE SET
            hash = excluded.hash, start_at = excluded.start_at, period = excluded.period, version = reminder.version + 1
        RETURNING version
        """;

    private const string Delete = "DELETE FROM reminder WHERE service = @service AND grain = @grain AND name = @name AND version = @version";

    private readonly string serviceId = cluster.Value.ServiceId;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => database.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => ReadAsync(OfGrain, ("service", serviceId), ("grain", grainId.ToString()));

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end) => ReadAsync(begin < end ? Between : Around, ("service", serviceId), ("begin", (long)begin), ("end", (long)end));

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var found = await ReadAsync(One, ("service", serviceId), ("grain", grainId.ToString()), ("name", reminderName)).ConfigureAwait(false);
        return found.Reminders.Count == 0 ? null : found.Reminders[0];
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        var version = (await database.WriteAsync(
            WriteKind.Statement,
            session => session.QueryAsync(
                Upsert,
                row => row.GetInt64(0),
                ("service", serviceId), ("grain", entry.GrainId.ToString()), ("name", entry.ReminderName), ("hash", (long)entry.GrainId.GetUniformHashCode()),
                ("start_at", entry.StartAt.ToUniversalTime().Ticks), ("period", entry.Period.Ticks)),
            CancellationToken.None).ConfigureAwait(false))[0];
        return version.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && await database.WriteAsync(
            WriteKind.Statement,
            session => session.ExecuteAsync(Delete, ("service", serviceId), ("grain", grainId.ToString()), ("name", reminderName), ("version", version)),
            CancellationToken.None).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => database.WriteAsync(
        WriteKind.Statement, session => session.ExecuteAsync("DELETE FROM reminder WHERE service = @service", ("service", serviceId)), CancellationToken.None);

    private async Task<ReminderTableData> ReadAsync(string sql, params (string Name, object? Value)[] parameters) =>
        new(await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(sql, Read, parameters), CancellationToken.None).ConfigureAwait(false));

    private static ReminderEntry Read(DbDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = new DateTime(row.GetInt64(2), DateTimeKind.Utc),
        Period = new TimeSpan(row.GetInt64(3)),
        ETag = row.GetInt64(4).ToString(CultureInfo.InvariantCulture),
    };
}
