using System.Text;

namespace Orchestrator.Storage;

/// <summary>The audit log in the database.</summary>
internal sealed class SqlAuditLog(OrchestratorDatabase database) : IAuditLog
{
    private const string Insert =
        """
        INSERT INTO audit_log (at, who, institution, action, subject, request_id, outcome, details)
        VALUES (@at, @who, @institution, @action, @subject, @request_id, @outcome, @details)
        RETURNING number
        """;

    /// <summary>By number, which follows the time: the search ends at the first row that stays, however long the log is.</summary>
    private const string Prune =
        """
        DELETE FROM audit_log
        WHERE number < COALESCE((SELECT number FROM audit_log WHERE at >= @before ORDER BY number LIMIT 1), (SELECT MAX(number) + 1 FROM audit_log))
        """;

    /// <inheritdoc/>
    public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        database.WriteAsync(WriteKind.Statement, session => session.ExecuteAsync(Prune, ("before", before)), cancellationToken);

    /// <inheritdoc/>
    public async Task<long> AppendAsync(AuditRow row, CancellationToken cancellationToken = default) => (await database.WriteAsync(
        WriteKind.Statement,
        session => session.QueryAsync(
            Insert,
            stored => stored.GetInt64(0),
            ("at", row.At), ("who", row.Who), ("institution", row.Institution), ("action", row.Action), ("subject", row.Subject),
            ("request_id", row.RequestId), ("outcome", row.Outcome), ("details", row.Details)),
        cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditRow>> QueryAsync(AuditQuery query, CancellationToken cancellationToken = default)
    {
        Limits.Page(query.Limit, Limits.AuditPage);
        var parameters = new List<(string, object?)>();
        var sql = new StringBuilder("SELECT number, at, who, institution, action, subject, request_id, outcome, details FROM audit_log WHERE 1 = 1");
        sql.AndEquals(parameters, "who", query.Who);
        sql.AndEquals(parameters, "institution", query.Institution);
        sql.AndEquals(parameters, "action", query.Action);
        sql.AndEquals(parameters, "subject", query.Subject);
        sql.AndEquals(parameters, "at", query.From, ">=", "from_time");
        sql.AndEquals(parameters, "at", query.Until, "<", "until_time");
        sql.AndEquals(parameters, "number", query.Before, "<");
        sql.Append(" ORDER BY number DESC LIMIT @limit");
        parameters.Add(("limit", query.Limit));
        return await database.ReadAsync(
            ReadKind.Statement,
            session => session.QueryAsync(
                sql.ToString(),
                row => new AuditRow
                {
                    Number = row.GetInt64(0),
                    At = row.GetTime(1),
                    Who = row.GetString(2),
                    Institution = row.GetStringOrNull(3),
                    Action = row.GetString(4),
                    Subject = row.GetStringOrNull(5),
                    RequestId = row.GetStringOrNull(6),
                    Outcome = row.GetString(7),
                    Details = row.GetStringOrNull(8),
                },
                [.. parameters]),
            cancellationToken).ConfigureAwait(false);
    }
}
