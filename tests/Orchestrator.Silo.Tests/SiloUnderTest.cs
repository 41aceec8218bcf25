using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Tests;

/// <summary>A silo on a temporary directory, called as any program calls it.</summary>
internal sealed class SiloUnderTest : IAsyncDisposable
{
    private readonly TemporaryDirectory? own;
    private readonly SiloHost host;

    private SiloUnderTest(SiloHost host, TemporaryDirectory? own)
    {
        this.host = host;
        this.own = own;
        Owner = ClientOverSocket(host.Endpoint!.Socket!);
    }

    public SiloHost Host => host;

    public EndpointFile Endpoint => host.Endpoint!;

    /// <summary>Over the socket: administrator of everything.</summary>
    public HttpClient Owner { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>On a directory of its own, or on one that outlives it.</summary>
    public static async Task<SiloUnderTest> StartAsync(TemporaryDirectory? directory = null, Func<SiloSettings, SiloSettings>? with = null)
    {
        var own = directory is null ? new TemporaryDirectory() : null;
        try
        {
            var settings = new SiloSettings { DataDirectory = (directory ?? own)!.Path };
            var host = SiloHost.Build(with?.Invoke(settings) ?? settings);
            await host.StartAsync(Token);
            return new(host, own);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    public static HttpClient ClientOverSocket(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new("http://silo") };

    /// <summary>Over the socket too, where a token takes the owner's place.</summary>
    public async Task<HttpClient> ClientAsync(string user, string role, string institution = "", params string[] projects)
    {
        using var reply = await Owner.PostAsJsonAsync("/v1/tokens", new { user, role, institution, projects }, Token);
        reply.EnsureSuccessStatusCode();
        var client = ClientOverSocket(Endpoint.Socket!);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await ReadAsync<TokenDocument>(reply)).Secret);
        return client;
    }

    public async Task<T> GetAsync<T>(string path)
    {
        using var reply = await Owner.GetAsync(path, Token);
        return await ReadAsync<T>(reply);
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync(Token);
        reply.IsSuccessStatusCode.ShouldBeTrue($"{reply.RequestMessage?.RequestUri} {(int)reply.StatusCode}: {text}");
        return JsonSerializer.Deserialize<T>(text, WireJson.Options)!;
    }

    public static async Task<Problem> ProblemAsync(HttpResponseMessage reply, int status)
    {
        var text = await reply.Content.ReadAsStringAsync(Token);
        ((int)reply.StatusCode).ShouldBe(status, text);
        reply.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        text.ShouldNotContain("   at ");
        return JsonSerializer.Deserialize<Problem>(text, WireJson.Options)!;
    }

    public Task<HttpResponseMessage> SubmitAsync(string yaml, string? key = null, HttpClient? by = null) => SendAsync(by ?? Owner, "/v1/campaigns", yaml, "application/yaml", key);

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, string body, string media = "application/json", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, media) };
        // Else a body that is refused for its length is still being sent when the connection closes.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request, Token);
    }

    public async ValueTask DisposeAsync()
    {
        Owner.Dispose();
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
        own?.Dispose();
    }
}
