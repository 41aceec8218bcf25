using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Reasons that hang on the length are found anew for so many lengths of a shape; further ones get the last.</summary>
    private const int ReasonsOfShape = 8;

    private static readonly PlacementConstraint[] Constraints = Enum.GetValues<PlacementConstraint>();

    private readonly int[] refused = new int[(int)Constraints[^1] + 1];
    private readonly List<int> inTableOrder = [];
    private int[] perPart = [];

    /// <summary>Grows whenever anything changes that decides whether there is room.</summary>
    private long changes;

    /// <summary>Why a shape that found no room waits, as things stand in the plan: the first constraint at which too few nodes are left, and by whom.</summary>
    public WaitReason Why(Shape shape, long estimate, Func<int, string> nameOfTurn)
    {
        if (shape.Never is { } never)
        {
            return never;
        }

        if (shape.Reason is { } known && (shape.ReasonEstimate == estimate || !HangsOnLength(known.Constraint) || shape.ReasonsFound >= ReasonsOfShape))
        {
            return known;
        }

        shape.Reason = Find(shape, estimate, nameOfTurn);
        shape.ReasonEstimate = estimate;
        shape.ReasonsFound++;
        return shape.Reason;
    }

    private static bool HangsOnLength(PlacementConstraint constraint) => constraint is
        PlacementConstraint.AllocationEnd or PlacementConstraint.Maintenance or PlacementConstraint.Reserved or PlacementConstraint.NotAhead or PlacementConstraint.FreeLicences;

    /// <summary>Why no state of these nodes could let it start; null: some could.</summary>
    private WaitReason? Never(Shape shape)
    {
        var needed = shape.Nodes;
        if (!shape.IsValid)
        {
            return new() { Constraint = PlacementConstraint.ValidRequest, NodesNeeded = needed };
        }

        if (slots.Length < needed)
        {
            return new() { Constraint = PlacementConstraint.NodeCount, NodesNeeded = needed, NodesLeft = slots.Length };
        }

        Array.Clear(refused);
        foreach (var kind in kindList)
        {
            refused[(int)shape.Refusals[kind.Index]] += kind.Count;
        }

        refused[0] = 0;
        if (Binding(needed, PlacementConstraint.Site) is { } binding)
        {
            return binding;
        }

        foreach (var (name, wanted) in shape.Licences)
        {
            if (context.Licences.GetValueOrDefault(name) < wanted)
            {
                return new() { Constraint = PlacementConstraint.Site, NodesNeeded = needed, For = name };
            }
        }

        if (shape.Wanted.Within is { } level)
        {
            var most = MostTogether(level, slot => shape.Refusals[slots[slot].Kind.Index] == PlacementConstraint.Absent);
            if (most < needed)
            {
                return new() { Constraint = PlacementConstraint.Site, NodesNeeded = needed, NodesLeft = most, For = level };
            }
        }

        return null;
    }

    private WaitReason Find(Shape shape, long estimate, Func<int, string> nameOfTurn)
    {
        var until = NodeCalendar.End(moment.Now, estimate);
        var (window, reservation, turn) = (-1, shape.Inside, -1);
        // Nodes that are avoided differ from their neighbours: then all are asked one by one.
        var bounds = shape.Avoid.IsEmpty ? BoundsOf(shape) : null;
        var next = 0;
        Array.Clear(refused);
        AskPatterns(shape, until);
        foreach (var kind in kindList)
        {
            if (shape.Refusals[kind.Index] != PlacementConstraint.Absent)
            {
                refused[(int)shape.Refusals[kind.Index]] += kind.Count;
                continue;
            }

            foreach (var cell in kind.Cells)
            {
                var single = Tally(cell, shape);
                if (single && bounds is null)
                {
                    for (var slot = cell.First; slot < cell.End; slot++)
                    {
                        var constraint = Refusal(slots[slot], shape, out var source);
                        refused[(int)constraint]++;
                        reservation = constraint == PlacementConstraint.Reserved && reservation < 0 ? source : reservation;
                        turn = constraint == PlacementConstraint.NotAhead && source >= 0 && (turn < 0 || source < turn) ? source : turn;
                    }
                }

                for (; bounds is not null && next < bounds.Count && ReferenceEquals(bounds[next].Cell, cell); next++)
                {
                    var bound = bounds[next];
                    if (single && bound.Constraint != PlacementConstraint.Absent)
                    {
                        refused[(int)bound.Constraint] += bound.Count;
                    }
                    else if (single && bound.Until < answers[cell.Pattern].Until)
                    {
                        var isHeld = bound.UntilHeld < answers[cell.Pattern].Until;
                        refused[(int)(isHeld ? PlacementConstraint.Reserved : PlacementConstraint.NotAhead)]++;
                        reservation = isHeld && reservation < 0 ? bound.Source : reservation;
                        turn = !isHeld && bound.Turn >= 0 && (turn < 0 || bound.Turn < turn) ? bound.Turn : turn;
                    }
                }

                if (!answers[cell.Pattern].IsOpen)
                {
                    var by = answers[cell.Pattern].By;
                    window = window < 0 && by.Constraint == PlacementConstraint.Maintenance ? by.Source : window;
                    reservation = reservation < 0 && by.Constraint == PlacementConstraint.Reserved ? by.Source : reservation;
                }
            }
        }

        refused[0] = 0;
        var needed = shape.Nodes;
        if (Binding(needed, PlacementConstraint.FreeLicences) is { } binding)
        {
            return binding.Constraint switch
            {
                PlacementConstraint.Maintenance when window >= 0 => binding with { For = windows[window].Id },
                PlacementConstraint.Reserved when shape.Key.Reservation.Length > 0 => binding with { For = shape.Key.Reservation },
                PlacementConstraint.Reserved when reservation >= 0 => binding with { For = reservations[reservation].Id },
                _ => binding,
            };
        }

        foreach (var (name, wanted) in shape.Licences)
        {
            if (!licences.TryGetValue(name, out var pool) || pool.Earliest(wanted, estimate, moment.Now) != moment.Now)
            {
                return new() { Constraint = PlacementConstraint.FreeLicences, NodesNeeded = needed, For = name };
            }
        }

        if (shape.Wanted.Within is { } level)
        {
            var most = MostTogether(level, slot => Refusal(slots[slot], shape, out _) is PlacementConstraint.Absent or PlacementConstraint.NotAhead);
            if (most < needed)
            {
                return new() { Constraint = PlacementConstraint.Together, NodesNeeded = needed, NodesLeft = most, For = level };
            }
        }

        var left = Math.Min(needed - 1, slots.Length - refused.Sum());
        return new() { Constraint = PlacementConstraint.NotAhead, NodesNeeded = needed, NodesLeft = left, For = turn < 0 ? null : nameOfTurn(turn) };
    }

    /// <summary>What keeps it off the nodes that have the cores, whatever is arranged for them; requests of one shape and many lengths ask the same.</summary>
    private List<RoomBound> BoundsOf(Shape shape)
    {
        if (shape.BoundsOf == changes)
        {
            return shape.Bounds;
        }

        shape.BoundsOf = changes;
        shape.Bounds.Clear();
        foreach (var number in shape.Kinds)
        {
            inTableOrder.Add(number);
        }

        inTableOrder.Sort();
        foreach (var number in inTableOrder)
        {
            foreach (var cell in kindList[number].Cells)
            {
                AddBounds(shape, cell);
            }
        }

        inTableOrder.Clear();
        return shape.Bounds;
    }

    private void AddBounds(Shape shape, NodeCell cell)
    {
        var wanted = shape.Wanted;
        var suits = shape.Suits[cell.Kind.Index];
        var (memory, gpus, storage) = (0, 0, 0);
        for (var slot = NextWithCores(shape.Cores, cell.First, cell.End); slot < cell.End; slot = NextWithCores(shape.Cores, slot + 1, cell.End))
        {
            // Nobody has it alone, and it has the cores: both were counted with the cell.
            if (shape.Exclusive && slots[slot].Used)
            {
                continue;
            }

            if (freeMemory[slot] < wanted.MemoryPerNode)
            {
                memory++;
                continue;
            }

            var calendar = slots[slot];
            if (wanted.GpusPerNode > 0 && BitOperations.PopCount(calendar.FreeGpus(suits, wanted.GpuThousandths)) < wanted.GpusPerNode)
            {
                gpus++;
            }
            else if (wanted.StoragePerNode > calendar.FreeStorage || wanted.NetworkPerNode > calendar.FreeNetwork)
            {
                storage++;
            }
            else if (!calendar.Later.IsEmpty && calendar.RoomUntil(shape, suits, withPlaces: true, moment, out var turn) is var until and < long.MaxValue)
            {
                var held = calendar.RoomUntil(shape, suits, withPlaces: false, moment, out _);
                shape.Bounds.Add(new(cell, PlacementConstraint.Absent, 1, until, turn, held, HoldOf(calendar) is >= 0 and var reservation ? reservation : turn));
            }
        }

        Count(memory, PlacementConstraint.FreeMemory);
        Count(gpus, PlacementConstraint.FreeGpus);
        Count(storage, PlacementConstraint.FreeStorage);

        void Count(int nodes, PlacementConstraint constraint)
        {
            if (nodes > 0)
            {
                shape.Bounds.Add(new(cell, constraint, nodes, 0, -1, 0, -1));
            }
        }
    }

    /// <summary>The first reservation that holds a part of the node; -1: none.</summary>
    private static int HoldOf(NodeCalendar calendar)
    {
        foreach (ref readonly var entry in calendar.Later)
        {
            if (entry.Hold)
            {
                return entry.Reservation;
            }
        }

        return -1;
    }

    /// <summary>The first constraint, before one, that leaves fewer nodes than are needed; null: none does.</summary>
    private WaitReason? Binding(int needed, PlacementConstraint before)
    {
        var left = slots.Length;
        foreach (var constraint in Constraints)
        {
            if (constraint >= before)
            {
                break;
            }

            left -= refused[(int)constraint];
            if (left < needed)
            {
                return new() { Constraint = constraint, NodesNeeded = needed, NodesLeft = left };
            }
        }

        return null;
    }

    /// <summary>Counts what is the same for many nodes of a cell; true: the rest must be asked one by one.</summary>
    private bool Tally(NodeCell cell, Shape shape)
    {
        if (!shape.Avoid.IsEmpty)
        {
            return true;
        }

        ref readonly var answer = ref answers[cell.Pattern];
        refused[(int)PlacementConstraint.NotDraining] += cell.Draining;
        var rest = cell.Count - cell.Draining;
        if (shape.ReservationClosed)
        {
            refused[(int)PlacementConstraint.Reserved] += rest;
            return false;
        }

        if (!answer.IsOpen && answer.By.Constraint == PlacementConstraint.AllocationEnd)
        {
            refused[(int)PlacementConstraint.AllocationEnd] += rest;
            return false;
        }

        refused[(int)PlacementConstraint.Alive] += cell.NotSeen;
        rest -= cell.NotSeen;
        if (!answer.IsOpen)
        {
            refused[(int)answer.By.Constraint] += rest;
            return false;
        }

        refused[(int)PlacementConstraint.Power] += cell.Unpowered;
        rest -= cell.Unpowered;
        if (shape.Exclusive)
        {
            refused[(int)PlacementConstraint.Exclusivity] += cell.Used;
            return true;
        }

        refused[(int)PlacementConstraint.Exclusivity] += cell.Alone;
        refused[(int)PlacementConstraint.FreeCores] += rest - cell.Alone - CountWithCores(shape.Cores, cell.First, cell.End);
        return true;
    }

    private int CountWithCores(int cores, int from, int end)
    {
        var least = new Vector<int>(cores);
        var counts = Vector<int>.Zero;
        var at = from;
        for (; at + Vector<int>.Count <= end; at += Vector<int>.Count)
        {
            counts -= Vector.GreaterThanOrEqual(new Vector<int>(freeCores, at), least);
        }

        var count = Vector.Sum(counts);
        for (; at < end; at++)
        {
            count += freeCores[at] >= cores ? 1 : 0;
        }

        return count;
    }

    /// <summary>The first constraint that keeps it off a node now, after the patterns were asked.</summary>
    private PlacementConstraint Refusal(NodeCalendar calendar, Shape shape, out int source)
    {
        source = -1;
        var kindRefusal = shape.Refusals[calendar.Kind.Index];
        if (kindRefusal != PlacementConstraint.Absent)
        {
            return kindRefusal;
        }

        var node = calendar.Node;
        if (!shape.Avoid.IsEmpty && shape.Avoid.Contains(node.Id))
        {
            return PlacementConstraint.NotAvoided;
        }

        if (node.Draining)
        {
            return PlacementConstraint.NotDraining;
        }

        if (shape.ReservationClosed)
        {
            return PlacementConstraint.Reserved;
        }

        ref readonly var answer = ref answers[calendar.PatternNumber];
        if (!answer.IsOpen && answer.By.Constraint == PlacementConstraint.AllocationEnd)
        {
            return PlacementConstraint.AllocationEnd;
        }

        if (node.NotSeen)
        {
            return PlacementConstraint.Alive;
        }

        if (!answer.IsOpen)
        {
            source = answer.By.Source;
            return answer.By.Constraint;
        }

        return calendar.PoweredFrom > moment.Now ? PlacementConstraint.Power : RefusalNow(calendar, shape, answer.Until, out source);
    }

    private PlacementConstraint RefusalNow(NodeCalendar calendar, Shape shape, long until, out int source)
    {
        source = -1;
        var wanted = shape.Wanted;
        var suits = shape.Suits[calendar.Kind.Index];
        if (calendar.Alone || shape.Exclusive && calendar.Used)
        {
            return PlacementConstraint.Exclusivity;
        }

        if (shape.Cores > calendar.FreeCores)
        {
            return PlacementConstraint.FreeCores;
        }

        if (wanted.MemoryPerNode > calendar.FreeMemory)
        {
            return PlacementConstraint.FreeMemory;
        }

        if (wanted.GpusPerNode > 0 && BitOperations.PopCount(calendar.FreeGpus(suits, wanted.GpuThousandths)) < wanted.GpusPerNode)
        {
            return PlacementConstraint.FreeGpus;
        }

        if (wanted.StoragePerNode > calendar.FreeStorage || wanted.NetworkPerNode > calendar.FreeNetwork)
        {
            return PlacementConstraint.FreeStorage;
        }

        if (calendar.Later.IsEmpty || calendar.HasRoom(shape, suits, moment.Now, until, withPlaces: true, moment, out var turn))
        {
            return PlacementConstraint.Absent;
        }

        source = turn;
        if (calendar.HasRoom(shape, suits, moment.Now, until, withPlaces: false, moment, out _))
        {
            return PlacementConstraint.NotAhead;
        }

        source = HoldOf(calendar) is >= 0 and var reservation ? reservation : source;
        return PlacementConstraint.Reserved;
    }

    private int MostTogether(string level, Func<int, bool> counts)
    {
        if (!partsOfLevel.TryGetValue(level, out var partOf))
        {
            return 0;
        }

        Array.Resize(ref perPart, Math.Max(perPart.Length, partCounts[level]));
        Array.Clear(perPart);
        for (var slot = 0; slot < slots.Length; slot++)
        {
            if (partOf[slot] >= 0 && counts(slot))
            {
                perPart[partOf[slot]]++;
            }
        }

        return perPart.Length == 0 ? 0 : perPart.Max();
    }
}
