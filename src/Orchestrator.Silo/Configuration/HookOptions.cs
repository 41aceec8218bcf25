using System.Net;

namespace Orchestrator.Silo;

/// <summary>The site's own say in the order of what waits: a command, or a service that is asked over HTTP. Neither, by default.</summary>
public sealed class HookOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Hook";

    /// <summary>A shell line that reads the question from its standard input and writes the answer to its standard output; it runs in the data directory. Default none.</summary>
    public string? Command { get; set; }

    /// <summary>Where the question is posted: https, or http on this machine. Default none.</summary>
    public string? Url { get; set; }

    /// <summary>So long an answer may take, above 0 to 1 minute; a command that takes longer is killed with all that it started. Default 2 s.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The least time from one question to the next, above 0. Default 5 s; what waits is ordered by the last answer until the next is there.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>So many of the first that wait are told, 1 to 100,000. Default 10,000.</summary>
    public int AttemptsMax { get; set; } = 10_000;

    internal bool IsSet => !string.IsNullOrWhiteSpace(Command) || !string.IsNullOrWhiteSpace(Url);

    internal IEnumerable<string> Problems()
    {
        if (!string.IsNullOrWhiteSpace(Command) && !string.IsNullOrWhiteSpace(Url))
        {
            yield return $"{Section}: both {nameof(Command)} and {nameof(Url)} are set; one of them is allowed.";
        }

        if (!string.IsNullOrWhiteSpace(Url) && !IsAllowed(Url))
        {
            yield return $"{Section}:{nameof(Url)} is \"{Url}\"; an https address, or an http one of this machine (127.0.0.1, [::1], localhost) is allowed.";
        }

        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromMinutes(1))
        {
            yield return $"{Section}:{nameof(TimeLimit)} is {TimeLimit}; above 0 to 00:01:00 is allowed.";
        }

        if (Every <= TimeSpan.Zero || Every > TimeSpan.FromDays(1))
        {
            yield return $"{Section}:{nameof(Every)} is {Every}; above 0 to 1.00:00:00 is allowed.";
        }

        if (AttemptsMax is < 1 or > 100_000)
        {
            yield return $"{Section}:{nameof(AttemptsMax)} is {AttemptsMax}; 1 to 100000 is allowed.";
        }
    }

    private static bool IsAllowed(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps
            || (url.Scheme == Uri.UriSchemeHttp && (url.Host == "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)))));
}
