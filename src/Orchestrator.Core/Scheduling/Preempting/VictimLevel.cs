namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>The parts of one level of the topology: of each node the number of its part, -1: it is in none.</summary>
internal sealed class VictimLevel
{
    public VictimLevel(string level, VictimNode[] nodes)
    {
        Parts = new int[nodes.Length];
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var slot = 0; slot < nodes.Length; slot++)
        {
            Parts[slot] = -1;
            if (NodeSuits.PartOf(nodes[slot].Node, level) is { } name && !names.TryGetValue(name, out Parts[slot]))
            {
                names.Add(name, Parts[slot] = names.Count);
            }
        }

        Count = names.Count;
    }

    public int[] Parts { get; }

    public int Count { get; }
}
