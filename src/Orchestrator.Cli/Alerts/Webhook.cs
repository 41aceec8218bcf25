using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Orchestrator.Cli.Alerts;

/// <summary>
/// Posts JSON to a service. Each try has a time limit; what may pass (nobody there, 408, 429, 5xx) is tried again after 1 s, 2 s, 4 s, up to 30 s. All tries of one event carry the same Idempotency-Key, so that
/// who got it before can tell. It follows no redirections.
/// </summary>
internal sealed class Webhook(Uri address, TimeSpan timeLimit, int triesMax, HttpMessageHandler handler, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A user and a secret in the address are sent as they are meant, since nobody else does it; null: there are none.</summary>
    private readonly AuthenticationHeaderValue? credentials =
        address.UserInfo.Length == 0 ? null : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));

    private readonly HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1 << 16 };

    public Webhook(Uri address, TimeSpan timeLimit, int triesMax, TimeProvider clock)
        : this(address, timeLimit, triesMax, new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !address.IsLoopback }, clock)
    {
    }

    /// <summary>All of it.</summary>
    public string Address => address.AbsoluteUri;

    /// <summary>Without what may be a secret: such addresses often carry one before the host, in their path or in their query.</summary>
    public string Name => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Null: it was taken, with a status from 200 to 299; else why not, as a phrase, with how often it was tried.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<(string? Problem, int Tries)> PostAsync(string id, string json, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(1);
        for (var tries = 1; ; tries++)
        {
            var (problem, mayPass) = await TryAsync(id, json, cancellationToken);
            if (problem is null || !mayPass || tries >= triesMax)
            {
                return (problem, tries);
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<(string? Problem, bool MayPass)> TryAsync(string id, string json, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", id);
            request.Headers.Authorization = credentials;
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var mayPass = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            return response.IsSuccessStatusCode ? (null, false) : (string.Create(CultureInfo.InvariantCulture, $"it answered with status {(int)response.StatusCode}"), mayPass);
        }
        catch (HttpRequestException fault)
        {
            return ($"it could not be reached: {fault.Message}", true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"it did not answer within {timeLimit.TotalSeconds:0.#} s"), true);
        }
    }
}
