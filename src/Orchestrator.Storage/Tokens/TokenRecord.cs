namespace Orchestrator.Storage;

/// <summary>An access token without its secret.</summary>
public sealed record TokenRecord
{
    public required string TokenId { get; init; }

    /// <summary>SHA-256 of the secret: 32 bytes.</summary>
    public required ReadOnlyMemory<byte> SecretHash { get; init; }

    public required string User { get; init; }

    public string? Institution { get; init; }

    /// <summary>The projects that the token is good for; empty for all projects of the institution.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>The name of the role.</summary>
    public required string Role { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null when it never expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }
}
