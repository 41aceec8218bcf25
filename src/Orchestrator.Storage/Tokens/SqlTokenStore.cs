using System.Data.Common;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Storage;

/// <summary>Tokens in the database.</summary>
internal sealed class SqlTokenStore(OrchestratorDatabase database) : ITokenStore
{
    private const string Columns = "token_id, secret_hash, user_name, institution, projects, role, created_at, expires_at, revoked_at, last_used_at";

    private const string Insert =
        $"""
        INSERT INTO access_token ({Columns})
        VALUES (@token_id, @secret_hash, @user_name, @institution, @projects, @role, @created_at, @expires_at, @revoked_at, @last_used_at)
        ON CONFLICT (token_id) DO NOTHING
        """;

    private const string Find = $"SELECT {Columns} FROM access_token WHERE token_id = @token_id";

    private const string Revoke = "UPDATE access_token SET revoked_at = coalesce(revoked_at, @at) WHERE token_id = @token_id";

    private const string Touch = "UPDATE access_token SET last_used_at = @at WHERE token_id = @token_id AND (last_used_at IS NULL OR last_used_at < @at)";

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(TokenRecord token, CancellationToken cancellationToken = default) => await database.WriteAsync(
        WriteKind.Statement,
        session => session.ExecuteAsync(
            Insert,
            ("token_id", token.TokenId), ("secret_hash", token.SecretHash), ("user_name", token.User), ("institution", token.Institution),
            ("projects", JsonSerializer.Serialize(token.Projects)), ("role", token.Role), ("created_at", token.CreatedAt), ("expires_at", token.ExpiresAt),
            ("revoked_at", token.RevokedAt), ("last_used_at", token.LastUsedAt)),
        cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async Task<TokenRecord?> FindAsync(string tokenId, CancellationToken cancellationToken = default)
    {
        var found = await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(Find, Read, ("token_id", tokenId)), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TokenRecord>> ListAsync(string? institution = null, CancellationToken cancellationToken = default)
    {
        var parameters = new List<(string, object?)>();
        var sql = new StringBuilder($"SELECT {Columns} FROM access_token WHERE 1 = 1");
        sql.AndEquals(parameters, "institution", institution);
        sql.Append(" ORDER BY created_at, token_id");
        return await database.ReadAsync(ReadKind.Statement, session => session.QueryAsync(sql.ToString(), Read, [.. parameters]), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default) => await database.WriteAsync(
        WriteKind.Statement, session => session.ExecuteAsync(Revoke, ("token_id", tokenId), ("at", at)), cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public Task TouchAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default) => database.WriteAsync(
        WriteKind.Statement, session => session.ExecuteAsync(Touch, ("token_id", tokenId), ("at", at)), cancellationToken);

    private static TokenRecord Read(DbDataReader row) => new()
    {
        TokenId = row.GetString(0),
        SecretHash = row.GetBytes(1),
        User = row.GetString(2),
        Institution = row.GetStringOrNull(3),
        Projects = JsonSerializer.Deserialize<List<string>>(row.GetString(4)) ?? [],
        Role = row.GetString(5),
        CreatedAt = row.GetTime(6),
        ExpiresAt = row.GetTimeOrNull(7),
        RevokedAt = row.GetTimeOrNull(8),
        LastUsedAt = row.GetTimeOrNull(9),
    };
}
