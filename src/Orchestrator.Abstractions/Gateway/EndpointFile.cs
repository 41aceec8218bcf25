namespace Orchestrator.Abstractions.Gateway;

/// <summary>
/// The file <c>gateway.json</c> in the data directory, by which commands and agents find the gateway. It is written when the gateway answers, mode 0600, and removed when
/// it ends in order.
/// </summary>
public sealed record EndpointFile
{
    public const string FileName = "gateway.json";

    /// <summary>Holds the token for TCP, mode 0600, one line.</summary>
    public const string TokenFileName = "token";

    /// <summary>The path of the Unix socket; null without one.</summary>
    public string? Socket { get; init; }

    /// <summary>As in <c>http://127.0.0.1:7400</c>; null when it does not listen on TCP.</summary>
    public string? Url { get; init; }

    public int ProcessId { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The release that runs.</summary>
    public string Version { get; init; } = "";
}
