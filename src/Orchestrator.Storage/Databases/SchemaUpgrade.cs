namespace Orchestrator.Storage;

/// <summary>
/// Applies to a database the scripts that it has not seen, in order, and writes down each in <c>orchestrator_schema</c>. It runs within one transaction per script, under the
/// lock of the caller, so that a crash leaves whole steps.
/// </summary>
internal static class SchemaUpgrade
{
    public const string CreateTable =
        """
        CREATE TABLE IF NOT EXISTS orchestrator_schema (
            script     TEXT   NOT NULL PRIMARY KEY,
            version    BIGINT NOT NULL,
            checksum   TEXT   NOT NULL,
            applied_at BIGINT NOT NULL
        )
        """;

    private const string ReadApplied = "SELECT script, version, checksum FROM orchestrator_schema";

    private const string Record =
        """
        INSERT INTO orchestrator_schema (script, version, checksum, applied_at) VALUES (@script, @version, @checksum, @applied_at)
        ON CONFLICT (script) DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at
        """;

    /// <summary>What is still to be applied.</summary>
    /// <exception cref="DatabaseVersionException">The database is newer than this release, or was made by other scripts.</exception>
    public static async ValueTask<IReadOnlyList<SchemaScript>> PendingAsync(ISqlSession session, IReadOnlyList<SchemaScript> scripts, string location)
    {
        var applied = await session.QueryAsync(ReadApplied, row => (Script: row.GetString(0), Version: row.GetInt64(1), Checksum: row.GetString(2))).ConfigureAwait(false);
        var known = scripts.Max(script => script.Number);
        var newest = applied.Count == 0 ? 0 : applied.Max(row => row.Version);
        if (newest > known)
        {
            throw new DatabaseVersionException(
                $"The database {location} has schema version {newest}; this release knows versions up to {known}. Use the release that wrote it, or a newer one. Nothing was changed.");
        }

        var pending = new List<SchemaScript>();
        foreach (var script in scripts)
        {
            var before = applied.Find(row => row.Script == script.Name);
            if (before.Script is null)
            {
                pending.Add(script);
            }
            else if (before.Checksum != script.Checksum)
            {
                if (script.Number != 0)
                {
                    throw new DatabaseVersionException(
                        $"The database {location} was made with another text of script {script.Name} than the one of this release. Use the release that wrote it. Nothing was changed.");
                }

                pending.Add(script);
            }
        }

        return pending;
    }

    public static async ValueTask ApplyAsync(ISqlSession session, SchemaScript script, DateTimeOffset now)
    {
        await session.ExecuteAsync(script.Text).ConfigureAwait(false);
        await session.ExecuteAsync(Record, ("script", script.Name), ("version", script.Number), ("checksum", script.Checksum), ("applied_at", now)).ConfigureAwait(false);
    }
}
