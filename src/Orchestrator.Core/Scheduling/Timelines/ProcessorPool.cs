namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// Equal processors, of which only the number matters: how many are free at each moment from now on. What runs is kept from plan to plan by <see cref="Add"/> and <see cref="Remove"/>;
/// what a plan takes is forgotten by the next <see cref="Open"/>.
/// </summary>
internal sealed class ProcessorPool : ITimeline<ProcessorRequest>
{
    // What runs, by the end of its estimate.
    private long[] ends = new long[16];
    private int[] held = new int[16];
    private int running;

    // From times[i] until times[i + 1], free[i] are free; least[i] is the least from now until then.
    private long[] times = new long[16];
    private int[] free = new int[16];
    private int[] least = new int[16];
    private int steps;
    private long now;

    /// <exception cref="ArgumentOutOfRangeException">Fewer than none.</exception>
    public ProcessorPool(int processors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processors);
        Processors = processors;
        Open(0);
    }

    /// <summary>All there are.</summary>
    public int Processors { get; }

    /// <summary>How many nobody runs on.</summary>
    public int Idle { get; private set; }

    /// <summary>How many are free now, after what this plan started.</summary>
    public int FreeNow => free[0];

    /// <summary>Something runs until <paramref name="end"/>, by its estimate; <see cref="long.MaxValue"/>: not known.</summary>
    public void Add(long end, int processors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processors);
        var at = Array.BinarySearch(ends, 0, running, end);
        at = at < 0 ? ~at : at;
        if (running == ends.Length)
        {
            Array.Resize(ref ends, running * 2);
            Array.Resize(ref held, running * 2);
        }

        Array.Copy(ends, at, ends, at + 1, running - at);
        Array.Copy(held, at, held, at + 1, running - at);
        (ends[at], held[at]) = (end, processors);
        running++;
        Idle -= processors;
    }

    /// <summary>What was added with the same end and number is over.</summary>
    /// <exception cref="ArgumentException">Nothing such was added.</exception>
    public void Remove(long end, int processors)
    {
        var at = Array.BinarySearch(ends, 0, running, end);
        while (at > 0 && ends[at - 1] == end)
        {
            at--;
        }

        while (at >= 0 && at < running && ends[at] == end && held[at] != processors)
        {
            at++;
        }

        if (at < 0 || at >= running || ends[at] != end)
        {
            throw new ArgumentException($"Nothing runs on {processors} processors until {end}.", nameof(end));
        }

        running--;
        Array.Copy(ends, at + 1, ends, at, running - at);
        Array.Copy(held, at + 1, held, at, running - at);
        Idle += processors;
    }

    /// <summary>Begins a plan at a moment: what should have ended by then and still runs is taken to end just after it.</summary>
    public void Open(long moment)
    {
        now = moment;
        var taken = 0;
        for (var at = 0; at < running; at++)
        {
            taken += held[at];
        }

        Idle = Processors - taken;
        Reserve(running + 2);
        steps = 1;
        (times[0], free[0]) = (now, Idle);
        for (var at = 0; at < running && ends[at] != long.MaxValue; at++)
        {
            var end = Math.Max(ends[at], now + 1);
            if (times[steps - 1] != end)
            {
                (times[steps], free[steps]) = (end, free[steps - 1]);
                steps++;
            }

            free[steps - 1] += held[at];
        }

        Minimize();
    }

    /// <inheritdoc/>
    public TryVerdict TryStart(in ProcessorRequest item)
    {
        if (item.Processors > Processors)
        {
            return TryVerdict.NeverFits;
        }

        if (item.Processors > free[0])
        {
            return TryVerdict.NoRoom;
        }

        var until = End(now, item.Estimate);
        if (item.Processors > least[Before(until)])
        {
            return TryVerdict.NoRoom;
        }

        Take(now, until, item.Processors);
        return TryVerdict.Started;
    }

    /// <inheritdoc/>
    public long Keep(in ProcessorRequest item, long latest)
    {
        var start = Earliest(item.Processors, item.Estimate, now);
        if (start <= latest && start != ITimeline<ProcessorRequest>.Never)
        {
            Take(start, End(start, item.Estimate), item.Processors);
            return start;
        }

        return ITimeline<ProcessorRequest>.Never;
    }

    /// <inheritdoc/>
    public long Estimate(in ProcessorRequest item) => item.Estimate;

    /// <summary>The first moment from <paramref name="from"/> on at which so many are free, and stay so for so long; takes nothing.</summary>
    public long Earliest(int processors, long estimate, long from)
    {
        if (processors > Processors)
        {
            return ITimeline<ProcessorRequest>.Never;
        }

        var step = Before(Math.Max(from, now) + 1);
        while (step < steps)
        {
            var start = Math.Max(Math.Max(times[step], from), now);
            var until = End(start, estimate);
            var tight = step;
            while (tight < steps && times[tight] < until && free[tight] >= processors)
            {
                tight++;
            }

            if (tight == steps || times[tight] >= until)
            {
                return start;
            }

            step = tight + 1;
        }

        return ITimeline<ProcessorRequest>.Never;
    }

    /// <summary>Takes so many from one moment until another, whether they are free or not.</summary>
    public void Take(long from, long until, int processors)
    {
        var first = Split(from);
        var last = until == long.MaxValue ? steps : Split(until);
        for (var step = first; step < last; step++)
        {
            free[step] -= processors;
        }

        Minimize();
    }

    /// <summary>An estimate of nothing still takes an instant.</summary>
    private static long End(long start, long estimate) => estimate >= long.MaxValue - start ? long.MaxValue : start + Math.Max(1, estimate);

    /// <summary>The last step that begins before a moment after now.</summary>
    private int Before(long moment)
    {
        var at = Array.BinarySearch(times, 0, steps, moment);
        return (at < 0 ? ~at : at) - 1;
    }

    /// <summary>The step that begins at a moment, made if there is none.</summary>
    private int Split(long moment)
    {
        var at = Array.BinarySearch(times, 0, steps, moment);
        if (at >= 0)
        {
            return at;
        }

        at = ~at;
        Reserve(steps + 1);
        Array.Copy(times, at, times, at + 1, steps - at);
        Array.Copy(free, at, free, at + 1, steps - at);
        (times[at], free[at]) = (moment, free[at - 1]);
        steps++;
        return at;
    }

    private void Minimize()
    {
        var smallest = int.MaxValue;
        for (var step = 0; step < steps; step++)
        {
            smallest = Math.Min(smallest, free[step]);
            least[step] = smallest;
        }
    }

    private void Reserve(int length)
    {
        if (times.Length < length)
        {
            Array.Resize(ref times, length * 2);
            Array.Resize(ref free, length * 2);
            Array.Resize(ref least, length * 2);
        }
    }
}
