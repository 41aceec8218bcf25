using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Core.Events;

namespace Orchestrator.Silo.Tests;

/// <summary>Reads server-sent events from one connection.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private EventReader(HttpResponseMessage response, StreamReader reader)
    {
        this.response = response;
        this.reader = reader;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<EventReader> OpenAsync(HttpClient client, string query = "", long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events" + query);
        if (lastEventId is { } last)
        {
            request.Headers.Add("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new(response, new(await response.Content.ReadAsStreamAsync(Token)));
    }

    /// <summary>The next event; null when the stream ended.</summary>
    public async Task<(long Id, string Kind, OrchestratorEvent Event)?> NextAsync()
    {
        long id = 0;
        var kind = "";
        OrchestratorEvent? data = null;
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            if (line.Length == 0 && data is not null)
            {
                return (id, kind, data);
            }

            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = long.Parse(line[4..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = JsonSerializer.Deserialize<OrchestratorEvent>(line[6..], WireJson.Options);
            }
        }

        return null;
    }

    /// <summary>Everything up to the first event of this kind, it included.</summary>
    public async Task<List<(long Id, string Kind, OrchestratorEvent Event)>> UntilAsync(string kind)
    {
        var all = new List<(long, string, OrchestratorEvent)>();
        while (await NextAsync() is { } next)
        {
            all.Add(next);
            if (next.Kind == kind)
            {
                return all;
            }
        }

        throw new EndOfStreamException($"The stream ended before {kind}.");
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
