using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Reasons that hang on the length are found anew for so many lengths of a shape; further ones get the last.</summary>
    private const int ReasonsOfShape = 8;

    private static readonly PlacementConstraint[] Constraints = Enum.GetValues<PlacementConstraint>();

    private readonly int[] refused = new int[(int)Constraints[^1] + 1];

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

        var (constraint, left, whom) = Find(shape, estimate, nameOfTurn);
        var reason = shape.Say(constraint, left, whom);
        shape.Reason = constraint == PlacementConstraint.Reserved && shape.Key.Reservation.Length > 0 ? reason with { Inside = true, OpensAt = OpensAt(shape) } : reason;
        shape.ReasonEstimate = estimate;
        shape.ReasonsFound++;
        return shape.Reason;
    }

    private static bool HangsOnLength(PlacementConstraint constraint) => constraint is
        PlacementConstraint.AllocationEnd or PlacementConstraint.Maintenance or PlacementConstraint.Reserved or PlacementConstraint.NotAhead or PlacementConstraint.FreeLicences;

    private (PlacementConstraint Constraint, int NodesLeft, string? For) Find(Shape shape, long estimate, Func<int, string> nameOfTurn)
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
                        refused[(int)(isHeld ? PlacementConstraint.Reserved : PlacementConstraint.NotAhead)] += bound.Count;
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
        if (Binding(needed, PlacementConstraint.FreeLicences) is (var binding, var remaining))
        {
            return (binding, remaining, binding switch
            {
                PlacementConstraint.Maintenance when window >= 0 => windows[window].Id,
                PlacementConstraint.Reserved when shape.Key.Reservation.Length > 0 => shape.Key.Reservation,
                PlacementConstraint.Reserved when reservation >= 0 => reservations[reservation].Id,
                _ => null,
            });
        }

        foreach (var (name, wanted) in shape.Licences)
        {
            if (!licences.TryGetValue(name, out var pool) || pool.Earliest(wanted, estimate, moment.Now) != moment.Now)
            {
                return (PlacementConstraint.FreeLicences, 0, name);
            }
        }

        if (shape.Wanted.Within is { } level)
        {
            var most = MostTogetherNow(level, shape);
            if (most < needed)
            {
                return (PlacementConstraint.Together, most, level);
            }
        }

        var left = Math.Min(needed - 1, slots.Length - refused.Sum());
        return (PlacementConstraint.NotAhead, left, turn < 0 ? null : nameOfTurn(turn));
    }

    /// <summary>When the reservation begins that it waits for; null: it has begun, or is none.</summary>
    private DateTimeOffset? OpensAt(Shape shape) => shape.Inside >= 0 && reservations[shape.Inside] is { State: not ReservationState.Active } reservation ? reservation.Start : null;

    /// <summary>The first constraint, before one, that leaves fewer nodes than are needed; null: none does.</summary>
    private (PlacementConstraint Constraint, int NodesLeft)? Binding(int needed, PlacementConstraint before)
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
                return (constraint, left);
            }
        }

        return null;
    }
}
