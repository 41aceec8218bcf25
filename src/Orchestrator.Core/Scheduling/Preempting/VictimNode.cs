using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>What is left of one node while victims are sought.</summary>
internal sealed class VictimNode(SchedulableNode node)
{
    private readonly int[] gpus = new int[node.Gpus.Length];
    private int cores;
    private long memory;
    private long storage;
    private long network;
    private int users;
    private int alone;

    public SchedulableNode Node => node;

    /// <summary>Cores that nobody holds.</summary>
    public int FreeCores => cores;

    /// <summary>So many have something of it.</summary>
    public int Users => users;

    /// <summary>All whose shares it bears, whether they count as gone or not.</summary>
    public List<(VictimLease Lease, NodeShare Share)> Occupants { get; private init; } = [];

    /// <summary>Someone does not leave it who should have: it is not counted on.</summary>
    public bool Quarantined { get; private set; }

    /// <summary>Counts anew: those that are not gone hold what they hold, and nobody else does.</summary>
    public void Recount()
    {
        (cores, memory, storage, network) = (Math.Max(0, node.Cores), Math.Max(0, node.Memory), Math.Max(0, node.Storage), Math.Max(0, node.Network));
        (users, alone, Quarantined) = (0, 0, false);
        Array.Fill(gpus, 1000);
        foreach (var (lease, share) in Occupants)
        {
            Quarantined |= lease.IsStuck;
            if (!lease.Gone)
            {
                Occupy(share);
            }
        }
    }

    /// <summary>The same occupants on a node of which something else is told now; to be counted anew.</summary>
    public VictimNode As(SchedulableNode told) => new(told) { Occupants = Occupants };

    public void Occupy(NodeShare share) => Add(share, 1);

    public void Vacate(NodeShare share) => Add(share, -1);

    /// <summary>Takes a place for a request that fits.</summary>
    public void Take(ResourceRequest wanted)
    {
        cores -= wanted.CoresPerNode;
        memory -= wanted.MemoryPerNode;
        storage -= wanted.StoragePerNode;
        network -= wanted.NetworkPerNode;
        users++;
        alone += wanted.Exclusive ? 1 : 0;
        var missing = wanted.GpusPerNode;
        for (var gpu = 0; gpu < gpus.Length && missing > 0; gpu++)
        {
            if (gpus[gpu] >= wanted.GpuThousandths && NodeSuits.Suits(node.Gpus[gpu], wanted))
            {
                gpus[gpu] -= wanted.GpuThousandths;
                missing--;
            }
        }
    }

    public bool Fits(ResourceRequest wanted)
    {
        if (alone > 0 || wanted.Exclusive && users > 0 || wanted.CoresPerNode > cores || wanted.MemoryPerNode > memory && wanted.MemoryPerNode > 0
            || wanted.StoragePerNode > storage && wanted.StoragePerNode > 0 || wanted.NetworkPerNode > network && wanted.NetworkPerNode > 0)
        {
            return false;
        }

        var missing = wanted.GpusPerNode;
        for (var gpu = 0; gpu < gpus.Length && missing > 0; gpu++)
        {
            if (gpus[gpu] >= wanted.GpuThousandths && NodeSuits.Suits(node.Gpus[gpu], wanted))
            {
                missing--;
            }
        }

        return missing <= 0;
    }

    private void Add(NodeShare share, int sign)
    {
        cores -= sign * share.Cores.Length;
        memory -= sign * share.Memory;
        storage -= sign * share.Storage;
        network -= sign * share.Network;
        users += sign;
        alone += share.Exclusive ? sign : 0;
        foreach (var gpu in share.Gpus)
        {
            if ((uint)gpu < (uint)gpus.Length)
            {
                gpus[gpu] -= sign * share.GpuThousandths;
            }
        }
    }
}
