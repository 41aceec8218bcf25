using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>Says a thing to a segment until it is answered: while the service is away, tasks run on.</summary>
/// <param name="source">Where the segments are.</param>
/// <param name="clock">The time.</param>
/// <param name="leaveWithin">So long it is tried once the worker is to leave.</param>
/// <param name="warn">Tells people.</param>
internal sealed class SegmentTalk(ITaskSegments source, TimeProvider clock, TimeSpan leaveWithin, Action<string> warn)
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);

    /// <param name="segment">Which.</param>
    /// <param name="exchange">What is said.</param>
    /// <param name="isLeaving">Whether the worker is to leave by now.</param>
    /// <exception cref="TaskSegmentsException">It refuses for good.</exception>
    public async Task<TaskExchangeReply> SayAsync(int segment, TaskExchange exchange, Func<bool> isLeaving)
    {
        var pause = RetryFirst;
        long? leavingSince = null;
        string? told = null;
        while (true)
        {
            try
            {
                return await source.ExchangeAsync(segment, exchange, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TaskSegmentsException fault) when (fault.IsTransient)
            {
                if (fault.Message != told)
                {
                    warn($"{fault.Message}; it is tried again, and tasks run on meanwhile");
                    told = fault.Message;
                }
            }

            leavingSince ??= isLeaving() ? clock.GetTimestamp() : null;
            if (leavingSince is { } since && clock.GetElapsedTime(since) >= leaveWithin)
            {
                // What it has is taken from it when its attempt is seen to be over.
                return new() { Outcome = TaskExchangeOutcome.Over };
            }

            await Task.Delay(pause, clock, CancellationToken.None).ConfigureAwait(false);
            pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
        }
    }
}
