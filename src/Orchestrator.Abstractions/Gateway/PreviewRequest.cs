namespace Orchestrator.Abstractions.Gateway;

/// <summary>An order for a preview of what runs.</summary>
public sealed record PreviewRequest
{
    /// <summary>The stage; null: each that runs and makes previews.</summary>
    public string? Stage { get; init; }

    /// <summary>1 to 100 percent of the final quality; null: by its progress.</summary>
    public int? Level { get; init; }

    /// <summary>Why, in the caller's words.</summary>
    public string? Reason { get; init; }
}
