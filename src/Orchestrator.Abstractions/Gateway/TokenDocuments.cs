using System.Collections.Immutable;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A token to be made.</summary>
public sealed record TokenRequest
{
    public string User { get; init; } = "";

    public string Institution { get; init; } = "";

    /// <summary>Empty: all projects of the institution.</summary>
    public ImmutableArray<string> Projects { get; init; } = [];

    public Role Role { get; init; } = Role.Submitter;

    /// <summary>Null: it does not expire.</summary>
    public TimeSpan? Lifetime { get; init; }
}

/// <summary>A token as lists show it, and once, when it is made, with its secret.</summary>
public sealed record TokenDocument
{
    public string Id { get; init; } = "";

    public string User { get; init; } = "";

    public string Institution { get; init; } = "";

    public ImmutableArray<string> Projects { get; init; } = [];

    public Role Role { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>What to send as <c>Authorization: Bearer …</c>; only in the reply that made it.</summary>
    public string? Secret { get; init; }
}
