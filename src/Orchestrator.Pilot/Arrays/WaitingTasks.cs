using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// Tasks that a worker has and does not run yet, in the order in which they came. The rule is that of segments: one that finds too few cores is waited for; one that finds too few
/// GPUs or too little memory keeps what there is of them, and those behind it that need none of that pass it.
/// </summary>
internal sealed class WaitingTasks
{
    /// <summary>Equals go in their order, so that the first of each demand is all that is looked at.</summary>
    private readonly Dictionary<TaskDemand, LinkedList<(ArrayLease Lease, TaskDefinition Task)>> queues = [];

    public int Count { get; private set; }

    /// <summary>Of all of them together.</summary>
    public int Cores { get; private set; }

    public int Gpus { get; private set; }

    /// <summary>Bytes.</summary>
    public long Memory { get; private set; }

    public void Add(ArrayLease lease, TaskDefinition task)
    {
        if (!queues.TryGetValue(lease.Demand, out var queue))
        {
            queues.Add(lease.Demand, queue = new());
        }

        queue.AddLast((lease, task));
        Note(lease.Demand, 1);
    }

    /// <summary>The first one that may start.</summary>
    public bool TryTake(TaskDemand free, out (ArrayLease Lease, TaskDefinition Task) next)
    {
        var (gpus, memory) = (free.Gpus, free.Memory);
        foreach (var queue in queues.Values.OrderBy(static queue => queue.First!.Value.Lease.Local))
        {
            next = queue.First!.Value;
            var demand = next.Lease.Demand;
            if (demand.Cores > free.Cores)
            {
                break;
            }

            if (demand.Gpus <= gpus && demand.Memory <= memory)
            {
                queue.RemoveFirst();
                Taken(demand, queue);
                return true;
            }

            gpus = demand.Gpus > gpus ? 0 : gpus;
            memory = demand.Memory > memory ? 0 : memory;
        }

        next = default;
        return false;
    }

    /// <summary>The one that came last; null: none is left.</summary>
    public ArrayLease? TakeNewest()
    {
        if (queues.Values.MaxBy(static queue => queue.Last!.Value.Lease.Local) is not { } queue)
        {
            return null;
        }

        var lease = queue.Last!.Value.Lease;
        queue.RemoveLast();
        Taken(lease.Demand, queue);
        return lease;
    }

    private void Taken(TaskDemand demand, LinkedList<(ArrayLease Lease, TaskDefinition Task)> queue)
    {
        if (queue.Count == 0)
        {
            queues.Remove(demand);
        }

        Note(demand, -1);
    }

    private void Note(TaskDemand demand, int count)
    {
        Count += count;
        Cores += count * demand.Cores;
        Gpus += count * demand.Gpus;
        Memory += count * demand.Memory;
    }
}
