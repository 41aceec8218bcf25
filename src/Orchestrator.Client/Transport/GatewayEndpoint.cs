namespace Orchestrator.Client.Transport;

/// <summary>One way to a gateway: a Unix socket, or TCP with a token.</summary>
internal sealed record GatewayEndpoint
{
    /// <summary>Null: TCP.</summary>
    public string? Socket { get; init; }

    /// <summary>With a socket only the host header.</summary>
    public Uri Address { get; init; } = new("http://orchestrator/");

    /// <summary>Null: no token is sent.</summary>
    public string? Token { get; init; }

    public override string ToString() => Socket ?? Address.ToString();
}
