namespace Orchestrator.Core.TaskSets;

public sealed partial class TaskSet
{
    /// <summary>A longer run than any seen may come; this much longer is allowed for.</summary>
    private const double SlackOfSeen = 1.5;

    private const int SeenEnough = 3;

    /// <summary>Runs so short that a node need not be asked between two of them.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>The shape whose first task a node is kept for.</summary>
    private (int Shape, int Node)? reservation;

    /// <summary>Leases to a node what it may start now, at most so many.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="now">The time.</param>
    /// <param name="into">Gets the leases.</param>
    /// <param name="isAhead">
    /// What it may start when one of those ends that run there: after all nodes have got what they may start at once. Only tasks of shapes that were seen to run for a second
    /// at most, only behind such tasks, and only while they are next in order; others would wait there while another node has room.
    /// </param>
    /// <returns>How many were added to <paramref name="into"/>.</returns>
    public int Lease(int node, int max, DateTimeOffset now, ICollection<TaskLease> into, bool isAhead = false)
    {
        ArgumentNullException.ThrowIfNull(into);
        var given = 0;
        while (given < max && leases.Count < LeasesMax && !IsClosed && !nodes[node].IsLost && !nodes[node].IsFull(isAhead) && Next(node, now, isAhead) is { } queue)
        {
            into.Add(Give(node, queue, now));
            given++;
        }

        return given;
    }

    /// <summary>Whether something waits for room that the time left does not allow, and nothing else could start.</summary>
    public bool IsOutOfTime(DateTimeOffset now)
    {
        if (EndsAt is null || leases.Count > 0 || CountOf(TaskPhase.Ready) == 0)
        {
            return false;
        }

        foreach (var level in levels.Values)
        {
            foreach (var group in level.Values)
            {
                if (FirstInTime(group, now) is not null)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// The end of an attempt. A repeat, and the end of a lease that was returned, change nothing.
    /// </summary>
    public TaskEndReply End(TaskLease lease, bool success, TimeSpan duration)
    {
        if (!TakeBack(lease))
        {
            return TaskEndReply.Stale;
        }

        var task = lease.Task;
        var queue = shapes[shapeOf[task]];
        if (success)
        {
            queue.Saw(duration);
            queue.Group.Judge(queue, isLate: false);
            SetPhase(task, TaskPhase.Completed);
            Settle(task);
            return TaskEndReply.Completed;
        }

        if (failures[task] < byte.MaxValue)
        {
            failures[task]++;
        }

        if (failures[task] <= queue.Shape.RetriesMax)
        {
            SetPhase(task, TaskPhase.Ready);
            Enqueue(task);
            return TaskEndReply.WillRetry;
        }

        SetPhase(task, TaskPhase.Failed);
        Settle(task);
        return TaskEndReply.Failed;
    }

    /// <summary>Takes a lease back whose task has not ended: it waits again in its old place, and no retry is used.</summary>
    /// <returns>False: the lease is not one that counts.</returns>
    public bool Return(TaskLease lease)
    {
        if (!TakeBack(lease))
        {
            return false;
        }

        SetPhase(lease.Task, TaskPhase.Ready);
        Enqueue(lease.Task);
        return true;
    }

    private bool TakeBack(TaskLease lease)
    {
        if (!leases.TryGetValue(lease.Task, out var known) || known.Serial != lease.Serial)
        {
            return false;
        }

        leases.Remove(lease.Task);
        var node = nodes[known.Node];
        node.Leased.Remove(lease.Task);
        node.Give(shapes[shapeOf[lease.Task]].Shape.Demand);
        node.GiveLong(lease.Task, shapes[shapeOf[lease.Task]].Shape.Demand.Cores);
        return true;
    }

    private TaskLease Give(int node, ReadyQueue queue, DateTimeOffset now)
    {
        var before = queue.Head;
        var task = queue.Take();
        queue.Group.Moved(queue, before);
        queue.OvertakenCores = 0;
        if (reservation is { } kept && kept.Shape == queue.ShapeNumber)
        {
            reservation = null;
        }

        SetPhase(task, TaskPhase.Leased);
        nodes[node].Take(queue.Shape.Demand);
        nodes[node].Leased.Add(task);
        if (!IsShort(queue))
        {
            nodes[node].TakeLong(task, queue.Shape.Demand.Cores);
        }

        var lease = new TaskLease { Task = task, Node = node, Serial = ++serial, Attempt = failures[task] + 1, LeasedAt = now };
        leases.Add(task, lease);
        return lease;
    }

    /// <summary>Counts what started past the first one waiting; when that was enough, keeps the node for it.</summary>
    private void Overtake(ReadyQueue? passed, ReadyQueue by, int node)
    {
        if (passed is null)
        {
            return;
        }

        passed.OvertakenCores += by.Shape.Demand.Cores;
        if (reservation is { } kept && (shapes[kept.Shape].Count == 0 || nodes[kept.Node].IsLost))
        {
            reservation = null;
        }

        if (reservation is null && passed.OvertakenCores >= PatiencePerCore * nodes[node].Capacity.Cores)
        {
            reservation = (passed.ShapeNumber, node);
        }
    }

    /// <summary>When what runs on a node has surely left enough of it; null: nobody can tell.</summary>
    private DateTimeOffset? EarliestStart(SetNode node, TaskDemand demand)
    {
        var free = node.OwnFreeCores;
        foreach (var (end, cores) in node.Leased
            .Select(task => (Lease: leases[task], shapes[shapeOf[task]].Shape))
            .Select(static pair => (End: pair.Shape.Timeout is { } longest ? pair.Lease.LeasedAt + longest : (DateTimeOffset?)null, pair.Shape.Demand.Cores))
            .OrderBy(static pair => pair.End ?? DateTimeOffset.MaxValue))
        {
            free += cores;
            if (free >= demand.Cores)
            {
                return end;
            }
        }

        return null;
    }
}
