using System.Buffers;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>
/// One pass over the queue in its order. Who fits starts; the first that do not keep a place in time, as many as the kind of backfill says; whoever comes later starts only
/// where it takes nothing of those places. With one place and one kind of processor that is EASY to the letter: a later one ends by the shadow time, or takes of what the
/// head leaves over at it.
/// </summary>
internal static class BackfillPass
{
    /// <param name="timeline">Opened at <paramref name="now"/>.</param>
    /// <param name="queue">In the order in which it is considered.</param>
    /// <param name="slips">
    /// Indexes of the queue in the order in which those are tried that may only slip in, once the last place in time is kept (<see cref="BackfillKind.Depth"/> alone); empty: the order of the queue.
    /// </param>
    /// <param name="settings">Kind and limits.</param>
    /// <param name="now">UTC ticks.</param>
    /// <param name="results">One for each of <paramref name="queue"/>, at the same index.</param>
    public static void Run<TTimeline, TItem>(TTimeline timeline, ReadOnlySpan<TItem> queue, ReadOnlySpan<int> slips, BackfillSettings settings, long now, Span<PassResult> results)
        where TTimeline : ITimeline<TItem>
    {
        results[..queue.Length].Clear();
        var places = Places(settings);
        var latest = settings.Window is { } window && window.Ticks < ITimeline<TItem>.Never - 1 - now ? now + window.Ticks : ITimeline<TItem>.Never - 1;
        var looked = Math.Min(queue.Length, settings.Depth ?? int.MaxValue);
        var kept = 0;
        for (var turn = 0; turn < looked; turn++)
        {
            var result = Decide(timeline, queue[turn], now, kept < places, latest);
            results[turn] = result;
            if (result.Verdict == PassVerdict.NoRoom && settings.Kind == BackfillKind.None)
            {
                results[(turn + 1)..looked].Fill(new(PassVerdict.Behind));
                return;
            }

            if (result.Verdict != PassVerdict.Kept || ++kept != places)
            {
                continue;
            }

            if (settings.Kind == BackfillKind.EasyShortestFirst)
            {
                ShortestFirst(timeline, queue[..looked], turn + 1, now, latest, results);
                return;
            }

            if (settings.Kind == BackfillKind.Depth && !slips.IsEmpty)
            {
                foreach (var slip in slips)
                {
                    if (slip > turn && slip < looked)
                    {
                        results[slip] = Decide(timeline, queue[slip], now, mayKeep: false, latest);
                    }
                }

                return;
            }
        }
    }

    private static int Places(BackfillSettings settings) => settings.Kind switch
    {
        BackfillKind.None => 0,
        BackfillKind.Easy or BackfillKind.EasyShortestFirst => 1,
        BackfillKind.Conservative => int.MaxValue,
        _ => Math.Max(1, settings.Reservations),
    };

    private static PassResult Decide<TTimeline, TItem>(TTimeline timeline, in TItem item, long now, bool mayKeep, long latest)
        where TTimeline : ITimeline<TItem>
    {
        switch (timeline.TryStart(item))
        {
            case TryVerdict.Started:
                return new(PassVerdict.Started, now);
            case TryVerdict.Refused:
                return new(PassVerdict.Refused);
            case TryVerdict.NeverFits:
                return new(PassVerdict.NeverFits);
            default:
                var start = mayKeep ? timeline.Keep(item, latest) : ITimeline<TItem>.Never;
                return start == ITimeline<TItem>.Never ? new(PassVerdict.NoRoom) : new(PassVerdict.Kept, start);
        }
    }

    /// <summary>The head keeps its place; the rest by estimate, equal ones in the order of the queue.</summary>
    private static void ShortestFirst<TTimeline, TItem>(TTimeline timeline, ReadOnlySpan<TItem> queue, int from, long now, long latest, Span<PassResult> results)
        where TTimeline : ITimeline<TItem>
    {
        var count = queue.Length - from;
        var rented = ArrayPool<(long Estimate, int Turn)>.Shared.Rent(count);
        var rest = rented.AsSpan(0, count);
        for (var at = 0; at < count; at++)
        {
            rest[at] = (timeline.Estimate(queue[from + at]), from + at);
        }

        rest.Sort();
        foreach (var (_, turn) in rest)
        {
            results[turn] = Decide(timeline, queue[turn], now, mayKeep: false, latest);
        }

        ArrayPool<(long Estimate, int Turn)>.Shared.Return(rented);
    }
}
