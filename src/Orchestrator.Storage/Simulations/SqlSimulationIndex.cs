using System.Data.Common;
using System.Text;

namespace Orchestrator.Storage;

/// <summary>The simulation index in the database.</summary>
internal sealed class SqlSimulationIndex(OrchestratorDatabase database) : ISimulationIndex
{
    private const string Columns =
        "simulation, campaign, project, scenario, variant, status, is_live, owner, institution, cluster, priority, progress, submitted_at, updated_at, version, summary";

    private const string Upsert =
        $"""
        INSERT INTO simulation_index ({Columns})
        VALUES (@simulation, @campaign, @project, @scenario, @variant, @status, @is_live, @owner, @institution, @cluster, @priority, @progress, @submitted_at, @updated_at, @version, @summary)
        ON CONFLICT (simulation) DO UPDATE SET
            campaign = excluded.campaign, project = excluded.project, scenario = excluded.scenario, variant = excluded.variant, status = excluded.status,
            is_live = excluded.is_live, owner = excluded.owner, institution = excluded.institution, cluster = excluded.cluster, priority = excluded.priority,
            progress = excluded.progress, submitted_at = excluded.submitted_at, updated_at = excluded.updated_at, version = excluded.version, summary = excluded.summary
        WHERE simulation_index.version < excluded.version
        """;

    private const string Find = $"SELECT {Columns} FROM simulation_index WHERE simulation = @simulation";

    private const string Live = $"SELECT {Columns} FROM simulation_index WHERE is_live = 1";

    /// <inheritdoc/>
    public async Task<bool> UpsertAsync(SimulationIndexEntry entry, CancellationToken cancellationToken = default) => await database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync(
            Upsert,
            ("simulation", entry.Simulation), ("campaign", entry.Campaign), ("project", entry.Project), ("scenario", entry.Scenario), ("variant", entry.Variant),
            ("status", entry.Status), ("is_live", entry.IsLive), ("owner", entry.Owner), ("institution", entry.Institution), ("cluster", entry.Cluster),
            ("priority", entry.Priority), ("progress", entry.Progress), ("submitted_at", entry.SubmittedAt), ("updated_at", entry.UpdatedAt),
            ("version", entry.Version), ("summary", entry.Summary)),
        cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task<SimulationIndexEntry?> FindAsync(string simulation, CancellationToken cancellationToken = default)
    {
        var found = await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(Find, Read, ("simulation", simulation)), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <inheritdoc/>
    public async Task<SimulationIndexPage> QueryAsync(SimulationIndexFilter filter, string? cursor = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.IndexPage);
        var parameters = new List<(string, object?)>();
        var sql = new StringBuilder($"SELECT {Columns} FROM simulation_index WHERE 1 = 1");
        AndMatches(sql, parameters, filter);
        if (IndexCursor.Parse(cursor) is { } start)
        {
            sql.Append(" AND (submitted_at < @from_time OR (submitted_at = @from_time AND simulation > @from_name))");
            parameters.Add(("from_time", start.SubmittedTicks));
            parameters.Add(("from_name", start.Simulation));
        }

        sql.Append(" ORDER BY submitted_at DESC, simulation LIMIT @limit");
        parameters.Add(("limit", limit + 1));
        var found = await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(sql.ToString(), Read, [.. parameters]), cancellationToken).ConfigureAwait(false);
        return found.Count > limit
            ? new SimulationIndexPage { Entries = found[..limit], Next = IndexCursor.After(found[limit - 1]).ToString() }
            : new SimulationIndexPage { Entries = found };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> CountByStatusAsync(SimulationIndexFilter filter, CancellationToken cancellationToken = default)
    {
        var parameters = new List<(string, object?)>();
        var sql = new StringBuilder("SELECT status, count(*) FROM simulation_index WHERE 1 = 1");
        AndMatches(sql, parameters, filter);
        sql.Append(" GROUP BY status");
        var counts = await database.ReadAsync(
            ReadKind.Statement, session => session.QueryAsync(sql.ToString(), row => (Status: row.GetString(0), Count: row.GetInt64(1)), [.. parameters]), cancellationToken).ConfigureAwait(false);
        return counts.ToDictionary(count => count.Status, count => count.Count, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SimulationIndexEntry>> LiveAsync(string? cluster = null, CancellationToken cancellationToken = default)
    {
        var parameters = new List<(string, object?)>();
        var sql = new StringBuilder(Live);
        sql.AndEquals(parameters, "cluster", cluster);
        sql.Append(" ORDER BY simulation");
        return await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(sql.ToString(), Read, [.. parameters]), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string simulation, CancellationToken cancellationToken = default) => await database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync("DELETE FROM simulation_index WHERE simulation = @simulation", ("simulation", simulation)),
        cancellationToken).ConfigureAwait(false) > 0;

    private static void AndMatches(StringBuilder sql, List<(string, object?)> parameters, SimulationIndexFilter filter)
    {
        sql.AndEquals(parameters, "campaign", filter.Campaign);
        sql.AndEquals(parameters, "project", filter.Project);
        sql.AndEquals(parameters, "scenario", filter.Scenario);
        sql.AndEquals(parameters, "owner", filter.Owner);
        sql.AndEquals(parameters, "institution", filter.Institution);
        sql.AndEquals(parameters, "cluster", filter.Cluster);
        sql.AndEquals(parameters, "is_live", filter.IsLive);
        if (filter.Statuses.Count > 0)
        {
            sql.AndIn(parameters, "status", filter.Statuses);
        }

        if (filter.Projects is not null)
        {
            sql.AndIn(parameters, "project", filter.Projects);
        }
    }

    private static SimulationIndexEntry Read(DbDataReader row) => new()
    {
        Simulation = row.GetString(0),
        Campaign = row.GetStringOrNull(1),
        Project = row.GetStringOrNull(2),
        Scenario = row.GetStringOrNull(3),
        Variant = row.GetStringOrNull(4),
        Status = row.GetString(5),
        IsLive = row.GetInt64(6) != 0,
        Owner = row.GetStringOrNull(7),
        Institution = row.GetStringOrNull(8),
        Cluster = row.GetStringOrNull(9),
        Priority = (int)row.GetInt64(10),
        Progress = row.GetDouble(11),
        SubmittedAt = row.GetTime(12),
        UpdatedAt = row.GetTime(13),
        Version = row.GetInt64(14),
        Summary = row.GetBytes(15),
    };
}
