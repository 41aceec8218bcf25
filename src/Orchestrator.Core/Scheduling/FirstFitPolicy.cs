using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>
/// Higher priority first, then the earlier submission; each attempt takes the first nodes, by id, that satisfy it,
/// all of them or none. Nobody is passed over for a later one that takes the same place; but an attempt that does not
/// fit now reserves nothing, so a large gang can wait long while smaller ones start.
/// </summary>
public sealed class FirstFitPolicy : ISchedulingPolicy
{
    private static readonly PlacementConstraint[] Constraints = Enum.GetValues<PlacementConstraint>();

    /// <inheritdoc/>
    public SchedulingPlan Plan(SchedulingProblem problem, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var rooms = Rooms(problem);
        var placements = ImmutableArray.CreateBuilder<Placement>();
        var waiting = ImmutableArray.CreateBuilder<WaitingRequest>();
        var chosen = new List<NodeRoom>();

        foreach (var request in InOrder(problem.Pending))
        {
            if (Choose(rooms, request, now, chosen) is { } reason)
            {
                waiting.Add(new() { Attempt = request.Attempt, Reason = reason });
            }
            else
            {
                placements.Add(new() { Attempt = request.Attempt, Shares = [.. chosen.Select(room => room.Take(request.Resources))] });
            }
        }

        return new() { Placements = placements.ToImmutable(), Waiting = waiting.ToImmutable() };
    }

    /// <summary>By node id, so that the order in which nodes are listed decides nothing (invariant 11).</summary>
    private static NodeRoom[] Rooms(SchedulingProblem problem)
    {
        var byId = new Dictionary<NodeId, NodeRoom>(problem.Nodes.Length);
        foreach (var node in problem.Nodes)
        {
            if (!byId.TryAdd(node.Id, new(node)))
            {
                throw new ArgumentException($"Node {node.Id} is listed twice.", nameof(problem));
            }
        }

        foreach (var share in problem.Running.SelectMany(static lease => lease.Shares))
        {
            if (!byId.TryGetValue(share.Node, out var room))
            {
                throw new ArgumentException($"A lease is of node {share.Node}, which is not listed.", nameof(problem));
            }

            room.Occupy(share);
        }

        return [.. byId.Values.OrderBy(room => room.Node.Id)];
    }

    private static PendingRequest[] InOrder(ImmutableArray<PendingRequest> pending)
    {
        var attempts = new HashSet<AttemptId>(pending.Length);
        foreach (var request in pending)
        {
            if (!attempts.Add(request.Attempt))
            {
                throw new ArgumentException($"Attempt {request.Attempt} is pending twice.", nameof(pending));
            }
        }

        return
        [
            .. pending
                .OrderByDescending(request => request.Priority)
                .ThenBy(request => request.SubmissionOrder)
                .ThenBy(request => request.Attempt.Simulation)
                .ThenBy(request => request.Attempt.Stage, StringComparer.Ordinal)
                .ThenBy(request => request.Attempt.Epoch),
        ];
    }

    /// <summary>Fills <paramref name="chosen"/> with as many nodes as the request needs and returns null, or says why it cannot.</summary>
    private static WaitReason? Choose(NodeRoom[] rooms, PendingRequest request, DateTimeOffset now, List<NodeRoom> chosen)
    {
        chosen.Clear();
        var needed = request.Resources.Nodes;
        if (!IsValid(request))
        {
            return new() { Constraint = PlacementConstraint.ValidRequest, NodesNeeded = needed };
        }

        if (rooms.Length < needed)
        {
            return new() { Constraint = PlacementConstraint.NodeCount, NodesNeeded = needed, NodesLeft = rooms.Length };
        }

        Span<int> refusals = stackalloc int[(int)Constraints[^1] + 1];
        refusals.Clear();
        foreach (var room in rooms)
        {
            var refusal = room.Refusal(request, now);
            if (refusal != PlacementConstraint.Absent)
            {
                refusals[(int)refusal]++;
                continue;
            }

            chosen.Add(room);
            if (chosen.Count == needed)
            {
                return null;
            }
        }

        return Binding(refusals, rooms.Length, needed);
    }

    private static WaitReason Binding(ReadOnlySpan<int> refusals, int nodes, int needed)
    {
        var left = nodes;
        var binding = PlacementConstraint.Absent;
        foreach (var constraint in Constraints)
        {
            left -= refusals[(int)constraint];
            binding = constraint;
            if (left < needed)
            {
                break;
            }
        }

        return new() { Constraint = binding, NodesNeeded = needed, NodesLeft = left };
    }

    private static bool IsValid(PendingRequest request) =>
        request.Resources is { Nodes: >= 1, RanksPerNode: >= 1, Threads: >= 1, MemoryPerNode: >= 0, GpusPerNode: >= 0, GpuMemory: >= 0 }
        && (request.DurationEstimate is not { } estimate || estimate >= TimeSpan.Zero);
}
