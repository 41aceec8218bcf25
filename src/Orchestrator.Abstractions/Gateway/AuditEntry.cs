namespace Orchestrator.Abstractions.Gateway;

/// <summary>One change that somebody asked for, whether it was granted or not.</summary>
public sealed record AuditEntry
{
    /// <summary>Grows with every change; none is given twice.</summary>
    public long Number { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user.</summary>
    public string Who { get; init; } = "";

    /// <summary>Of the user; null: the owner of the silo, or an administrator of all.</summary>
    public string? Institution { get; init; }

    /// <summary>A pinned verb, as <c>simulation.cancel</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>What it was about: the id or the name in the path of the request; null: it was about none.</summary>
    public string? Subject { get; init; }

    /// <summary><c>accepted</c>, <c>unchanged</c>, <c>refused</c> or <c>failed</c>.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Further facts, or why it was refused.</summary>
    public string? Details { get; init; }

    /// <summary>The idempotency key of the request, or its number in the silo's log.</summary>
    public string? RequestId { get; init; }
}
