namespace Orchestrator.Storage;

/// <summary>Access tokens. Only the hash of a secret is stored; who reads the database cannot act for anybody.</summary>
public interface ITokenStore
{
    /// <summary>Stores a new token; returns false, changing nothing, when its id is taken.</summary>
    Task<bool> CreateAsync(TokenRecord token, CancellationToken cancellationToken = default);

    /// <summary>The token with this id, also when it is revoked or expired, or null.</summary>
    Task<TokenRecord?> FindAsync(string tokenId, CancellationToken cancellationToken = default);

    /// <summary>The tokens of an institution, or all (null), oldest first.</summary>
    Task<IReadOnlyList<TokenRecord>> ListAsync(string? institution = null, CancellationToken cancellationToken = default);

    /// <summary>Revokes a token; returns false when there is none with this id. A repeat keeps the first time.</summary>
    Task<bool> RevokeAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default);

    /// <summary>Notes that a token was used; an earlier time than the stored one changes nothing.</summary>
    Task TouchAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default);
}
