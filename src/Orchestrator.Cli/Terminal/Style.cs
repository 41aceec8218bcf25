namespace Orchestrator.Cli.Terminal;

/// <summary>Colours, on a terminal that wants them only.</summary>
internal sealed class Style
{
    private Style(bool isTerminal)
    {
        IsTerminal = isTerminal;
        HasColor = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
    }

    /// <summary>A person looks at it while it is written.</summary>
    public bool IsTerminal { get; }

    public bool HasColor { get; }

    public static Style For(TextWriter output) => new(ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected);

    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    /// <summary>The name of a status in its colour.</summary>
    public string Status(string status) => status.ToUpperInvariant() switch
    {
        "COMPLETED" or "ALIVE" or "OK" => Paint(status, "32"),
        "RUNNING" or "STARTING" or "PUBLISHING" => Paint(status, "36"),
        "FAILED" or "LOST" or "SEENDEAD" or "SEEN DEAD" or "FAIL" => Paint(status, "31"),
        "CANCELLED" or "CANCELLING" or "PAUSED" or "PAUSING" or "BACKOFF" or "SOFT FAILED" or "NOT SEEN" or "DRAINING" or "WARN" => Paint(status, "33"),
        _ => status,
    };

    private string Paint(string text, string code) => HasColor ? $"\e[{code}m{text}\e[0m" : text;
}
