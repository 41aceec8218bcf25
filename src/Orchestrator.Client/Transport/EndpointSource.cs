using System.Collections.Immutable;

namespace Orchestrator.Client.Transport;

/// <summary>
/// The endpoint that requests go to. Found through a data directory it follows the gateway: when every way that <c>gateway.json</c> names failed, the file is read again,
/// since a gateway that was restarted may listen elsewhere. The socket comes first; another machine that shares the directory goes on to TCP.
/// </summary>
internal sealed class EndpointSource
{
    private readonly Lock gate = new();
    private readonly string? dataDirectory;
    private ImmutableArray<GatewayEndpoint> candidates = [];
    private int current;

    private EndpointSource(string? dataDirectory, ImmutableArray<GatewayEndpoint> candidates)
    {
        this.dataDirectory = dataDirectory;
        this.candidates = candidates;
    }

    /// <summary>For messages: where the gateway was looked for.</summary>
    public string Description => dataDirectory ?? candidates[0].ToString();

    public static EndpointSource Of(string dataDirectory) => new(Path.GetFullPath(dataDirectory), []);

    public static EndpointSource Of(GatewayEndpoint endpoint) => new(null, [endpoint]);

    /// <exception cref="OrchestratorClientException">Nothing runs on the data directory.</exception>
    public GatewayEndpoint Current()
    {
        lock (gate)
        {
            if (candidates.IsEmpty)
            {
                candidates = Read(dataDirectory!);
                current = 0;
            }

            return candidates[current];
        }
    }

    /// <summary>Nothing answered there. True when there is another way to try at once.</summary>
    public bool Failed(GatewayEndpoint endpoint)
    {
        lock (gate)
        {
            if (candidates.IsEmpty || !ReferenceEquals(candidates[current], endpoint))
            {
                return !candidates.IsEmpty;
            }

            if (current + 1 < candidates.Length)
            {
                current++;
                return true;
            }

            current = 0;
            if (dataDirectory is not null)
            {
                candidates = [];
            }

            return false;
        }
    }

    private static ImmutableArray<GatewayEndpoint> Read(string dataDirectory)
    {
        var file = DataDirectory.ReadEndpoint(dataDirectory) ?? throw new OrchestratorClientException($"nothing runs on {dataDirectory}");
        var found = ImmutableArray.CreateBuilder<GatewayEndpoint>(2);
        if (file.Socket is { Length: > 0 } socket)
        {
            found.Add(new GatewayEndpoint { Socket = Path.GetFullPath(socket, dataDirectory) });
        }

        if (Uri.TryCreate(file.Url, UriKind.Absolute, out var url))
        {
            found.Add(new GatewayEndpoint { Address = url, Token = DataDirectory.ReadToken(dataDirectory) });
        }

        return found.Count > 0 ? found.ToImmutable() : throw new OrchestratorClientException($"the gateway on {dataDirectory} names no address");
    }
}
