using System.Runtime.InteropServices;

namespace Orchestrator.Core.TaskSets;

public sealed partial class TaskSet
{
    private readonly List<int> edgeTarget = [];
    private readonly List<int> edgeNext = [];
    private readonly List<int> newlySkipped = [];

    // Made to wait for what had failed already.
    private readonly List<int> doomed = [];

    // Made with the first dependency: most campaigns have none.
    private List<int>? waitingFor;
    private List<int>? firstEdge;

    /// <summary>Adds tasks of one shape. They wait for <see cref="Admit"/>.</summary>
    /// <returns>The number of the first; the others follow.</returns>
    public int Add(TaskShape shape, int count = 1)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.RetriesMax, TaskShape.RetriesMaxMax);
        if (!shapeNumbers.TryGetValue(shape, out var number))
        {
            number = shapes.Count;
            shapeNumbers.Add(shape, number);
            if (!levels.TryGetValue(shape.Priority, out var level))
            {
                levels.Add(shape.Priority, level = []);
            }

            if (!level.TryGetValue(shape.Demand, out var group))
            {
                level.Add(shape.Demand, group = new(shape.Demand));
            }

            shapes.Add(new(number, shape, group));
        }

        var first = Count;
        CollectionsMarshal.SetCount(phases, first + count);
        CollectionsMarshal.AsSpan(phases)[first..].Fill(TaskPhase.Added);
        CollectionsMarshal.SetCount(failures, first + count);
        CollectionsMarshal.AsSpan(failures)[first..].Clear();
        CollectionsMarshal.SetCount(shapeOf, first + count);
        CollectionsMarshal.AsSpan(shapeOf)[first..].Fill(number);
        counts[(int)TaskPhase.Added] += count;
        GrowEdges();
        return first;
    }

    /// <summary>Lets one task wait until another has completed. Both are there; the one that waits is not admitted yet. The caller sees to it that there is no cycle.</summary>
    public void Connect(int predecessor, int successor)
    {
        if (phases[successor] != TaskPhase.Added)
        {
            throw new InvalidTransitionException($"Task {successor} is {phases[successor]} already and cannot be made to wait.");
        }

        if (predecessor < admitted && phases[predecessor] == TaskPhase.Completed)
        {
            return;
        }

        waitingFor ??= [];
        firstEdge ??= [];
        GrowEdges();
        if (predecessor < admitted && phases[predecessor] is TaskPhase.Failed or TaskPhase.Skipped)
        {
            doomed.Add(successor);
            return;
        }

        waitingFor[successor]++;
        edgeTarget.Add(successor);
        edgeNext.Add(firstEdge[predecessor]);
        firstEdge[predecessor] = edgeTarget.Count - 1;
    }

    /// <summary>Tells what is known of a task from before, ahead of its admission.</summary>
    /// <param name="task">Its number.</param>
    /// <param name="end">Completed or Failed; Added: it has not ended.</param>
    /// <param name="failedAttempts">Attempts that failed so far.</param>
    public void Restore(int task, TaskPhase end, int failedAttempts)
    {
        if (phases[task] is not (TaskPhase.Added or TaskPhase.Completed or TaskPhase.Failed) || task < admitted || end is not (TaskPhase.Added or TaskPhase.Completed or TaskPhase.Failed))
        {
            throw new InvalidTransitionException($"Task {task} is {phases[task]} and cannot be restored as {end}.");
        }

        SetPhase(task, end);
        failures[task] = (byte)Math.Min(failedAttempts, byte.MaxValue);
    }

    /// <summary>Lets everything run that was added since the last time.</summary>
    public void Admit()
    {
        var from = admitted;
        admitted = Count;
        if (firstEdge is not null)
        {
            // Ends that were restored, and failures of tasks that were admitted long ago.
            for (var task = from; task < Count; task++)
            {
                if (phases[task] is TaskPhase.Completed or TaskPhase.Failed)
                {
                    Settle(task);
                }
            }

            foreach (var task in doomed)
            {
                if (phases[task] == TaskPhase.Added)
                {
                    SetPhase(task, TaskPhase.Skipped);
                    newlySkipped.Add(task);
                    Settle(task);
                }
            }

            doomed.Clear();
        }

        for (var task = from; task < Count; task++)
        {
            if (phases[task] != TaskPhase.Added)
            {
                continue;
            }

            if (waitingFor is not null && waitingFor[task] > 0)
            {
                SetPhase(task, TaskPhase.Blocked);
                continue;
            }

            var last = task;
            SetPhase(task, TaskPhase.Ready);
            while (last + 1 < Count && phases[last + 1] == TaskPhase.Added && shapeOf[last + 1] == shapeOf[task] && (waitingFor is null || waitingFor[last + 1] == 0))
            {
                last++;
                SetPhase(last, TaskPhase.Ready);
            }

            var queue = shapes[shapeOf[task]];
            var before = queue.Head;
            queue.Append(task, last);
            queue.Group.Moved(queue, before);
            task = last;
        }
    }

    /// <summary>Tasks that will never run because one before them failed, told once.</summary>
    public IReadOnlyList<int> TakeNewlySkipped()
    {
        if (newlySkipped.Count == 0)
        {
            return [];
        }

        var told = newlySkipped.ToArray();
        newlySkipped.Clear();
        return told;
    }

    private void GrowEdges()
    {
        if (waitingFor is null || firstEdge is null)
        {
            return;
        }

        var had = waitingFor.Count;
        CollectionsMarshal.SetCount(waitingFor, Count);
        CollectionsMarshal.AsSpan(waitingFor)[had..].Clear();
        CollectionsMarshal.SetCount(firstEdge, Count);
        CollectionsMarshal.AsSpan(firstEdge)[had..].Fill(-1);
    }

    /// <summary>Tells those that wait for a task how it ended. Its edges are used up.</summary>
    private void Settle(int ended)
    {
        if (firstEdge is null || firstEdge[ended] < 0)
        {
            return;
        }

        var pending = new Stack<int>();
        pending.Push(ended);
        while (pending.TryPop(out var task))
        {
            var completed = phases[task] == TaskPhase.Completed;
            var edge = firstEdge[task];
            firstEdge[task] = -1;
            for (; edge >= 0; edge = edgeNext[edge])
            {
                var successor = edgeTarget[edge];
                waitingFor![successor]--;
                if (phases[successor] is not (TaskPhase.Blocked or TaskPhase.Added))
                {
                    continue;
                }

                if (!completed)
                {
                    SetPhase(successor, TaskPhase.Skipped);
                    newlySkipped.Add(successor);
                    pending.Push(successor);
                }
                else if (waitingFor[successor] == 0 && phases[successor] == TaskPhase.Blocked)
                {
                    SetPhase(successor, TaskPhase.Ready);
                    Enqueue(successor);
                }
            }
        }
    }

    private void Enqueue(int task)
    {
        var queue = shapes[shapeOf[task]];
        var before = queue.Head;
        queue.Put(task);
        queue.Group.Moved(queue, before);
    }
}
