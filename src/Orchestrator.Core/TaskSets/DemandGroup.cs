namespace Orchestrator.Core.TaskSets;

/// <summary>Ready queues of one priority and one demand, by the submission of their first task: where one of them has room, all have.</summary>
internal sealed class DemandGroup(TaskDemand demand)
{
    public TaskDemand Demand => demand;

    /// <summary>Those that may end in time, as far as is known.</summary>
    public SortedSet<(int Head, int Shape)> InTime { get; } = [];

    /// <summary>Those that were found to end too late. Time does not help them; a shorter run of their shape may.</summary>
    public SortedSet<(int Head, int Shape)> Late { get; } = [];

    /// <summary>The head of a queue is another now.</summary>
    public void Moved(ReadyQueue queue, int before)
    {
        var after = queue.Head;
        if (before == after)
        {
            return;
        }

        var order = queue.IsLate ? Late : InTime;
        if (before != int.MaxValue)
        {
            order.Remove((before, queue.ShapeNumber));
        }

        if (after != int.MaxValue)
        {
            order.Add((after, queue.ShapeNumber));
        }
    }

    public void Judge(ReadyQueue queue, bool isLate)
    {
        if (queue.IsLate == isLate)
        {
            return;
        }

        queue.IsLate = isLate;
        var (from, to) = isLate ? (InTime, Late) : (Late, InTime);
        if (from.Remove((queue.Head, queue.ShapeNumber)))
        {
            to.Add((queue.Head, queue.ShapeNumber));
        }
    }
}
