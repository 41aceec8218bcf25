using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orchestrator.Storage;

/// <summary>
/// Grain state in SQLite. Every write is one statement that checks the ETag and changes the row, in a batch with others (group commit); ETags, conflicts and
/// <c>RecordExists</c> are those of AdoNet storage.
/// </summary>
/// <param name="name">The name that grains ask for.</param>
/// <param name="serviceId">The service whose rows these are.</param>
/// <param name="database">Holds the rows.</param>
/// <param name="serializer">Gives the payload its form.</param>
/// <param name="options">What clearing means.</param>
/// <param name="clock">Dates the rows, for people.</param>
internal sealed class SqliteGrainStorage(
    string name, string serviceId, OrchestratorDatabase database, IGrainStorageSerializer serializer, SqliteGrainStorageOptions options, TimeProvider clock) : IGrainStorage
{
    private const string Key = "service = @service AND grain_type = @grain_type AND grain_key = @grain_key AND state = @state";

    private const string Select = $"SELECT version, payload FROM grain_state WHERE {Key}";

    private const string SelectVersion = $"SELECT version FROM grain_state WHERE {Key}";

    private const string Insert =
        """
        INSERT INTO grain_state (service, grain_type, grain_key, state, version, payload, updated_at)
        VALUES (@service, @grain_type, @grain_key, @state, 1, @payload, @updated_at)
        ON CONFLICT (service, grain_type, grain_key, state) DO NOTHING
        RETURNING version
        """;

    private const string Update =
        $"UPDATE grain_state SET version = version + 1, payload = @payload, updated_at = @updated_at WHERE {Key} AND version = @version RETURNING version";

    private const string Clear =
        $"UPDATE grain_state SET version = version + 1, payload = NULL, updated_at = @updated_at WHERE {Key} AND version = @version RETURNING version";

    private const string Delete = $"DELETE FROM grain_state WHERE {Key} AND version = @version RETURNING version";

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var rows = await database.ReadAsync(
            ReadKind.Statement,
            session => session.QueryAsync(Select, row => (Version: row.GetInt64(0), Payload: row.IsDBNull(1) ? null : row.GetBytes(1)), KeyOf(stateName, grainId)),
            CancellationToken.None).ConfigureAwait(false);
        var (version, payload) = rows.Count == 0 ? (0, null) : rows[0];
        grainState.State = payload is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(new BinaryData(payload))!;
        grainState.ETag = rows.Count == 0 ? null! : ETag(version);
        grainState.RecordExists = payload is not null;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">The stored ETag is another one: the grain does not know the last state.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.Serialize(grainState.State).ToArray();
        var expected = VersionOf(grainState.ETag);
        var key = KeyOf(stateName, grainId);
        var now = clock.GetUtcNow();
        var (stored, isWritten) = await database.WriteAsync(
            WriteKind.Statement,
            session => ChangeAsync(
                session,
                expected is null ? Insert : Update,
                key,
                expected is null ? [.. key, ("payload", payload), ("updated_at", now)] : [.. key, ("payload", payload), ("updated_at", now), ("version", expected)]),
            CancellationToken.None).ConfigureAwait(false);
        if (!isWritten)
        {
            throw Conflict("WriteState", grainId, stored, grainState.ETag);
        }

        grainState.ETag = ETag(stored!.Value);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">The stored ETag is another one: the grain does not know the last state.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        var expected = VersionOf(grainState.ETag);
        var key = KeyOf(stateName, grainId);
        var now = clock.GetUtcNow();
        var (stored, isCleared) = await database.WriteAsync(
            WriteKind.Statement,
            session => options.DeleteStateOnClear
                ? ChangeAsync(session, Delete, key, [.. key, ("version", expected)])
                : ChangeAsync(session, Clear, key, [.. key, ("updated_at", now), ("version", expected)]),
            CancellationToken.None).ConfigureAwait(false);
        if (!isCleared)
        {
            throw Conflict("ClearState", grainId, stored, grainState.ETag);
        }

        grainState.ETag = options.DeleteStateOnClear ? null! : ETag(stored!.Value);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    // The version that the statement stored; or, where the ETag was another one, the version that is stored, for the message.
    private static async ValueTask<(long? Version, bool IsChanged)> ChangeAsync(
        ISqlSession session, string sql, (string Name, object? Value)[] key, (string Name, object? Value)[] parameters)
    {
        var changed = await session.QueryAsync(sql, row => row.GetInt64(0), parameters).ConfigureAwait(false);
        if (changed.Count > 0)
        {
            return (changed[0], true);
        }

        var stored = await session.QueryAsync(SelectVersion, row => row.GetInt64(0), key).ConfigureAwait(false);
        return (stored.Count == 0 ? null : stored[0], false);
    }

    private static string ETag(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long? VersionOf(string? etag) => string.IsNullOrWhiteSpace(etag) ? null : long.Parse(etag, CultureInfo.InvariantCulture);

    private (string Name, object? Value)[] KeyOf(string stateName, GrainId grainId) =>
        [("service", serviceId), ("grain_type", grainId.Type.ToString()), ("grain_key", grainId.Key.ToString()), ("state", stateName)];

    private InconsistentStateException Conflict(string operation, GrainId grainId, long? stored, string? current) => new(
        $"Version conflict ({operation}): ServiceId={serviceId} ProviderName={name} GrainType={grainId.Type} GrainId={grainId} ETag={current}.",
        stored is { } version ? ETag(version) : null!,
        current!);
}
