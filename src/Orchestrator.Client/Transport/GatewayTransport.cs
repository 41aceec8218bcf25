using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Client.Transport;

/// <summary>
/// Sends requests to the gateway. A change carries one Idempotency-Key over all its tries, so that a try whose answer was lost is not done twice; transient failures are
/// tried again within the options' limits; every other failure is an <see cref="OrchestratorClientException"/>.
/// </summary>
internal sealed class GatewayTransport : IDisposable
{
    public const string KeyHeader = "Idempotency-Key";

    private static readonly HttpRequestOptionsKey<GatewayEndpoint> EndpointOption = new("endpoint");

    private readonly EndpointSource source;
    private readonly OrchestratorClientOptions options;
    private readonly HttpClient http;

    public GatewayTransport(EndpointSource source, OrchestratorClientOptions options)
    {
        this.source = source;
        this.options = options;
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            // A node may lie beyond a proxy of the site; a gateway never does.
            UseProxy = false,
            AllowAutoRedirect = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public OrchestratorClientOptions Options => options;

    public string Description => source.Description;

    /// <summary>Names one change.</summary>
    public static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken, TimeSpan wait = default)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, null, wait, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, null, default, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>A change, with a JSON body.</summary>
    public Task<T> PostAsync<T>(string path, object body, string? key, CancellationToken cancellationToken) => PostAsync<T>(path, () => Json(body), key, cancellationToken);

    /// <summary>A change whose answer says nothing more.</summary>
    public async Task PostAsync(string path, object body, string? key, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, () => Json(body), key ?? NewKey(), default, cancellationToken);
    }

    /// <summary>A change, with any body; the content is made anew for each try.</summary>
    public async Task<T> PostAsync<T>(string path, Func<HttpContent?> content, string? key, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, content, key ?? NewKey(), default, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>A change by another method, with any body.</summary>
    public async Task<T> ChangeAsync<T>(HttpMethod method, string path, Func<HttpContent?> content, string? key, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content, key ?? NewKey(), default, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    public Task<T> ChangeAsync<T>(HttpMethod method, string path, object body, string? key, CancellationToken cancellationToken) => ChangeAsync<T>(method, path, () => Json(body), key, cancellationToken);

    public async Task DeleteAsync(string path, string? key, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Delete, path, null, key ?? NewKey(), default, cancellationToken);
    }

    /// <summary>Opens a stream of events: one try, headers only; the caller comes back by itself.</summary>
    public async Task<HttpResponseMessage> OpenEventsAsync(string path, long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var endpoint = source.Current();
            using var request = Request(endpoint, HttpMethod.Get, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            request.Headers.TryAddWithoutValidation("Last-Event-ID", after.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var limit = new CancellationTokenSource(options.RequestTimeout, options.Clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    throw await FaultAsync(response, cancellationToken);
                }
            }
            catch (Exception fault) when (IsLost(fault, cancellationToken))
            {
                if (!IsRefused(fault) || !source.Failed(endpoint))
                {
                    throw Unreachable(fault);
                }
            }
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent?>? content, string? key, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = options.Clock.GetTimestamp();
        var delay = options.RetryDelayFirst;
        while (true)
        {
            OrchestratorClientException last;
            var patience = options.RetryFor;
            GatewayEndpoint? endpoint = null;
            try
            {
                endpoint = source.Current();
                using var request = Request(endpoint, method, path);
                request.Content = content?.Invoke();
                if (key is not null)
                {
                    request.Headers.TryAddWithoutValidation(KeyHeader, key);
                }

                using var limit = new CancellationTokenSource(options.RequestTimeout + wait, options.Clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, both.Token);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    last = await FaultAsync(response, cancellationToken);
                }

                if (!last.IsTransient)
                {
                    throw last;
                }
            }
            catch (Exception fault) when (endpoint is not null && IsLost(fault, cancellationToken))
            {
                if (IsRefused(fault))
                {
                    if (source.Failed(endpoint))
                    {
                        continue;
                    }

                    patience = options.RetryUnreachableFor;
                }

                last = Unreachable(fault);
            }
            catch (OrchestratorClientException fault) when (endpoint is null)
            {
                patience = options.RetryUnreachableFor;
                last = fault;
            }

            if (options.Clock.GetElapsedTime(started) + delay > patience)
            {
                throw last;
            }

            await Task.Delay(delay, options.Clock, cancellationToken);
            delay = delay * 2 < options.RetryDelayMax ? delay * 2 : options.RetryDelayMax;
        }
    }

    private static ByteArrayContent Json(object body) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), WireJson.Options)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static HttpRequestMessage Request(GatewayEndpoint endpoint, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(endpoint.Address, path));
        request.Options.Set(EndpointOption, endpoint);
        if (endpoint.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var path = context.InitialRequestMessage.Options.TryGetValue(EndpointOption, out var endpoint) ? endpoint.Socket : null;
        var socket = path is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(path is null ? context.DnsEndPoint : new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(await response.Content.ReadAsByteArrayAsync(cancellationToken), WireJson.Options)
                ?? throw new JsonException("the answer is null");
        }
        catch (JsonException fault)
        {
            throw new OrchestratorClientException($"the gateway's answer to {response.RequestMessage?.RequestUri?.PathAndQuery} is not what this release reads: {fault.Message}", HttpStatusCode.OK, null);
        }
    }

    private static async Task<OrchestratorClientException> FaultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                problem = JsonSerializer.Deserialize<Problem>(await response.Content.ReadAsByteArrayAsync(cancellationToken), WireJson.Options);
            }
            catch (JsonException)
            {
                // The status alone says enough.
                problem = null;
            }
        }

        var message = problem is { Title.Length: > 0 }
            ? problem.Detail is { Length: > 0 } detail && detail != problem.Title ? $"{problem.Title}: {detail}" : problem.Title
            : $"the gateway answered {(int)response.StatusCode} {response.ReasonPhrase}";
        return new OrchestratorClientException(message, response.StatusCode, problem);
    }

    private OrchestratorClientException Unreachable(Exception fault) => fault is OperationCanceledException
        ? new OrchestratorClientException($"the gateway on {Description} did not answer in time", fault)
        : IsRefused(fault)
            ? new OrchestratorClientException($"nothing runs on {Description}", fault)
            : new OrchestratorClientException($"the connection to the gateway on {Description} was lost: {fault.Message}", fault);

    private static bool IsLost(Exception fault, CancellationToken cancellationToken) =>
        fault is HttpRequestException or IOException or SocketException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static bool IsRefused(Exception fault) => fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
}
