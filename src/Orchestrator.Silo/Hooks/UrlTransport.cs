using System.Globalization;
using System.Text;

namespace Orchestrator.Silo.Hooks;

/// <summary>Asks a service: the question is posted as JSON, and the body of an answer with a status from 200 to 299 is the answer. It follows no redirections.</summary>
internal sealed class UrlTransport : IHookTransport, IDisposable
{
    private readonly Uri url;
    private readonly HttpClient client;

    public UrlTransport(Uri url)
    {
        this.url = url;
        client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !url.IsLoopback })
        {
            MaxResponseContentBufferSize = HookFailedException.AnswerMax,

            // The caller's token is the limit.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<string> AskAsync(string question, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new StringContent(question, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(url, content, cancellationToken);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(cancellationToken)
                : throw new HookFailedException(string.Create(CultureInfo.InvariantCulture, $"the service answered with status {(int)response.StatusCode}"));
        }
        catch (HttpRequestException error)
        {
            throw new HookFailedException($"the service could not be asked: {error.Message}", error);
        }
    }

    public void Dispose() => client.Dispose();
}
