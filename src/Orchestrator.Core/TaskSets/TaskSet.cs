using System.Runtime.InteropServices;

namespace Orchestrator.Core.TaskSets;

/// <summary>
/// The rules of a campaign of many short tasks: what may start where, in which order, and what an end means. No input or output, no clock; the same calls give the same
/// leases. It changes in place, since a million tasks cannot be copied for each step: who drives it journals what it is told, and makes it anew from the journal.
/// A waiting task takes 6 bytes here, 8 more where tasks depend on each other, and 8 for each dependency.
/// </summary>
/// <remarks>
/// Order: higher priority first, equals in the order of their submission. What does not fit is passed over, but not for ever: when the cores of tasks that started past
/// the first one waiting have reached <see cref="PatiencePerCore"/> times the cores of the node, that node is kept for it, and takes only what surely ends before it could start.
/// </remarks>
public sealed partial class TaskSet
{
    /// <summary>How often a node's cores may be filled past a task that waits for room on it.</summary>
    public const int PatiencePerCore = 2;

    private readonly List<ReadyQueue> shapes = [];
    private readonly Dictionary<TaskShape, int> shapeNumbers = [];
    private readonly SortedDictionary<int, Dictionary<TaskDemand, DemandGroup>> levels = new(Comparer<int>.Create(static (left, right) => right.CompareTo(left)));
    private readonly List<SetNode> nodes = [];
    private readonly Dictionary<int, TaskLease> leases = [];
    private readonly List<TaskPhase> phases = [];
    private readonly List<byte> failures = [];
    private readonly List<int> shapeOf = [];
    private readonly int[] counts = new int[(int)TaskPhase.Skipped + 1];
    private int admitted;
    private long serial;

    /// <summary>Tasks, whatever their phase. Numbers go from 0.</summary>
    public int Count => phases.Count;

    /// <summary>At most so many leases at once.</summary>
    public int LeasesMax { get; set; } = int.MaxValue;

    /// <summary>When all nodes go away: nothing is leased that is not thought to end before. Null: never.</summary>
    public DateTimeOffset? EndsAt
    {
        get;
        set
        {
            field = value;
            foreach (var queue in shapes)
            {
                queue.Group.Judge(queue, isLate: false);
            }
        }
    }

    /// <summary>When true, nothing more is leased.</summary>
    public bool IsClosed { get; set; }

    public int Running => leases.Count;

    public IEnumerable<TaskLease> Leases => leases.Values;

    /// <summary>Everything has its end.</summary>
    public bool IsFinished => CountOf(TaskPhase.Completed) + CountOf(TaskPhase.Failed) + CountOf(TaskPhase.Skipped) == Count;

    public int CountOf(TaskPhase phase) => counts[(int)phase];

    public TaskPhase PhaseOf(int task) => phases[task];

    public int FailuresOf(int task) => failures[task];

    public TaskShape ShapeOf(int task) => shapes[shapeOf[task]].Shape;

    /// <summary>Whether some node has what it takes, at some time.</summary>
    public bool FitsSomewhere(TaskDemand demand)
    {
        foreach (var node in nodes)
        {
            if (!node.IsLost && demand.FitsIn(node.Capacity))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="capacity">What it has.</param>
    /// <param name="prefetchCores">Cores that may be leased beyond those it has, so that it need not ask between two tasks.</param>
    /// <returns>The number of the node.</returns>
    public int AddNode(TaskDemand capacity, int prefetchCores = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity.Cores, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(prefetchCores);
        nodes.Add(new(capacity, prefetchCores));
        return nodes.Count - 1;
    }

    /// <summary>What the node had leased waits again, in its old place; no retry is used.</summary>
    /// <returns>The tasks that came back.</returns>
    public IReadOnlyList<int> LoseNode(int node)
    {
        var lost = nodes[node];
        if (lost.IsLost)
        {
            return [];
        }

        lost.IsLost = true;
        var returned = lost.Leased.Order().ToList();
        foreach (var task in returned)
        {
            Return(leases[task]);
        }

        reservation = reservation is { } kept && kept.Node == node ? null : reservation;
        return returned;
    }

    private void SetPhase(int task, TaskPhase phase)
    {
        ref var at = ref CollectionsMarshal.AsSpan(phases)[task];
        counts[(int)at]--;
        counts[(int)phase]++;
        at = phase;
    }
}
