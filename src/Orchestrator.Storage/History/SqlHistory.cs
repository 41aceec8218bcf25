using System.Text;

namespace Orchestrator.Storage;

/// <summary>History in the database.</summary>
internal sealed class SqlHistory(OrchestratorDatabase database) : IHistory
{
    private const int PruneBatch = 2000;

    private const string Insert =
        """
        INSERT INTO history (kind, owner_key, sequence, at, version, payload) VALUES (@kind, @owner_key, @sequence, @at, @version, @payload)
        ON CONFLICT (kind, owner_key, sequence) DO NOTHING
        """;

    private const string Prune =
        """
        DELETE FROM history WHERE kind = @kind AND (owner_key, sequence) IN (
            SELECT owner_key, sequence FROM history WHERE kind = @kind AND at < @before ORDER BY at LIMIT @limit)
        """;

    /// <inheritdoc/>
    public Task AppendAsync(IReadOnlyList<HistoryRow> rows, CancellationToken cancellationToken = default) => database.WriteAsync(
        rows.Count == 1 ? WriteKind.Statement : WriteKind.Transaction,
        session => session.ExecuteManyAsync(Insert, rows.Select(row => new (string, object?)[]
        {
            ("kind", row.Kind), ("owner_key", row.Key), ("sequence", row.Sequence), ("at", row.At), ("version", row.Version), ("payload", row.Payload),
        })),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HistoryRow>> QueryAsync(HistoryQuery query, CancellationToken cancellationToken = default)
    {
        Limits.Page(query.Limit, Limits.HistoryPage);
        var parameters = new List<(string, object?)> { ("kind", query.Kind), ("owner_key", query.Key) };
        var sql = new StringBuilder("SELECT sequence, at, version, payload FROM history WHERE kind = @kind AND owner_key = @owner_key");
        sql.AndEquals(parameters, "sequence", query.After, query.NewestFirst ? "<" : ">");
        sql.AndEquals(parameters, "at", query.From, ">=", "from_time");
        sql.AndEquals(parameters, "at", query.Until, "<", "until_time");
        sql.Append(query.NewestFirst ? " ORDER BY sequence DESC LIMIT @limit" : " ORDER BY sequence LIMIT @limit");
        parameters.Add(("limit", query.Limit));
        return await database.ReadAsync(
            ReadKind.Statement,
            session => session.QueryAsync(
                sql.ToString(),
                row => new HistoryRow
                {
                    Kind = query.Kind,
                    Key = query.Key,
                    Sequence = row.GetInt64(0),
                    At = row.GetTime(1),
                    Version = (int)row.GetInt64(2),
                    Payload = row.GetBytes(3),
                },
                [.. parameters]),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<int> PruneAsync(string kind, DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        for (var gone = 0; ;)
        {
            var piece = await database.WriteAsync(
                WriteKind.Statement, session => session.ExecuteAsync(Prune, ("kind", kind), ("before", before), ("limit", PruneBatch)), cancellationToken).ConfigureAwait(false);
            gone += piece;
            if (piece < PruneBatch)
            {
                return gone;
            }
        }
    }
}
