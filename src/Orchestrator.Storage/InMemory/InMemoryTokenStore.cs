namespace Orchestrator.Storage.InMemory;

/// <summary>A token store that lives as long as the process.</summary>
public sealed class InMemoryTokenStore : ITokenStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, TokenRecord> tokens = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<bool> CreateAsync(TokenRecord token, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(tokens.TryAdd(token.TokenId, token));
        }
    }

    /// <inheritdoc/>
    public Task<TokenRecord?> FindAsync(string tokenId, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(tokens.GetValueOrDefault(tokenId));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TokenRecord>> ListAsync(string? institution = null, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<TokenRecord>>(
            [
                .. tokens.Values.Where(token => institution is null || token.Institution == institution)
                    .OrderBy(token => token.CreatedAt)
                    .ThenBy(token => token.TokenId, StringComparer.Ordinal),
            ]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> RevokeAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (!tokens.TryGetValue(tokenId, out var token))
            {
                return Task.FromResult(false);
            }

            tokens[tokenId] = token with { RevokedAt = token.RevokedAt ?? at };
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task TouchAsync(string tokenId, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (tokens.TryGetValue(tokenId, out var token) && !(token.LastUsedAt >= at))
            {
                tokens[tokenId] = token with { LastUsedAt = at };
            }
        }

        return Task.CompletedTask;
    }
}
