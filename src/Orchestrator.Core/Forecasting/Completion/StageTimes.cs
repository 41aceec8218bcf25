using System.Globalization;

namespace Orchestrator.Core.Forecasting.Completion;

/// <summary>The graph of a simulation over time, in seconds from its submission.</summary>
internal sealed class StageTimes
{
    /// <summary>No time is looked at beyond 50 years.</summary>
    public const double Furthest = 50 * 365.25 * 86_400;

    private readonly SimulationOutlook outlook;
    private readonly int[] order;
    private readonly (int From, double Part, double Delay, bool IsSatisfied)[][] edges;
    private readonly RestOfStage[] rests;
    private readonly double present;

    /// <exception cref="ArgumentException">The stages wait for each other.</exception>
    public StageTimes(SimulationOutlook outlook, DateTimeOffset now)
    {
        this.outlook = outlook;
        present = Math.Max(0, Seconds(now));
        var places = outlook.Stages.Select(static (stage, at) => (stage.Name, at)).ToDictionary(static each => each.Name, static each => each.at, StringComparer.Ordinal);
        edges =
        [
            .. outlook.Stages.Select(stage => stage.After.Where(edge => places.ContainsKey(edge.Stage))
                .Select(edge => (places[edge.Stage], edge.Part, edge.Delay.TotalSeconds, edge.IsSatisfied)).ToArray()),
        ];
        order = InOrder(edges);
        rests = [.. outlook.Stages.Select(static stage => stage.IsOver ? default : new RestOfStage(stage))];
    }

    public bool IsOver => outlook.EndedAt is not null;

    /// <summary>Plays everything from the present on.</summary>
    /// <param name="normals">For each stage a number of the standard normal distribution.</param>
    /// <param name="starts">Gets the starts.</param>
    /// <param name="ends">Gets the ends.</param>
    /// <param name="by">Gets for each stage the one that it waited for last; -1: none.</param>
    public void Play(ReadOnlySpan<double> normals, Span<double> starts, Span<double> ends, Span<int> by)
    {
        foreach (var at in order)
        {
            var stage = outlook.Stages[at];
            var (ready, last) = Ready(at, starts, ends, ignoresSatisfied: !stage.IsOver && !stage.IsActive);
            by[at] = last;
            if (stage.IsOver)
            {
                // What was never to run, or was called off, takes no time.
                var over = stage.EndedAt is { } ended ? Seconds(ended) : Math.Min(ready, present);
                starts[at] = stage.StartedAt is { } began ? Seconds(began) : over;
                ends[at] = Math.Max(starts[at], over);
                continue;
            }

            if (stage.IsActive)
            {
                starts[at] = stage.StartedAt is { } began ? Seconds(began) : present;
                ends[at] = Math.Max(starts[at], present) + rests[at].At(normals[at]);
                continue;
            }

            var earliest = Math.Max(ready, present);
            var start = stage.QueuedUntil is { } queued ? Math.Max(earliest, Seconds(queued)) : earliest + (stage.Whole.Expected is { Ticks: 0 } ? 0 : outlook.UsualWait.TotalSeconds);

            // One that was interrupted started long ago, and goes on then.
            starts[at] = stage.StartedAt is { } before ? Seconds(before) : Math.Min(start, Furthest);
            ends[at] = Math.Min(Furthest, start + rests[at].At(normals[at]));
        }
    }

    /// <summary>As it was submitted, if nothing waits for nodes.</summary>
    public (double[] Starts, double[] Ends) Plan()
    {
        var (starts, ends) = (new double[order.Length], new double[order.Length]);
        foreach (var at in order)
        {
            (starts[at], _) = Ready(at, starts, ends, ignoresSatisfied: false);
            ends[at] = Math.Min(Furthest, starts[at] + outlook.Stages[at].Planned.TotalSeconds);
        }

        return (starts, ends);
    }

    /// <summary>How long each stage waited after it could have started, and how long it took; with these, <see cref="Again"/> gives the same times.</summary>
    public (double[] Waits, double[] Lasts) Parts(ReadOnlySpan<double> starts, ReadOnlySpan<double> ends)
    {
        var (waits, lasts) = (new double[order.Length], new double[order.Length]);
        foreach (var at in order)
        {
            var (ready, _) = Ready(at, starts, ends, ignoresSatisfied: false);
            (waits[at], lasts[at]) = (starts[at] - ready, ends[at] - starts[at]);
        }

        return (waits, lasts);
    }

    /// <summary>When all is over if each stage waits and lasts so long.</summary>
    public double Again(ReadOnlySpan<double> waits, ReadOnlySpan<double> lasts)
    {
        var (starts, ends) = (new double[order.Length], new double[order.Length]);
        var last = 0.0;
        foreach (var at in order)
        {
            starts[at] = Ready(at, starts, ends, ignoresSatisfied: false).Ready + waits[at];
            ends[at] = starts[at] + lasts[at];
            last = Math.Max(last, ends[at]);
        }

        return last;
    }

    /// <summary>The stages that decide the end, first to last: the one that ends last, and always the one that it waited for.</summary>
    public List<int> PathTo(ReadOnlySpan<double> ends, ReadOnlySpan<int> by)
    {
        var path = new List<int>();
        var last = -1;
        foreach (var at in order)
        {
            last = last < 0 || ends[at] > ends[last] ? at : last;
        }

        for (var at = last; at >= 0; at = by[at])
        {
            path.Add(at);
        }

        path.Reverse();
        return path;
    }

    public IEnumerable<string> Notes()
    {
        var unsure = rests.Where((rest, at) => !outlook.Stages[at].IsOver && !rest.IsKnown).Count();
        if (unsure > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"of {unsure} stage{(unsure == 1 ? "" : "s")} nobody knows how sure the estimate is: half to twice of it is assumed");
        }

        if (outlook.UsualWait > TimeSpan.Zero && outlook.Stages.Any(static stage => !stage.IsOver && !stage.IsActive && stage.QueuedUntil is null))
        {
            yield return $"a stage without a place in the plan is taken to wait as long as those before it: {Events.DurationWords.Of(outlook.UsualWait)}";
        }
    }

    /// <summary>When a stage could start at the earliest, and the one that it waits for last.</summary>
    private (double Ready, int By) Ready(int at, ReadOnlySpan<double> starts, ReadOnlySpan<double> ends, bool ignoresSatisfied)
    {
        var (ready, by) = (0.0, -1);
        foreach (var (from, part, delay, isSatisfied) in edges[at])
        {
            var moment = starts[from] + (part * (ends[from] - starts[from])) + delay;
            if (ignoresSatisfied && isSatisfied)
            {
                // It waits no longer for this one, however far that is; but that is whom it waited for.
                moment = Math.Min(moment, present);
            }

            if (by < 0 || moment > ready)
            {
                (ready, by) = (Math.Max(0, moment), from);
            }
        }

        return (ready, by);
    }

    private double Seconds(DateTimeOffset moment) => Math.Clamp((moment - outlook.SubmittedAt).TotalSeconds, 0, Furthest);

    private static int[] InOrder((int From, double Part, double Delay, bool IsSatisfied)[][] edges)
    {
        var waiting = Array.ConvertAll(edges, static each => each.Length);
        var followers = edges.SelectMany(static (each, at) => each.Select(edge => (edge.From, at))).ToLookup(static pair => pair.From, static pair => pair.at);
        var ready = new Queue<int>(Enumerable.Range(0, edges.Length).Where(at => waiting[at] == 0));
        var order = new List<int>(edges.Length);
        while (ready.TryDequeue(out var at))
        {
            order.Add(at);
            foreach (var follower in followers[at])
            {
                if (--waiting[follower] == 0)
                {
                    ready.Enqueue(follower);
                }
            }
        }

        return order.Count == edges.Length ? [.. order] : throw new ArgumentException("The stages wait for each other.", nameof(edges));
    }
}
