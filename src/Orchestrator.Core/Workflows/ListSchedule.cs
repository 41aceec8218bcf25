using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows;

/// <summary>Plays stages through on equal nodes: whatever is ready and fits starts, earlier ones first.</summary>
internal sealed class ListSchedule
{
    private readonly IReadOnlyList<ImmutableArray<StageDefinition>> simulations;
    private readonly int[] free;

    /// <summary>Ready stages by what they ask for: when the first of a kind does not fit, none of its kind does.</summary>
    private readonly SortedDictionary<(int Nodes, int Cores), PriorityQueue<Item, (int Simulation, int Stage)>> ready = [];

    private readonly PriorityQueue<(Item Item, int[] Nodes, StageDefinition? Unlocks), TimeSpan> ends = new();
    private readonly Dictionary<Item, int> waiting = [];

    public ListSchedule(IReadOnlyList<ImmutableArray<StageDefinition>> simulations, int nodes, int coresPerNode)
    {
        this.simulations = simulations;
        free = new int[nodes];
        Array.Fill(free, coresPerNode);
        for (var simulation = 0; simulation < simulations.Count; simulation++)
        {
            for (var stage = 0; stage < simulations[simulation].Length; stage++)
            {
                var item = new Item(simulation, stage);
                waiting[item] = simulations[simulation][stage].After.Length;
                if (waiting[item] == 0)
                {
                    Enqueue(item);
                }
            }
        }
    }

    public TimeSpan Play()
    {
        var now = TimeSpan.Zero;
        StartWhatFits(now);
        while (ends.TryDequeue(out var passed, out var at))
        {
            now = at;
            Unlock(passed);
            while (ends.TryPeek(out _, out var next) && next == now)
            {
                Unlock(ends.Dequeue());
            }

            StartWhatFits(now);
        }

        return now;
    }

    private void Unlock((Item Item, int[] Nodes, StageDefinition? Unlocks) passed)
    {
        var stages = simulations[passed.Item.Simulation];
        var stage = stages[passed.Item.Stage];
        foreach (var node in passed.Nodes)
        {
            free[node] += stage.Resources.CoresPerNode;
        }

        for (var index = 0; index < stages.Length; index++)
        {
            if (passed.Unlocks is { } only && !ReferenceEquals(only, stages[index]))
            {
                continue;
            }

            var item = passed.Item with { Stage = index };
            foreach (var dependency in stages[index].After.Where(dependency => dependency.Stage == stage.Name))
            {
                var early = dependency.Condition == DependencyCondition.Progress;
                if (early == passed.Unlocks is not null && --waiting[item] == 0)
                {
                    Enqueue(item);
                }
            }
        }
    }

    private void Enqueue(Item item)
    {
        var resources = simulations[item.Simulation][item.Stage].Resources;
        var kind = (resources.Nodes, resources.CoresPerNode);
        if (!ready.TryGetValue(kind, out var queue))
        {
            ready[kind] = queue = new();
        }

        queue.Enqueue(item, (item.Simulation, item.Stage));
    }

    private void StartWhatFits(TimeSpan now)
    {
        var blocked = new HashSet<(int, int)>();
        while (true)
        {
            var open = ready.Where(kind => kind.Value.Count > 0 && !blocked.Contains(kind.Key)).ToArray();
            if (open.Length == 0)
            {
                return;
            }

            var first = open.MinBy(static kind => (kind.Value.Peek().Simulation, kind.Value.Peek().Stage));
            if (Fit(first.Key.Nodes, first.Key.Cores) is { } nodes)
            {
                Start(first.Value.Dequeue(), nodes, now);
            }
            else
            {
                blocked.Add(first.Key);
            }
        }
    }

    private void Start(Item item, int[] nodes, TimeSpan now)
    {
        var stages = simulations[item.Simulation];
        var stage = stages[item.Stage];
        foreach (var node in nodes)
        {
            free[node] -= stage.Resources.CoresPerNode;
        }

        ends.Enqueue((item, nodes, null), now + stage.EstimatedDuration);
        foreach (var follower in stages)
        {
            foreach (var dependency in follower.After.Where(dependency => dependency.Stage == stage.Name && dependency.Condition == DependencyCondition.Progress))
            {
                ends.Enqueue((item, [], follower), now + (dependency.Progress * stage.EstimatedDuration));
            }
        }
    }

    private int[]? Fit(int wanted, int cores)
    {
        var found = new List<int>(wanted);
        for (var node = 0; node < free.Length && found.Count < wanted; node++)
        {
            if (free[node] >= cores)
            {
                found.Add(node);
            }
        }

        return found.Count == wanted ? [.. found] : null;
    }

    private readonly record struct Item(int Simulation, int Stage);
}
