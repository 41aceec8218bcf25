using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Core.Accounts;
using Orchestrator.Storage;

namespace Orchestrator.Grains.Access;

/// <summary>Tells whose a token is. A token is "id.secret", of which the store keeps the id and the SHA-256 of the secret's UTF-8; gateway and grains check it alike.</summary>
public sealed class TokenVerifier(ITokenStore store, IOptions<AccessOptions> options, TimeProvider clock)
{
    private const int CacheMax = 10_000;

    private readonly ConcurrentDictionary<string, (TokenRecord Token, DateTimeOffset At)> cache = new(StringComparer.Ordinal);

    /// <summary>The hash that the store keeps of a secret.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Whose the token is; null when it is malformed, unknown, revoked or expired.</summary>
    public async ValueTask<Principal?> VerifyAsync(string? token, CancellationToken cancellationToken = default)
    {
        var dot = token?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot < 1 || dot == token!.Length - 1)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var record = await FindAsync(token[..dot], now, cancellationToken);
        if (record is null
            || !CryptographicOperations.FixedTimeEquals(HashOf(token[(dot + 1)..]), record.SecretHash.Span)
            || record.RevokedAt <= now
            || record.ExpiresAt <= now
            || !Enum.TryParse<Role>(record.Role, ignoreCase: true, out var role))
        {
            return null;
        }

        return new() { Institution = record.Institution ?? "", User = record.User, Projects = [.. record.Projects], Role = role };
    }

    private async ValueTask<TokenRecord?> FindAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (cache.TryGetValue(id, out var known) && now - known.At < options.Value.TokenCache)
        {
            return known.Token;
        }

        var found = await store.FindAsync(id, cancellationToken);
        if (found is null)
        {
            // Only what exists is remembered, so that guesses fill no memory.
            cache.TryRemove(id, out _);
            return null;
        }

        if (cache.Count >= CacheMax)
        {
            cache.Clear();
        }

        cache[id] = (found, now);
        await store.TouchAsync(id, now, cancellationToken);
        return found;
    }
}
