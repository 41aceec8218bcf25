using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Where the nodes are: by their ids, with their kinds and their parts of the topology as numbers.</summary>
internal sealed partial class VictimRoom
{
    private readonly Dictionary<NodeId, int> slots = [];

    /// <summary>In the order in which they were told.</summary>
    private readonly List<SchedulableNode> told = [];
    private readonly Dictionary<NodeKindKey, int> kinds = [];
    private readonly List<SchedulableNode> examples = [];
    private readonly Dictionary<string, VictimLevel> levels = new(StringComparer.Ordinal);

    /// <summary>Of each that was told, its place.</summary>
    private int[] slotOf = [];
    private int[] kindOf = [];
    private bool[] hasEnd = [];
    private bool[] suits = [];

    /// <summary>Grows when nodes come or go.</summary>
    private int layout;

    /// <summary>Of each node, the number of its kind: what <see cref="Suits"/> says is by kind.</summary>
    public ReadOnlySpan<int> KindOf => kindOf;

    /// <summary>Of each kind, whether an empty node of it has what the request wants, and takes its user's work. Good until it is asked again.</summary>
    public ReadOnlySpan<bool> Suits(PendingRequest request)
    {
        if (suits.Length < examples.Count)
        {
            suits = new bool[examples.Count * 2];
        }

        for (var kind = 0; kind < examples.Count; kind++)
        {
            var node = examples[kind];
            suits[kind] = (node.User.Length == 0 || node.User == request.User) && NodeSuits.Has(node, request.Resources);
        }

        return suits;
    }

    /// <summary>The parts of a level of the topology.</summary>
    public VictimLevel LevelOf(string level)
    {
        if (!levels.TryGetValue(level, out var found))
        {
            levels.Add(level, found = new(level, Nodes));
        }

        return found;
    }

    /// <summary>Nodes whose ids are told as the last time keep their places.</summary>
    private void LayOut(IReadOnlyCollection<SchedulableNode> nodes)
    {
        if (told.Count == nodes.Count && AreKnown(nodes))
        {
            return;
        }

        told.Clear();
        told.AddRange(nodes);
        layout++;
        var count = told.Count;
        slots.EnsureCapacity(count);
        (Nodes, FreeCores, kindOf, slotOf) = (new VictimNode[count], new int[count], new int[count], new int[count]);
        (hasEnd, isChanged) = (new bool[count], new bool[count]);
        changed.Clear();
        slots.Clear();
        leases.Clear();
        licensed.Clear();
        Array.Clear(open);
        kinds.Clear();
        examples.Clear();
        levels.Clear();
        var byId = new int[count];
        for (var at = 0; at < count; at++)
        {
            byId[at] = at;
        }

        Array.Sort(byId, (left, right) => told[left].Id.CompareTo(told[right].Id));
        for (var slot = 0; slot < count; slot++)
        {
            slotOf[byId[slot]] = slot;
            var node = told[byId[slot]];
            slots[node.Id] = slot;
            Set(slot, new(node));
        }
    }

    /// <summary>False: other nodes than the last time.</summary>
    private bool AreKnown(IReadOnlyCollection<SchedulableNode> nodes)
    {
        var at = 0;
        foreach (var node in nodes)
        {
            var known = told[at];
            if (!ReferenceEquals(known, node))
            {
                if (known.Id != node.Id)
                {
                    return false;
                }

                told[at] = node;
                Set(slotOf[at], Nodes[slotOf[at]].As(node));
                if (!known.Topology.AsSpan().SequenceEqual(node.Topology.AsSpan()))
                {
                    levels.Clear();
                }
            }

            at++;
        }

        return true;
    }

    private void Set(int slot, VictimNode room)
    {
        var key = new NodeKindKey(room.Node);
        if (!kinds.TryGetValue(key, out var kind))
        {
            kinds.Add(key, kind = examples.Count);
            examples.Add(room.Node);
        }

        (Nodes[slot], kindOf[slot], hasEnd[slot]) = (room, kind, room.Node.AllocationEnd is not null);
        Change(slot);
    }
}
