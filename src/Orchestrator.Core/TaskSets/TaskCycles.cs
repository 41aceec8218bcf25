namespace Orchestrator.Core.TaskSets;

/// <summary>Finds tasks that wait for themselves.</summary>
public static class TaskCycles
{
    /// <summary>One cycle for each group of tasks that wait for each other, in the order of its smallest number; each in the order in which they wait.</summary>
    /// <param name="count">Tasks are numbered from 0.</param>
    /// <param name="edges">Predecessor and successor.</param>
    public static IReadOnlyList<IReadOnlyList<int>> Find(int count, IReadOnlyCollection<(int Predecessor, int Successor)> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        var left = new HashSet<int>();
        var waits = new int[count];
        var after = edges.ToLookup(static edge => edge.Predecessor, static edge => edge.Successor);
        foreach (var (_, successor) in edges)
        {
            waits[successor]++;
        }

        var free = new Stack<int>(Enumerable.Range(0, count).Where(task => waits[task] == 0));
        left.UnionWith(Enumerable.Range(0, count).Where(task => waits[task] > 0));
        while (free.TryPop(out var task))
        {
            foreach (var successor in after[task])
            {
                if (--waits[successor] == 0)
                {
                    left.Remove(successor);
                    free.Push(successor);
                }
            }
        }

        // Each that is left has a predecessor that is left: walking back among them must come round.
        var before = edges.Where(edge => left.Contains(edge.Predecessor) && left.Contains(edge.Successor)).ToLookup(static edge => edge.Successor, static edge => edge.Predecessor);
        var cycles = new List<IReadOnlyList<int>>();
        var seen = new Dictionary<int, int>();
        var walk = 0;
        foreach (var start in left.Order())
        {
            walk++;
            var path = new List<int>();
            var at = start;
            while (seen.TryAdd(at, walk))
            {
                path.Add(at);
                at = before[at].First();
            }

            if (seen[at] == walk)
            {
                var cycle = path[path.IndexOf(at)..];
                cycle.Reverse();
                var smallest = cycle.IndexOf(cycle.Min());
                cycles.Add([.. cycle[smallest..], .. cycle[..smallest]]);
            }
        }

        return cycles;
    }
}
