using System.Runtime.InteropServices;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// An institution, account or user in the fair tree. Its turn is due the sooner, the less it used for its shares. It stays from plan to plan; whose work, or usage, none of a plan is, is not in it.
/// </summary>
internal sealed class FairNode(FairNode? parent, string name, double shares)
{
    /// <summary>A heap of those below it that still wait, the one whose turn is due at the top.</summary>
    private readonly List<FairNode> waiting = [];

    /// <summary>All that ever were below it, by name, so that sums are the same whoever was added first.</summary>
    private readonly List<FairNode> byName = [];
    private readonly Dictionary<string, FairNode> children = new(StringComparer.Ordinal);

    /// <summary>First and last of the strings of each class, once turns are dealt.</summary>
    private (int First, int Last)[]? strings;

    public FairNode? Parent => parent;

    public string Name => name;

    public double SharesOf => shares;

    /// <summary>By name. Some may not be in the plan.</summary>
    public ReadOnlySpan<FairNode> Children => CollectionsMarshal.AsSpan(byName);

    /// <summary>The last plan that it was in.</summary>
    public long Plan { get; private set; } = -1;

    /// <summary>Core-milliseconds by work that runs, in whole numbers, so that their order cannot change the sum.</summary>
    public long Running { get; set; }

    /// <summary>Decayed core-milliseconds.</summary>
    public double Used { get; set; }

    /// <summary>How well it and those above it were served before this plan: 1 not at all, near 0 far beyond their shares.</summary>
    public double Want { get; set; } = 1;

    /// <summary>Index of the next waiting request, of a user; -1: none.</summary>
    public int Next { get; set; } = -1;

    /// <summary>Index of the last waiting request while they are strung together.</summary>
    public int Last { get; set; } = -1;

    public FairNode Due => waiting[0];

    public bool IsEmpty => waiting.Count == 0;

    /// <summary>It and those above it are in this plan; what they used and want is found anew.</summary>
    public void Enter(long plan)
    {
        for (var node = this; node is not null && node.Plan != plan; node = node.Parent)
        {
            (node.Plan, node.Running, node.Used, node.Want) = (plan, 0, 0, 1);
        }
    }

    /// <summary>The one below it of that name; null: there is none yet.</summary>
    public FairNode? Child(string childName) => children.GetValueOrDefault(childName);

    /// <summary>Adds one below it.</summary>
    public FairNode Add(string childName, double sharesOf)
    {
        var child = new FairNode(this, childName, sharesOf > 0 ? sharesOf : double.Epsilon);
        children.Add(childName, child);
        var at = byName.FindIndex(other => string.CompareOrdinal(childName, other.Name) < 0);
        byName.Insert(at < 0 ? byName.Count : at, child);
        return child;
    }

    /// <summary>One of those below it waits.</summary>
    public void Enlist(FairNode child)
    {
        waiting.Add(child);
        var at = waiting.Count - 1;
        while (at > 0 && child.Before(waiting[(at - 1) / 2]))
        {
            waiting[at] = waiting[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        waiting[at] = child;
    }

    /// <summary>The one at the top used more, or does not wait any more: the next comes to the top.</summary>
    public void Reorder(bool remove)
    {
        var moved = waiting[0];
        if (remove)
        {
            moved = waiting[^1];
            waiting.RemoveAt(waiting.Count - 1);
            if (waiting.Count == 0)
            {
                return;
            }
        }

        var at = 0;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= waiting.Count)
            {
                break;
            }

            if (child + 1 < waiting.Count && waiting[child + 1].Before(waiting[child]))
            {
                child++;
            }

            if (!waiting[child].Before(moved))
            {
                break;
            }

            waiting[at] = waiting[child];
            at = child;
        }

        waiting[at] = moved;
    }

    /// <summary>Adds a request to the string of a class.</summary>
    public void Enqueue(int level, int index, int[] next)
    {
        strings ??= [.. Enumerable.Repeat((-1, -1), (int)PriorityClass.Critical + 1)];
        ref var end = ref strings[level];
        next[index] = -1;
        if (end.First < 0)
        {
            end.First = index;
        }
        else
        {
            next[end.Last] = index;
        }

        end.Last = index;
    }

    /// <summary>Takes the first of the string of a class; there is one.</summary>
    public int Dequeue(int level, int[] next)
    {
        ref var end = ref strings![level];
        var index = end.First;
        end.First = next[index];
        return index;
    }

    /// <summary>Less used for its shares; then more shares; then the name.</summary>
    private bool Before(FairNode other)
    {
        var (mine, others) = (Used * other.SharesOf, other.Used * SharesOf);
        return mine < others || (mine == others && (SharesOf > other.SharesOf || (SharesOf == other.SharesOf && string.CompareOrdinal(name, other.Name) < 0)));
    }
}
