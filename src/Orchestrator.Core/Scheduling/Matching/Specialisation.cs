namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How well a node suits work, the greater the better. Only ratios of two scores mean anything.</summary>
public static class Specialisation
{
    private const double Lacking = 0.01;

    /// <summary>Bytes of GPU memory from which on a GPU counts as larger than needed, where nothing is asked for.</summary>
    private const double SmallGpu = 8.0 * (1L << 30);

    /// <summary>
    /// 1.5 for a node of the class that the kind of work likes, by 1 + 0.35 for each of its features that are liked, by the learned speed, by how closely GPUs (most), cores and memory
    /// fit; one that lacks what is asked for scores low, but it is not said that it cannot take the work.
    /// </summary>
    public static double Score(SchedulableNode node, PendingRequest request, double learnedSpeed = 1)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(request);
        return Affinity(node, NodeKinds.ClassOf(node), WorkAffinity.Of(request.JobType)) * learnedSpeed * Fit(node, request);
    }

    internal static double Affinity(SchedulableNode node, NodeClass nodeClass, WorkAffinity likes)
    {
        var matches = 0;
        foreach (var feature in node.Features)
        {
            matches += likes.Likes(feature) ? 1 : 0;
        }

        return (likes.Class != NodeClass.Absent && nodeClass == likes.Class ? 1.5 : 1) * (1 + 0.35 * matches);
    }

    /// <summary>Above 0, and 1 for a node that has nothing beside what is asked for.</summary>
    internal static double Fit(SchedulableNode node, PendingRequest request)
    {
        var wanted = request.Resources;
        var fit = Math.Pow(Ratio((double)wanted.RanksPerNode * wanted.Threads, node.Cores), 0.125);
        if (wanted.MemoryPerNode > 0)
        {
            fit *= Math.Pow(Ratio(wanted.MemoryPerNode, node.Memory), 0.125);
        }

        if (wanted.GpusPerNode > 0)
        {
            fit *= SmallestGpu(node, request) is not (var gpu and > 0) ? Lacking
                : Math.Pow(Ratio(Math.Max(wanted.GpuMemory, SmallGpu), gpu), 0.5) * Math.Pow(Ratio(wanted.GpusPerNode, node.Gpus.Length), 0.25);
        }

        return fit;
    }

    /// <summary>
    /// The parts, 0 to 1, of the node's GPUs and cores that nobody could use if it were filled with requests like this one: GPUs without cores or memory beside them are lost.
    /// </summary>
    internal static (double Gpus, double Cores) Stranded(SchedulableNode node, PendingRequest request)
    {
        var wanted = request.Resources;
        var cores = Math.Max(1, (double)wanted.RanksPerNode * wanted.Threads);
        var times = wanted.Exclusive ? 1 : Math.Floor(node.Cores / cores);
        times = wanted.MemoryPerNode > 0 ? Math.Min(times, node.Memory / wanted.MemoryPerNode) : times;
        if (wanted.GpusPerNode > 0)
        {
            times = Math.Min(times, node.Gpus.Length / wanted.GpusPerNode * (1000 / Math.Clamp(wanted.GpuThousandths, 1, 1000)));
        }

        var gpus = node.Gpus.IsEmpty || wanted.GpusPerNode == 0 ? 0 : 1 - times * wanted.GpusPerNode * Math.Clamp(wanted.GpuThousandths, 1, 1000) / 1000.0 / node.Gpus.Length;
        return (Math.Clamp(gpus, 0, 1), Math.Clamp(1 - times * cores / Math.Max(1, node.Cores), 0, 1));
    }

    /// <summary>How many doublings the smallest GPU that satisfies is larger than asked for, or than a small one.</summary>
    internal static double GpuExcess(SchedulableNode node, PendingRequest request) =>
        SmallestGpu(node, request) is var gpu and > 0 ? -Math.Log2(Ratio(Math.Max(request.Resources.GpuMemory, SmallGpu), gpu)) : 0;

    /// <summary>The memory of the smallest GPU of the node that satisfies the request; 0: none does.</summary>
    internal static long SmallestGpu(SchedulableNode node, PendingRequest request)
    {
        var smallest = 0L;
        foreach (var gpu in node.Gpus)
        {
            if (GpuSuits.HasMemory(gpu.Memory, request.Resources.GpuMemory)
                && (request.Resources.GpuModel is not { } model || GpuSuits.IsModel(gpu.Model, model))
                && (smallest == 0 || gpu.Memory < smallest))
            {
                smallest = gpu.Memory;
            }
        }

        return smallest;
    }

    private static double Ratio(double wanted, double has) => 
        wanted <= 0 || has == wanted ? 1
        : has > wanted ? wanted / has
        : Math.Max(has / wanted, Lacking);
}
