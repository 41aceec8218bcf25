namespace Orchestrator.Core.TaskSets;

/// <summary>
/// Which task is next on a node. Shapes may be as many as tasks, each with a time-out of its own; demands are few. So queues of one demand are looked at together: of those
/// without room only the first counts, and those that end too late are put aside.
/// </summary>
public sealed partial class TaskSet
{
    /// <summary>While a node is kept for a task, at most so many shapes of one demand are looked at for one that ends before.</summary>
    private const int LooksMax = 1000;

    /// <summary>Where the look at each demand is, by the number of its task.</summary>
    private readonly PriorityQueue<Place, int> places = new();

    /// <summary>The queue whose first task the node may start, the first in order.</summary>
    private ReadyQueue? Next(int number, DateTimeOffset now, bool isAhead)
    {
        var node = nodes[number];
        var start = isAhead ? now + (Short * SlackOfSeen) : now;
        ReadyQueue? passed = null;
        DateTimeOffset? before = null;
        var isKept = false;
        foreach (var level in levels.Values)
        {
            places.Clear();
            foreach (var group in level.Values)
            {
                if (group.Demand.FitsIn(node.Capacity) && FirstInTime(group, now) is { } first)
                {
                    places.Enqueue(new() { Queue = first }, first.Head);
                }
            }

            while (places.TryDequeue(out var place, out _))
            {
                var queue = place.Queue;
                if (!EndsInTime(queue, start))
                {
                    GoOn(place);
                    continue;
                }

                if (isAhead && !IsShort(queue))
                {
                    return null;
                }

                if (!node.HasRoomFor(queue.Shape.Demand, isAhead))
                {
                    passed ??= queue;
                    var kept = reservation is { } one && one.Node == number ? shapes[one.Shape] : null;
                    if (kept == queue)
                    {
                        // Behind the one that the node is kept for, only what is gone when it can start.
                        isKept = true;
                        before = EarliestStart(node, queue.Shape.Demand);
                    }

                    if (isAhead)
                    {
                        GoOn(place);
                    }
                    else if (kept is not null && kept.Group == queue.Group && kept.Count > 0 && kept.Head > queue.Head && EndsInTime(kept, now))
                    {
                        // Nothing else of this demand matters: it has no room either.
                        places.Enqueue(new() { Queue = kept }, kept.Head);
                    }

                    continue;
                }

                if (isKept && (isAhead || !(before is { } free && queue.Shape.Timeout is { } longest && now + longest <= free)))
                {
                    GoOn(place);
                    continue;
                }

                Overtake(passed, queue, number);
                return queue;
            }
        }

        return null;
    }

    /// <summary>The first of a demand that may end in time. Those before it are put aside.</summary>
    private ReadyQueue? FirstInTime(DemandGroup group, DateTimeOffset now)
    {
        while (group.InTime.Count > 0)
        {
            var queue = shapes[group.InTime.Min.Shape];
            if (EndsInTime(queue, now))
            {
                return queue;
            }

            group.Judge(queue, isLate: true);
        }

        return null;
    }

    /// <summary>Looks at the next queue of the same demand.</summary>
    private void GoOn(Place place)
    {
        var rest = place.Rest;
        if (rest is null)
        {
            rest = place.Queue.Group.InTime.GetEnumerator();
            rest.MoveNext();
        }

        if (place.Looks < LooksMax && rest.MoveNext())
        {
            places.Enqueue(new() { Queue = shapes[rest.Current.Shape], Rest = rest, Looks = place.Looks + 1 }, rest.Current.Head);
        }
    }

    private static bool IsShort(ReadyQueue queue) => queue.Seen is { Count: >= SeenEnough } seen && seen.Longest <= Short;

    /// <summary>
    /// Whether an attempt is thought to end before the nodes go away: by its limit, or by the longest attempt of its shape where enough have been seen; where nothing is
    /// known, it may start as long as there is time at all.
    /// </summary>
    private bool EndsInTime(ReadyQueue queue, DateTimeOffset now)
    {
        if (EndsAt is not { } end)
        {
            return true;
        }

        var (longest, count) = queue.Seen;
        var bound = queue.Shape.Timeout is { } limit
            ? count >= SeenEnough && longest * SlackOfSeen < limit ? longest * SlackOfSeen : limit
            : longest;
        return now < end && now + bound <= end;
    }

    /// <summary>A queue that is looked at, and those behind it.</summary>
    private readonly record struct Place
    {
        public required ReadyQueue Queue { get; init; }

        public IEnumerator<(int Head, int Shape)>? Rest { get; init; }

        public int Looks { get; init; }
    }
}
