using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Abstractions;
using Orchestrator.Core.Events;
using Orchestrator.Client.Events;

namespace Orchestrator.Client.Tests;

public sealed class EventTests
{
    private static readonly OrchestratorClientOptions Quick = new() { RetryDelayFirst = TimeSpan.FromMilliseconds(1), RetryDelayMax = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broken_stream_goes_on_after_the_last_event_and_hands_none_out_twice()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .ThenEvents(": hello\n\n" + Event(3, "a") + Event(5, "b") + "id: 7\ndata: {\"kind\":\"cut o")
            .ThenStatus(503)
            .ThenEvents(Event(5, "b") + Event(7, "c"));
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var read = await client.ReadEventsAsync(new EventFilter { Campaign = "heat" }, after: 2, Token).Take(3).ToListAsync(Token);

        read.Select(static item => $"{item.Position} {item.Event.Kind}").ShouldBe(["3 a", "5 b", "7 c"]);
        gateway.Seen.Select(static request => request.LastEvent).ShouldBe(["2", "5", "5"]);
        gateway.Seen.Select(static request => request.Path).ShouldBe(["/v1/events?campaign=heat&after=2", "/v1/events?campaign=heat&after=5", "/v1/events?campaign=heat&after=5"]);
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task Events_are_handed_out_while_the_stream_is_open()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var seen = new TaskCompletionSource();
        gateway.Then(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Event(1, "first"));
            await context.Response.Body.FlushAsync();
            await seen.Task;
            await context.Response.WriteAsync(Event(2, "second"));
        });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var kinds = new List<string>();
        await foreach (var (_, happened) in client.ReadEventsAsync(cancellationToken: Token))
        {
            kinds.Add(happened.Kind);
            seen.TrySetResult();
            if (kinds.Count == 2)
            {
                break;
            }
        }

        kinds.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task A_silent_stream_is_opened_again()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .Then(static async context =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(Event(1, "first"));
                await context.Response.Body.FlushAsync();
                var gone = new TaskCompletionSource();
                await using var registration = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            })
            .ThenEvents(Event(2, "second"));
        using var client = OrchestratorClient.ForDirectory(gateway.Data, new OrchestratorClientOptions { EventSilence = TimeSpan.FromMilliseconds(200), RetryDelayFirst = TimeSpan.FromMilliseconds(1) });

        var read = await client.ReadEventsAsync(cancellationToken: Token).Take(2).Select(static item => item.Position).ToListAsync(Token);

        read.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_reader_that_is_refused_ends_with_the_refusal()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new { title = "no such campaign", status = 404 }, 404, "application/problem+json");
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var fault = await Should.ThrowAsync<OrchestratorClientException>(async () => await client.ReadEventsAsync(new EventFilter { Campaign = "x" }, cancellationToken: Token).AnyAsync(Token));

        fault.Message.ShouldBe("no such campaign");
    }

    private static string Event(long position, string kind) =>
        $"id: {position}\nevent: {kind}\ndata: {JsonSerializer.Serialize(new OrchestratorEvent { Kind = kind, Sequence = position }, WireJson.Options)}\n\n";
}
