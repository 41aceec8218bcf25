namespace Orchestrator.Core.TaskSets;

/// <summary>
/// Ready tasks of one shape in the order of their submission. Tasks that were submitted together are one range; those that come back or were blocked are single numbers.
/// </summary>
internal sealed class ReadyQueue(int shape, TaskShape what, DemandGroup group)
{
    private readonly Queue<(int First, int Last)> ranges = new();
    private readonly PriorityQueue<int, int> singles = new();
    private (int First, int Last) front = (0, -1);
    private int lastAppended = -1;

    public int ShapeNumber => shape;

    public TaskShape Shape => what;

    public DemandGroup Group => group;

    /// <summary>Its tasks were found to end too late.</summary>
    public bool IsLate { get; set; }

    public int Count { get; private set; }

    /// <summary>Cores of tasks that were started past the head while it did not fit.</summary>
    public int OvertakenCores { get; set; }

    /// <summary>The longest attempt that was seen to complete, and how many were.</summary>
    public (TimeSpan Longest, int Count) Seen { get; private set; }

    /// <summary>The smallest number.</summary>
    public int Head
    {
        get
        {
            var range = front.First <= front.Last ? front.First : int.MaxValue;
            return singles.TryPeek(out var single, out _) && single < range ? single : range;
        }
    }

    public void Saw(TimeSpan duration) => Seen = (duration > Seen.Longest ? duration : Seen.Longest, Seen.Count + 1);

    /// <summary>Adds numbers that are above all that were added before; others come in by <see cref="Put"/>.</summary>
    public void Append(int first, int last)
    {
        if (first <= lastAppended)
        {
            for (var number = first; number <= last; number++)
            {
                Put(number);
            }

            return;
        }

        lastAppended = last;
        Count += last - first + 1;
        if (front.First > front.Last)
        {
            front = (first, last);
        }
        else if (ranges.Count == 0 && front.Last + 1 == first)
        {
            front.Last = last;
        }
        else
        {
            ranges.Enqueue((first, last));
        }
    }

    public void Put(int number)
    {
        singles.Enqueue(number, number);
        Count++;
    }

    public int Take()
    {
        var head = Head;
        Count--;
        if (front.First <= front.Last && front.First == head)
        {
            front.First++;
            if (front.First > front.Last && ranges.TryDequeue(out var next))
            {
                front = next;
            }
        }
        else
        {
            singles.Dequeue();
        }

        return head;
    }
}
