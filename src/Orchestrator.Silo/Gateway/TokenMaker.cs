using System.Buffers.Text;
using System.Security.Cryptography;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Grains.Access;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway;

/// <summary>Makes tokens: "id.secret", with 128 and 256 random bits.</summary>
internal static class TokenMaker
{
    public static (TokenRecord Record, string Token) Make(TokenRequest request, DateTimeOffset now)
    {
        var id = "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (new()
        {
            TokenId = id,
            SecretHash = TokenVerifier.HashOf(secret),
            User = request.User,
            Institution = request.Institution,
            Projects = request.Projects,
            Role = request.Role.ToString(),
            CreatedAt = now,
            ExpiresAt = now + request.Lifetime,
        }, $"{id}.{secret}");
    }
}
