using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>What is left of one node over the whole time of a reservation, others' parts taken off.</summary>
internal sealed class NodeKeep(SchedulableNode node)
{
    private readonly bool[] cores = new bool[Math.Max(0, node.Cores)];
    private readonly int[] gpus = new int[node.Gpus.Length];
    private long memory = node.Memory;
    private long storage = node.Storage;
    private long network = node.Network;
    private bool used;
    private bool whole;

    /// <summary>Two that overlap the reservation count together, although they need not overlap each other: too little is promised rather than too much.</summary>
    public void Occupy(NodeShare share, bool wholeNode)
    {
        used = true;
        whole |= wholeNode || share.Exclusive;
        foreach (var core in share.Cores)
        {
            if ((uint)core < (uint)cores.Length)
            {
                cores[core] = true;
            }
        }

        foreach (var gpu in share.Gpus)
        {
            if ((uint)gpu < (uint)gpus.Length)
            {
                gpus[gpu] = Math.Min(1000, gpus[gpu] + share.GpuThousandths);
            }
        }

        memory -= share.Memory;
        storage -= share.Storage;
        network -= share.Network;
    }

    /// <summary>What a reservation takes of the node; null: it does not fit.</summary>
    public NodeShare? Take(Reservation reservation)
    {
        if (reservation.Kind != ReservationKind.Partial)
        {
            return used ? null : new()
            {
                Node = node.Id,
                Cores = [.. Enumerable.Range(0, cores.Length)],
                Memory = node.Memory,
                Gpus = [.. Enumerable.Range(0, gpus.Length)],
                Exclusive = reservation.Kind != ReservationKind.Shared,
                Storage = node.Storage,
                Network = node.Network,
            };
        }

        var wanted = reservation.Wanted;
        if (whole || wanted.Exclusive && used || wanted.MemoryPerNode > memory || wanted.StoragePerNode > storage || wanted.NetworkPerNode > network)
        {
            return null;
        }

        var freeCores = Enumerable.Range(0, cores.Length).Where(core => !cores[core]).Take(wanted.CoresPerNode).ToImmutableArray();
        var freeGpus = Enumerable.Range(0, gpus.Length).Where(gpu => gpus[gpu] + wanted.GpuThousandths <= 1000 && NodeSuits.Suits(node.Gpus[gpu], wanted)).Take(wanted.GpusPerNode).ToImmutableArray();
        return freeCores.Length < wanted.CoresPerNode || freeGpus.Length < wanted.GpusPerNode ? null : new()
        {
            Node = node.Id,
            Cores = freeCores,
            Memory = wanted.MemoryPerNode,
            Gpus = freeGpus,
            GpuThousandths = wanted.GpuThousandths,
            Exclusive = wanted.Exclusive,
            Storage = wanted.StoragePerNode,
            Network = wanted.NetworkPerNode,
        };
    }
}
