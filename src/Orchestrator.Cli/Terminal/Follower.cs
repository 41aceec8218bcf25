using System.Threading.Channels;
using Orchestrator.Client;
using Orchestrator.Client.Events;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Terminal;

/// <summary>Reads events until something is over. The end is looked up beside the events, every two seconds, so that a late or lost event ends nothing and delays nothing.</summary>
internal sealed class Follower(OrchestratorClient client, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="FollowAsync(EventFilter, long, Func{long, OrchestratorEvent, Task}, Func{CancellationToken, Task{bool}}?, CancellationToken)"/>
    public Task FollowAsync(
        EventFilter filter, long after, Action<long, OrchestratorEvent> show, Func<CancellationToken, Task<bool>>? look, CancellationToken cancellationToken) =>
        FollowAsync(
            filter, after,
            (position, happened) =>
            {
                show(position, happened);
                return Task.CompletedTask;
            },
            look, cancellationToken);

    /// <param name="filter">Which events.</param>
    /// <param name="after">Behind this position.</param>
    /// <param name="show">Called for each event, in order.</param>
    /// <param name="look">Called when something ended, and every two seconds; true: it is over. Null: never over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task FollowAsync(
        EventFilter filter, long after, Func<long, OrchestratorEvent, Task> show, Func<CancellationToken, Task<bool>>? look, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<(long Position, OrchestratorEvent Event)>(1000);
        var reading = ReadAsync(filter, after, events.Writer, ending.Token);
        try
        {
            var over = false;
            Task<bool>? ready = null;
            while (true)
            {
                ready ??= events.Reader.WaitToReadAsync(cancellationToken).AsTask();
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(ready, Task.Delay(LookAgain, clock, pause.Token));
                await pause.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
                var ended = !ready.IsCompleted;
                if (ready.IsCompleted)
                {
                    if (!await ready)
                    {
                        await reading;
                        return;
                    }

                    ready = null;
                    while (events.Reader.TryRead(out var item))
                    {
                        await show(item.Position, item.Event);
                        ended |= EventText.IsEnd(item.Event);
                    }
                }

                if (over)
                {
                    return;
                }

                // Once more around after the end: its last events may be on their way.
                over = ended && look is not null && await LookAsync(look, cancellationToken);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>A gateway that is away has not ended anything; how long it may be away is for the reader of events to say.</summary>
    private static async Task<bool> LookAsync(Func<CancellationToken, Task<bool>> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look(cancellationToken);
        }
        catch (OrchestratorClientException fault) when (fault.IsTransient)
        {
            return false;
        }
    }

    private async Task ReadAsync(EventFilter filter, long after, ChannelWriter<(long Position, OrchestratorEvent Event)> into, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in client.ReadEventsAsync(filter, after, cancellationToken))
            {
                await into.WriteAsync(item, cancellationToken);
            }
        }
        catch (Exception fault)
        {
            into.Complete(fault);
            throw;
        }
    }
}
