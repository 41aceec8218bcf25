using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    private readonly Dictionary<ShapeKey, Shape> shapes = [];

    /// <summary>Shapes of another generation must be asked for anew: what tells them apart changed.</summary>
    public int ShapeGeneration { get; private set; }

    /// <summary>The shape of a request, for the plan that is open.</summary>
    public Shape ShapeOf(PendingRequest request)
    {
        var named = request.Reservation;
        var owned = reservationOfSimulation.Count > 0 ? reservationOfSimulation.GetValueOrDefault(request.Attempt.Simulation.Value, "") : "";
        var key = new ShapeKey(
            request.Resources,
            request.JobType,
            request.CanCheckpoint,
            request.Avoid,
            usersMatter || named.Length > 0 ? request.User : "",
            named.Length > 0 ? request.Owner : null,
            named,
            owned,
            request.Protected);
        if (!shapes.TryGetValue(key, out var shape))
        {
            shapes.Add(key, shape = new(key));
        }

        return shape;
    }

    /// <summary>Forgets shapes when most of them must be of requests long gone.</summary>
    public void ForgetShapes(int pending)
    {
        if (shapes.Count > 1024 + 4 * pending)
        {
            shapes.Clear();
            ShapeGeneration++;
        }
    }

    /// <summary>Makes sure that what is known of a shape is of these nodes and this plan.</summary>
    public void Prepare(Shape shape)
    {
        shape.Open(plan);
        if (shape.LayoutVersion == layoutVersion)
        {
            return;
        }

        shape.LayoutVersion = layoutVersion;
        shape.CostsKnown = false;
        shape.Refusals = new PlacementConstraint[kindList.Length];
        shape.Suits = new ulong[kindList.Length];
        shape.Inside = ReservationNumber(shape.Key.Reservation);
        shape.Owned = ReservationNumber(shape.Key.Owned);
        shape.ReservationClosed = shape.Key.Reservation.Length > 0 && !MayEnter(shape);
        var able = new List<int>();
        foreach (var kind in kindList)
        {
            var suits = Suits(kind, shape);
            shape.Suits[kind.Index] = suits;
            var refusal = Refusal(kind, shape, suits);
            shape.Refusals[kind.Index] = refusal;
            if (refusal == PlacementConstraint.Absent)
            {
                able.Add(kind.Index);
            }
        }

        shape.Kinds = [.. able];
        shape.Costs = new double[kindList.Length];
        shape.Never = Never(shape);
    }

    /// <summary>Asks what each kind costs it, and puts the cheapest first.</summary>
    private void AskCosts(Shape shape, PendingRequest request, INodeRanking ranking)
    {
        if (shape.CostsKnown)
        {
            return;
        }

        shape.CostsKnown = true;
        // Where its data are is asked node by node: others of the same shape have theirs elsewhere.
        request = request.Data.IsEmpty ? request : request with { Data = [] };
        foreach (var kind in shape.Kinds)
        {
            shape.Costs[kind] = ranking.Cost(kindList[kind].Example, request);
        }

        var costs = shape.Costs;
        Array.Sort(shape.Kinds, (left, right) => costs[left] != costs[right] ? costs[left].CompareTo(costs[right]) : left.CompareTo(right));
    }

    private bool MayEnter(Shape shape) =>
        shape.Inside >= 0
        && reservations[shape.Inside] is { State: ReservationState.Active } reservation
        && shape.Key.Owner is { } owner && ReservationEntry.IsFor(reservation, owner);

    private static PlacementConstraint Refusal(NodeKind kind, Shape shape, ulong suits)
    {
        var has = kind.Key;
        var wanted = shape.Wanted;
        return shape.Cores > has.Cores ? PlacementConstraint.Cores
            : wanted.MemoryPerNode > has.Memory ? PlacementConstraint.Memory
            : wanted.GpusPerNode > System.Numerics.BitOperations.PopCount(suits) ? PlacementConstraint.Gpus
            : has.User.Length > 0 && has.User != shape.Key.User ? PlacementConstraint.User
            : !wanted.Features.IsEmpty && !HasAll(has.Features, wanted.Features) ? PlacementConstraint.Features
            : wanted.StoragePerNode > has.Storage || wanted.NetworkPerNode > has.Network ? PlacementConstraint.Storage
            : PlacementConstraint.Absent;
    }

    private static bool HasAll(ImmutableArray<string> has, ImmutableArray<string> wanted)
    {
        foreach (var feature in wanted)
        {
            if (!has.Contains(feature))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Suits(NodeKind kind, Shape shape)
    {
        var wanted = shape.Wanted;
        var suits = 0UL;
        if (wanted.GpusPerNode == 0)
        {
            return suits;
        }

        var gpus = kind.Key.Gpus;
        for (var gpu = 0; gpu < Math.Min(64, gpus.Length); gpu++)
        {
            if (NodeSuits.Suits(gpus[gpu], wanted))
            {
                suits |= 1UL << gpu;
            }
        }

        return suits;
    }
}
