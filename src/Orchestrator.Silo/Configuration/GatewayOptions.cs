namespace Orchestrator.Silo;

/// <summary>Where the gateway listens, and what it takes.</summary>
public sealed class GatewayOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Gateway";

    /// <summary>The TCP port beside the Unix socket; 0: any free one; null (default): no TCP. Callers over TCP show a token.</summary>
    public int? Port { get; set; }

    /// <summary>The IP address to listen on. Default 127.0.0.1; another one needs <see cref="Certificate"/> or <see cref="AllowPlainText"/>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>A PEM file with the certificate for TLS; null: none.</summary>
    public string? Certificate { get; set; }

    /// <summary>The PEM file with its key; null: it is in the file of the certificate.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Listen beyond loopback without TLS: tokens cross the network readable. Default false.</summary>
    public bool AllowPlainText { get; set; }

    /// <summary>The longest body of a request, in bytes, 65536 to 104857600. Default 8 MiB.</summary>
    public long RequestBodyMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>How long requests get to finish at an ordered end, up to an hour. Default 10 s.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait of an agent for a change of its leases, up to 10 minutes. Default 60 s.</summary>
    public TimeSpan WaitMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A stream of events says that it lives so often, 1 s to 5 minutes. Default 15 s.</summary>
    public TimeSpan EventHeartbeat { get; set; } = TimeSpan.FromSeconds(15);

    internal IEnumerable<string> Problems()
    {
        if (Port is < 0 or > 65535)
        {
            yield return $"{Section}:{nameof(Port)} is {Port}; 0 (any free one) to 65535 are allowed.";
        }

        if (!System.Net.IPAddress.TryParse(Address, out var address))
        {
            yield return $"{Section}:{nameof(Address)} is \"{Address}\"; an IP address is allowed, as in 127.0.0.1 or ::.";
        }
        else if (Port is not null && !System.Net.IPAddress.IsLoopback(address) && Certificate is null && !AllowPlainText)
        {
            yield return $"{Section}:{nameof(Address)} is {Address}, which other machines reach; set {Section}:{nameof(Certificate)} for TLS, or {Section}:{nameof(AllowPlainText)} to true where the network is trusted.";
        }

        if (RequestBodyMax is < 65536 or > 104857600)
        {
            yield return $"{Section}:{nameof(RequestBodyMax)} is {RequestBodyMax}; 65536 to 104857600 bytes are allowed.";
        }

        foreach (var (name, value, least, most) in new[]
        {
            (nameof(Drain), Drain, TimeSpan.Zero, TimeSpan.FromHours(1)),
            (nameof(WaitMax), WaitMax, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            (nameof(EventHeartbeat), EventHeartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{Section}:{name} is {value}; {least} to {most} are allowed.";
            }
        }
    }
}
