using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Which nodes a reservation could have over its time, beside other reservations, windows and work that runs on.</summary>
internal sealed class ReservationRoom
{
    private readonly SchedulableNode[] nodes;
    private readonly ILookup<NodeId, RunningLease> leases;
    private readonly ProtectionBudget protection;
    private readonly SchedulingProblem problem;
    private readonly DateTimeOffset now;

    public ReservationRoom(SchedulingProblem problem, SchedulingSettings settings, DateTimeOffset now)
    {
        this.problem = problem;
        this.now = now;
        nodes = [.. problem.Nodes.OrderBy(static node => node.Id)];
        protection = new(problem.Nodes, problem.Running, settings.Protection);
        leases = problem.Running.SelectMany(static lease => lease.Shares, static (lease, share) => (lease, share.Node)).ToLookup(static pair => pair.Node, static pair => pair.lease);
    }

    /// <summary>As many nodes as it wants, the cheapest ones; null: there are too few.</summary>
    /// <param name="reservation">For its own time.</param>
    /// <param name="without">Reservations that are as if they were gone.</param>
    /// <param name="past">Windows that are as if they were called off.</param>
    public ImmutableArray<NodeShare>? Choose(Reservation reservation, IReadOnlySet<string> without, IReadOnlySet<string> past)
    {
        var candidates = Candidates(reservation, without, past);
        if (reservation.Wanted.Within is not { } level)
        {
            return Cheapest(candidates, reservation.Wanted.Nodes) is { } chosen ? Shares(chosen) : null;
        }

        // One part of the topology must hold all: of those that do, the one where it costs least.
        var parts = candidates.Select(candidate => (Candidate: candidate, Part: NodeSuits.PartOf(candidate.Node, level))).Where(static pair => pair.Part is not null)
            .GroupBy(static pair => pair.Part!, static pair => pair.Candidate, StringComparer.Ordinal).OrderBy(static part => part.Key, StringComparer.Ordinal);
        List<Candidate>? best = null;
        foreach (var part in parts)
        {
            if (Cheapest([.. part], reservation.Wanted.Nodes) is { } chosen && (best is null || chosen.Sum(static candidate => candidate.Cost) < best.Sum(static candidate => candidate.Cost)))
            {
                best = chosen;
            }
        }

        return best is null ? null : Shares(best);
    }

    /// <summary>Nodes that it could have, whether they are enough or not.</summary>
    public ImmutableArray<NodeId> Possible(Reservation reservation, IReadOnlySet<string> without, IReadOnlySet<string> past) =>
        [.. Candidates(reservation, without, past).Select(static candidate => candidate.Node.Id).Order()];

    /// <summary>Nodes that have what it wants, if nothing else were on them or arranged for them.</summary>
    public int Suitable(Reservation reservation) => nodes.Count(node => Suits(node, reservation));

    /// <summary>The other reservations that hold something in its time on nodes that it could use.</summary>
    public IEnumerable<Reservation> Others(Reservation reservation)
    {
        var suitable = nodes.Where(node => Suits(node, reservation)).Select(static node => node.Id).ToHashSet();
        return problem.Context.Reservations.Where(other => Collides(other, reservation) && other.Allocations.Any(share => suitable.Contains(share.Node)));
    }

    /// <summary>The windows in its time on nodes that it could use.</summary>
    public IEnumerable<MaintenanceWindow> Windows(Reservation reservation)
    {
        var suitable = nodes.Where(node => Suits(node, reservation)).ToList();
        return problem.Context.Windows.Where(window => Collides(window, reservation) && suitable.Exists(node => window.Covers(node.Id)));
    }

    private List<Candidate> Candidates(Reservation reservation, IReadOnlySet<string> without, IReadOnlySet<string> past)
    {
        var windows = problem.Context.Windows.Where(window => !past.Contains(window.Id) && Collides(window, reservation)).ToList();
        var holds = problem.Context.Reservations.Where(other => !without.Contains(other.Id) && Collides(other, reservation))
            .SelectMany(static other => other.Allocations, static (other, share) => (Other: other, Share: share)).ToLookup(static pair => pair.Share.Node);
        var candidates = new List<Candidate>();
        foreach (var node in nodes)
        {
            if (!Suits(node, reservation) || windows.Exists(window => window.Covers(node.Id)))
            {
                continue;
            }

            var keep = new NodeKeep(node);
            foreach (var (other, share) in holds[node.Id])
            {
                keep.Occupy(share, other.Kind != ReservationKind.Partial);
            }

            var cost = node.NotSeen ? 1000.0 : 0;
            foreach (var lease in leases[node.Id])
            {
                if (lease.Attempt.Simulation.Value is { } simulation && holds[node.Id].Any(hold => hold.Other.Simulation == simulation))
                {
                    // Its simulation's own reservation stands for it.
                    continue;
                }

                if (GoneBy(lease, reservation) is { } askFor)
                {
                    cost += askFor;
                }
                else
                {
                    foreach (var share in lease.Shares.Where(share => share.Node == node.Id))
                    {
                        keep.Occupy(share, wholeNode: false);
                    }
                }
            }

            if (keep.Take(reservation) is { } taken)
            {
                // GPUs that it does not ask for are left to those that do.
                candidates.Add(new(node, taken, cost + Math.Max(0, node.Gpus.Length - reservation.Wanted.GpusPerNode)));
            }
        }

        return candidates;
    }

    /// <summary>What it costs that running work leaves in time for the reservation: 0 when it is gone by itself; null: it stays.</summary>
    private double? GoneBy(RunningLease lease, Reservation reservation)
    {
        if (reservation.Simulation.Length > 0 && lease.Attempt.Simulation.Value == reservation.Simulation || lease.Reservation.Length > 0 && lease.Reservation == reservation.Id)
        {
            return 0;
        }

        var end = lease.StopBy ?? (lease.EndsBy is { } by ? by > now ? by : now : null);
        return end <= reservation.Start ? 0
            : protection.Protects(lease) ? null
            : lease.CanCheckpoint ? 10
            : null;
    }

    private static bool Suits(SchedulableNode node, Reservation reservation) =>
        NodeSuits.Has(node, reservation.Wanted) && !node.Draining && (node.AllocationEnd is not { } end || reservation.End <= end)
        && (node.User.Length == 0 || node.User == reservation.Owner.User);

    private static bool Collides(Reservation other, Reservation reservation) =>
        other.Holds && other.Id != reservation.Id && ReservationMachine.Overlaps(other, reservation.Start, reservation.End);

    private bool Collides(MaintenanceWindow window, Reservation reservation) => !window.IsOver && window.Start < reservation.End && reservation.Start < window.EndBy(now);

    private static List<Candidate>? Cheapest(List<Candidate> candidates, int count) =>
        candidates.Count < count ? null : [.. candidates.OrderBy(static candidate => candidate.Cost).ThenBy(static candidate => candidate.Node.Id).Take(count)];

    private static ImmutableArray<NodeShare> Shares(List<Candidate> chosen) => [.. chosen.Select(static candidate => candidate.Share).OrderBy(static share => share.Node)];

    private readonly record struct Candidate(SchedulableNode Node, NodeShare Share, double Cost);
}
