using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling;

/// <summary>What is left of one node while a plan is made. Never gives out what is taken (invariant 3).</summary>
internal sealed class NodeRoom(SchedulableNode node)
{
    private readonly bool[] takenCores = new bool[Math.Max(0, node.Cores)];
    private readonly bool[] takenGpus = new bool[node.Gpus.Length];
    private int freeCores = Math.Max(0, node.Cores);
    private long freeMemory = Math.Max(0, node.Memory);
    private bool used;
    private bool exclusive;

    public SchedulableNode Node => node;

    /// <summary>The first constraint that keeps the request off this node; <see cref="PlacementConstraint.Absent"/>: none.</summary>
    public PlacementConstraint Refusal(PendingRequest request, DateTimeOffset now)
    {
        var wanted = request.Resources;
        // Not CoresPerNode: the product of two large numbers must not wrap round to a small one.
        var cores = (long)wanted.RanksPerNode * wanted.Threads;
        return
            cores > takenCores.Length ? PlacementConstraint.Cores
            : wanted.MemoryPerNode > node.Memory ? PlacementConstraint.Memory
            : !HasGpus(wanted, freeOnly: false) ? PlacementConstraint.Gpus
            : node.User.Length > 0 && !string.Equals(node.User, request.User, StringComparison.Ordinal) ? PlacementConstraint.User
            : !request.Avoid.IsEmpty && request.Avoid.Contains(node.Id) ? PlacementConstraint.NotAvoided
            : node.Draining ? PlacementConstraint.NotDraining
            : !EndsInTime(request.DurationEstimate, now) ? PlacementConstraint.AllocationEnd
            : node.NotSeen ? PlacementConstraint.Alive
            : exclusive || wanted.Exclusive && used ? PlacementConstraint.Exclusivity
            : cores > freeCores ? PlacementConstraint.FreeCores
            : wanted.MemoryPerNode > freeMemory ? PlacementConstraint.FreeMemory
            : !HasGpus(wanted, freeOnly: true) ? PlacementConstraint.FreeGpus
            : PlacementConstraint.Absent;
    }

    /// <summary>Takes the lowest free cores and GPUs; only after <see cref="Refusal"/> found nothing against it.</summary>
    public NodeShare Take(ResourceRequest wanted)
    {
        var share = new NodeShare
        {
            Node = node.Id,
            Cores = [.. Enumerable.Range(0, takenCores.Length).Where(core => !takenCores[core]).Take(wanted.CoresPerNode)],
            Memory = wanted.MemoryPerNode,
            Gpus = [.. Enumerable.Range(0, takenGpus.Length).Where(gpu => !takenGpus[gpu] && Suits(node.Gpus[gpu], wanted)).Take(wanted.GpusPerNode)],
            Exclusive = wanted.Exclusive,
        };
        Occupy(share);
        return share;
    }

    /// <summary>A lease may name what the node no longer has, after it came back smaller: that part takes nothing.</summary>
    public void Occupy(NodeShare share)
    {
        used = true;
        exclusive |= share.Exclusive;
        freeCores -= Mark(takenCores, share.Cores);
        Mark(takenGpus, share.Gpus);
        freeMemory = Math.Max(0, freeMemory - Math.Max(0, share.Memory));
    }

    private static int Mark(bool[] taken, ImmutableArray<int> numbers)
    {
        var marked = 0;
        foreach (var number in numbers)
        {
            if ((uint)number < (uint)taken.Length && !taken[number])
            {
                taken[number] = true;
                marked++;
            }
        }

        return marked;
    }

    private bool HasGpus(ResourceRequest wanted, bool freeOnly)
    {
        var missing = wanted.GpusPerNode;
        for (var gpu = 0; gpu < takenGpus.Length && missing > 0; gpu++)
        {
            if (!(freeOnly && takenGpus[gpu]) && Suits(node.Gpus[gpu], wanted))
            {
                missing--;
            }
        }

        return missing <= 0;
    }

    private static bool Suits(SchedulableGpu gpu, ResourceRequest wanted) =>
        gpu.Memory >= wanted.GpuMemory && (wanted.GpuModel is null || string.Equals(gpu.Model, wanted.GpuModel, StringComparison.Ordinal));

    private bool EndsInTime(TimeSpan? estimate, DateTimeOffset now) =>
        node.AllocationEnd is not { } end || estimate is { } needed && end > now && needed <= end - now;
}
