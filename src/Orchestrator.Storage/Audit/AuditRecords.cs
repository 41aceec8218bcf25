namespace Orchestrator.Storage;

/// <summary>One change that somebody asked for, whether it was granted or not.</summary>
public sealed record AuditRow
{
    /// <summary>Given by the log; 0 before that.</summary>
    public long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The user, or the name of the part of the system that acted.</summary>
    public required string Who { get; init; }

    public string? Institution { get; init; }

    /// <summary>A pinned verb, such as <c>simulation.cancel</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The key of what was acted upon, if there is one.</summary>
    public string? Subject { get; init; }

    /// <summary>Ties the row to the log lines and the idempotency key of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>A pinned word, such as <c>accepted</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Further facts as JSON or plain text, without secrets.</summary>
    public string? Details { get; init; }
}

/// <summary>Which audit rows are meant: all that match every member that is set.</summary>
public sealed record AuditQuery
{
    public string? Who { get; init; }

    public string? Institution { get; init; }

    public string? Action { get; init; }

    public string? Subject { get; init; }

    /// <summary>Not earlier than this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Earlier than this.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The page begins with rows older than this number; null for the first page.</summary>
    public long? Before { get; init; }

    /// <summary>1 to 1,000.</summary>
    public int Limit { get; init; } = 100;
}
