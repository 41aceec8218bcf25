using Orchestrator.Core.Events;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Orchestrator.Core.Ids;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Events;

/// <summary>Everything that happens, as server-sent events. The id of each is its position in the log: who sends it back gets what came after, no event twice and none left out.</summary>
internal static class EventRoutes
{
    private const int PageSize = 500;

    public static void Map(Routes routes)
    {
        var (events, clock, lifetime, heartbeat) = (routes.Get<IEventLog>(), routes.Get<TimeProvider>(), routes.Get<IHostApplicationLifetime>(), routes.Get<SiloConfiguration>().Gateway.EventHeartbeat);
        routes.Map(
            "GET", "/v1/events",
            new()
            {
                Summary = "Events from a position on, and then as they happen: text/event-stream with id = position, event = kind, data = the event.",
                Returns = typeof(OrchestratorEvent),
                ReturnsMedia = "text/event-stream",
                Query =
                [
                    new("campaign", "Of this campaign."), new("simulation", "Of this simulation."), new("kind", "Of these kinds."), new("level", "Of this level and above: info, warning, error."),
                    new("after", "Behind this position; Last-Event-ID wins. Without either: from the oldest event that is kept."), new("follow", "false: end with the newest event."),
                ],
            },
            async call =>
            {
                var after = call.Query.Number("after", 0, long.MaxValue, 0);
                var follow = call.Query.Flag("follow") ?? true;
                var simulation = call.Query.Text("simulation");
                if (simulation is not null && !SimulationId.TryParse(simulation, out _))
                {
                    call.Query.Refuse("simulation", simulation, "\"s-\" and a name");
                }

                if (call.Http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
                {
                    if (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after))
                    {
                        call.Query.Refuse("Last-Event-ID", last, "the id of an event");
                    }
                }

                var kinds = call.Query.Texts("kind");
                var grave = EventLevels.KindsFrom(call.Query.Choice<EventLevel>("level", call.Query.Text("level")) ?? EventLevel.Absent);
                IReadOnlyList<string> meant = grave.IsEmpty ? kinds : kinds.Count == 0 ? grave : [.. kinds.Where(grave.Contains)];
                if (meant.Count == 0 && kinds.Count > 0)
                {
                    call.Query.Refuse("kind", string.Join(',', kinds), $"with that level: {string.Join(", ", grave)}");
                }

                call.Query.Check();
                var filter = new EventFilter { Campaign = call.Query.Text("campaign"), Simulation = simulation, Kinds = meant };
                using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, lifetime.ApplicationStopping);
                try
                {
                    await StreamAsync(call, filter, after, follow, end.Token);
                }
                catch (OperationCanceledException) when (end.IsCancellationRequested)
                {
                    // The reader hung up, or the silo ends: the reader comes back with the id of the last event.
                }

                return Reply.Written;
            });

        async Task StreamAsync(Call call, EventFilter filter, long position, bool follow, CancellationToken cancellationToken)
        {
            var response = call.Http.Response;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            call.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await response.WriteAsync(": orchestrator\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
            while (true)
            {
                // Taken before the read: what the filter leaves out up to here need not be looked at again.
                var newest = await events.LastPositionAsync(cancellationToken);
                var page = await events.ReadAsync(position, filter, PageSize, cancellationToken);
                foreach (var happened in page)
                {
                    position = happened.Position;
                    if (call.Caller.Sees(happened.Project))
                    {
                        await WriteAsync(response, happened, cancellationToken);
                    }
                }

                if (page.Count > 0)
                {
                    await response.Body.FlushAsync(cancellationToken);
                }

                if (page.Count == PageSize)
                {
                    continue;
                }

                if (!follow)
                {
                    return;
                }

                position = Math.Max(position, newest);
                await WaitAsync(response, position, cancellationToken);
            }
        }

        async Task WaitAsync(HttpResponse response, long position, CancellationToken cancellationToken)
        {
            while (true)
            {
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var next = events.WaitAsync(position, pause.Token);
                var beat = Task.Delay(heartbeat, clock, pause.Token);
                if (await Task.WhenAny(next, beat) == next)
                {
                    await pause.CancelAsync();
                    await next;
                    return;
                }

                await pause.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
                await response.WriteAsync(": alive\n\n", cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
            }
        }
    }

    private static async Task WriteAsync(HttpResponse response, EventRecord happened, CancellationToken cancellationToken)
    {
        await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {happened.Position}\nevent: {happened.Kind}\ndata: "), cancellationToken);
        await response.Body.WriteAsync(happened.Payload, cancellationToken);
        await response.Body.WriteAsync("\n\n"u8.ToArray(), cancellationToken);
    }
}
