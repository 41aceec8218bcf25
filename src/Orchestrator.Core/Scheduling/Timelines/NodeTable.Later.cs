namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    private readonly StartSpans spans = new();
    private readonly StartSpans partSpans = new();
    private readonly List<int> startable = [];
    private readonly List<OpenSpan> openStarts = [];

    /// <summary>Of each pattern, the first of its spans in <see cref="openStarts"/>.</summary>
    private int[] openFrom = [];
    private bool[] marks = [];

    /// <summary>The nodes of the place that was kept last, by id.</summary>
    public IEnumerable<SchedulableNode> PlaceNodes => chosen.Select(slot => slots[slot].Node);

    /// <summary>Keeps the earliest place in time, not later than a moment, and says when it begins; <see cref="long.MaxValue"/>: there is none.</summary>
    public long Keep(Shape shape, PendingRequest request, long estimate, long latest, INodeRanking ranking, int turn)
    {
        if (shape.HasNoPlace(estimate))
        {
            return long.MaxValue;
        }

        var start = Earliest(shape, estimate, out var part);
        if (start > latest || start == long.MaxValue)
        {
            shape.SetNoPlace(estimate);
            return long.MaxValue;
        }

        startable.Clear();
        (part < 0 ? spans : partSpans).At(start, startable);
        foreach (var slot in startable)
        {
            marks[slot] = true;
        }

        Choose(new Marked(marks), shape, request, ranking);
        foreach (var slot in startable)
        {
            marks[slot] = false;
        }

        var wanted = shape.Wanted;
        foreach (var slot in chosen)
        {
            var calendar = slots[slot];
            var until = NodeCalendar.End(start, estimate);
            calendar.IsOpen(shape, start, ref until, moment, out _);
            calendar.KeepLater(new()
            {
                From = start,
                Until = until,
                Cores = shape.Cores,
                Memory = wanted.MemoryPerNode,
                Storage = wanted.StoragePerNode,
                Network = wanted.NetworkPerNode,
                Gpus = calendar.ChooseGpusAt(shape, shape.Suits[calendar.Kind.Index], start, until, moment),
                GpuThousandths = wanted.GpuThousandths,
                Exclusive = wanted.Exclusive,
                Planned = true,
                Reservation = shape.Inside,
                Turn = turn,
            });
            Touch(calendar);
            Publish(calendar);
        }

        changes++;
        TakeLicences(shape, start, NodeCalendar.End(start, estimate));
        return start;
    }

    /// <summary>The first moment at which enough nodes, together if asked for, and licences are there; the part of the topology that has them, -1: none in particular.</summary>
    private long Earliest(Shape shape, long estimate, out int part)
    {
        part = -1;
        spans.Clear();
        if (shape.ReservationClosed)
        {
            return long.MaxValue;
        }

        AskOpenStarts(shape, estimate);
        var open = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(openStarts);
        foreach (var number in shape.Kinds)
        {
            foreach (var cell in kindList[number].Cells)
            {
                var ofCell = open[openFrom[cell.Pattern]..openFrom[cell.Pattern + 1]];
                for (var slot = cell.First; slot < cell.End; slot++)
                {
                    slots[slot].Starts(shape, shape.Suits[number], estimate, moment, ofCell, spans);
                }
            }
        }

        if (shape.Wanted.Within is not { } level)
        {
            return FirstLicensed(spans, shape, estimate);
        }

        var best = long.MaxValue;
        if (partsOfLevel.TryGetValue(level, out var partOf))
        {
            for (var number = 0; number < partCounts[level]; number++)
            {
                partSpans.CopyPart(spans, partOf, number);
                var start = FirstLicensed(partSpans, shape, estimate);
                if (start < best)
                {
                    (best, part) = (start, number);
                }
            }

            if (part >= 0)
            {
                partSpans.CopyPart(spans, partOf, part);
            }
        }

        return best;
    }

    /// <summary>Of each pattern of arrangements: when it lets the request start.</summary>
    private void AskOpenStarts(Shape shape, long estimate)
    {
        openStarts.Clear();
        Array.Resize(ref openFrom, Math.Max(openFrom.Length, examples.Length + 1));
        for (var pattern = 0; pattern < examples.Length; pattern++)
        {
            openFrom[pattern] = openStarts.Count;
            examples[pattern].OpenStarts(shape, estimate, moment, openStarts);
        }

        openFrom[examples.Length] = openStarts.Count;
    }

    private long FirstLicensed(StartSpans found, Shape shape, long estimate)
    {
        var from = moment.Now;
        while (true)
        {
            var start = found.First(shape.Nodes, from);
            if (start == long.MaxValue)
            {
                return start;
            }

            from = Licensed(shape, estimate, start);
            if (from == start || from == long.MaxValue)
            {
                return from;
            }
        }
    }
}
