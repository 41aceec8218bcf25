using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>When the cluster is overloaded, the lowest quarter of what waits and is not critical counts one class less (<see cref="Order.OrderSettings.Overload"/>).</summary>
public static class OverloadRule
{
    /// <summary>Above this part of any resource in use the cluster is overloaded.</summary>
    public const double Threshold = 0.85;

    private const int Part = 4;

    /// <summary>The greatest part in use of cores, memory and GPUs over all nodes that are seen, 0 to 1.</summary>
    public static double Load(IEnumerable<SchedulableNode> nodes, IEnumerable<RunningLease> running)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(running);
        double cores = 0, memory = 0, gpus = 0;
        var seen = new Dictionary<NodeId, SchedulableNode>();
        foreach (var node in nodes)
        {
            if (!node.NotSeen && seen.TryAdd(node.Id, node))
            {
                cores += node.Cores;
                memory += node.Memory;
                gpus += node.Gpus.Length;
            }
        }

        double coresUsed = 0, memoryUsed = 0, gpusUsed = 0;
        foreach (var lease in running)
        {
            foreach (var share in lease.Shares)
            {
                if (seen.TryGetValue(share.Node, out var node))
                {
                    coresUsed += share.Exclusive ? node.Cores : share.Cores.Length;
                    memoryUsed += share.Memory;
                    gpusUsed += share.Gpus.Length * share.GpuThousandths / 1000.0;
                }
            }
        }

        return Math.Max(Used(coresUsed, cores), Math.Max(Used(memoryUsed, memory), Used(gpusUsed, gpus)));
    }

    /// <summary>Who is lowered to which class: the lowest first, of equal ones the latest submitted; at least one, and none below background.</summary>
    /// <param name="load">0 to 1, the greatest of all resources.</param>
    /// <param name="work">All that waits, with the class in which it counts; the order in which it was submitted decides between equals.</param>
    public static ImmutableArray<LoweredClass> Lower(double load, IEnumerable<LoweredClass> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (load <= Threshold)
        {
            return [];
        }

        var all = work.Where(static item => item.Priority != PriorityClass.Critical).ToArray();
        all.AsSpan().Sort(LowestFirst);
        return
        [
            .. all.Take(all.Length == 0 ? 0 : Math.Max(1, all.Length / Part)).Where(static item => item.Priority > PriorityClass.Background).Select(static item => item with { Priority = item.Priority - 1 }),
        ];
    }

    private static int LowestFirst(LoweredClass one, LoweredClass other)
    {
        var order = one.Priority.CompareTo(other.Priority);
        order = order != 0 ? order : other.SubmissionOrder.CompareTo(one.SubmissionOrder);

        // The text of an attempt is made only where it decides.
        return order != 0 ? order : string.CompareOrdinal(one.Attempt.ToString(), other.Attempt.ToString());
    }

    private static double Used(double used, double all) => all > 0 ? used / all : 0;
}

/// <summary>An attempt and the class it has, or shall have.</summary>
/// <param name="Attempt">Who.</param>
/// <param name="Priority">Its class.</param>
/// <param name="SubmissionOrder">The later submitted of equal ones is lowered first.</param>
public readonly record struct LoweredClass(AttemptId Attempt, PriorityClass Priority, long SubmissionOrder)
{
    /// <summary>Where it stands in the list of whoever asks; it decides nothing.</summary>
    public int Place { get; init; }
}
