using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>
/// Stages and the edges between them, which may grow. It never has a cycle, an edge to a stage that is not there, or two stages of one name: whatever would make one is refused in
/// words that name it. An edge is a <see cref="Dependency"/> of the stage that waits; edges to one stage and from it are found in the time that it takes to read them.
/// </summary>
public sealed class WorkflowGraph
{
    private readonly List<StageDefinition> stages = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly List<List<int>?> followers = [];

    /// <summary>Named by expressions and by triggers, beside the followers: who is to be judged again when something of a stage changes.</summary>
    private readonly List<List<int>?> watchers = [];

    private WorkflowGraph()
    {
    }

    public static WorkflowGraph Empty() => new();

    public int Count => stages.Count;

    public int EdgeCount { get; private set; }

    /// <summary>Stages and edges that were looked at since it was made: what its operations cost, counted.</summary>
    public long Work { get; private set; }

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<StageDefinition> Stages => stages;

    /// <summary>Stages whose trigger looks at the files of all others.</summary>
    internal List<int> DataTriggered { get; } = [];

    /// <summary>Stages that time alone may let go on.</summary>
    internal List<int> Timed { get; } = [];

    public StageDefinition this[int place] => stages[place];

    /// <summary>The place of a stage, or -1.</summary>
    public int IndexOf(string stage) => places.GetValueOrDefault(stage, -1);

    /// <summary>Those that wait for it, each once.</summary>
    public IReadOnlyList<int> FollowersOf(int place) => followers[place] ?? (IReadOnlyList<int>)[];

    internal IReadOnlyList<int> WatchersOf(int place) => watchers[place] ?? (IReadOnlyList<int>)[];

    /// <summary>Those that wait for it, and those that an expression lets wait for what it says, each once.</summary>
    internal IReadOnlyList<int> DependentsOf(int place) => watchers[place] is not { Count: > 0 } watching ? FollowersOf(place) : [.. FollowersOf(place).Union(watching)];

    /// <summary>Whole, in one pass over stages and edges.</summary>
    /// <returns>A graph, or every problem and no graph.</returns>
    public static (WorkflowGraph? Graph, ImmutableArray<string> Problems) Of(IReadOnlyCollection<StageDefinition> definitions)
    {
        var graph = Unchecked(definitions);
        var check = WorkflowCheck.Of(definitions, graph);
        graph.Work += check.Work;
        return check.Problems.IsEmpty ? (graph, []) : (null, check.Problems);
    }

    /// <summary>Of stages that were checked before.</summary>
    internal static WorkflowGraph Unchecked(IReadOnlyCollection<StageDefinition> definitions)
    {
        var graph = new WorkflowGraph();
        foreach (var stage in definitions)
        {
            if (graph.places.TryAdd(stage.Name, graph.stages.Count))
            {
                graph.Append(stage);
            }
        }

        for (var place = 0; place < graph.Count; place++)
        {
            graph.Link(place, graph.stages[place].After);
        }

        return graph;
    }

    /// <summary>Adds a stage after stages that are there. It costs what its own edges cost, however many stages there are.</summary>
    /// <returns>What is wrong with it, in which case nothing changed; null: it was added.</returns>
    public string? Add(StageDefinition stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        if (places.ContainsKey(stage.Name))
        {
            return $"stages.{stage.Name}: a stage of this name is there already; names are unique.";
        }

        if (Named(stage.After, stage.Trigger?.When).Contains(stage.Name))
        {
            return $"stages.{stage.Name}.after: a cycle: {stage.Name} → {stage.Name}.";
        }

        if (stage.After.FirstOrDefault(edge => !places.ContainsKey(edge.Stage)) is { } missing)
        {
            return $"stages.{stage.Name}.after: there is no stage '{missing.Stage}'.";
        }

        places.Add(stage.Name, stages.Count);
        Append(stage);
        Link(stages.Count - 1, stage.After);
        return null;
    }

    /// <summary>Lets a stage wait for another one, too.</summary>
    /// <returns>What is wrong with it, in which case nothing changed; null: it was added.</returns>
    public string? Connect(string stage, Dependency edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        var (place, from) = (IndexOf(stage), IndexOf(edge.Stage));
        if (place < 0 || from < 0)
        {
            return $"there is no stage '{(place < 0 ? stage : edge.Stage)}'.";
        }

        if (stages[place].After.Contains(edge))
        {
            return $"stages.{stage}.after: it waits for {edge.Stage} in this way already.";
        }

        if (Named([edge], null).Select(IndexOf).Where(static named => named >= 0).Select(named => PathBetween(place, named)).FirstOrDefault(static found => found is not null) is { } path)
        {
            return $"stages.{stage}.after: a cycle: {string.Join(" → ", path.Select(step => stages[step].Name))} → {stage}.";
        }

        stages[place] = stages[place] with { After = stages[place].After.Add(edge) };
        Link(place, [edge], isNewest: false);
        return null;
    }

    /// <summary>Takes all edges between two stages away.</summary>
    public bool Disconnect(string from, string to)
    {
        var (first, second) = (IndexOf(from), IndexOf(to));
        if (first < 0 || second < 0)
        {
            return false;
        }

        var left = stages[second].After.RemoveAll(edge => edge.Stage == from);
        var taken = stages[second].After.Length - left.Length;
        if (taken == 0)
        {
            return false;
        }

        stages[second] = stages[second] with { After = left };
        followers[first]!.Remove(second);
        EdgeCount -= taken;
        return true;
    }

    /// <summary>Edges that leave a stage.</summary>
    public IReadOnlyList<WorkflowEdge> From(string stage) =>
        IndexOf(stage) is >= 0 and var place ? [.. FollowersOf(place).SelectMany(follower => To(stages[follower].Name)).Where(edge => edge.From == stage)] : [];

    /// <summary>Edges that a stage waits for.</summary>
    public IReadOnlyList<WorkflowEdge> To(string stage) =>
        IndexOf(stage) is >= 0 and var place ? [.. stages[place].After.Select(edge => new WorkflowEdge(edge.Stage, stage, edge))] : [];

    /// <summary>Stages that wait for none.</summary>
    public IReadOnlyList<string> Roots => [.. stages.Where(static stage => stage.After.IsEmpty).Select(static stage => stage.Name)];

    /// <summary>Stages that none waits for.</summary>
    public IReadOnlyList<string> Leaves => [.. stages.Where((_, place) => FollowersOf(place).Count == 0).Select(static stage => stage.Name)];

    /// <summary>Of stages of which these have completed: those that may run and have not.</summary>
    public IReadOnlyList<string> Ready(IReadOnlySet<string> completed) =>
        [.. stages.Where(stage => !completed.Contains(stage.Name) && stage.After.All(edge => completed.Contains(edge.Stage))).Select(static stage => stage.Name)];

    /// <summary>What a stage still waits for, when these have completed.</summary>
    public IReadOnlyList<string> BlockedBy(string stage, IReadOnlySet<string> completed) =>
        [.. To(stage).Select(static edge => edge.From).Distinct().Where(from => !completed.Contains(from))];

    /// <summary>Each stage one level after the last one that it waits for; stages of one level may run beside each other.</summary>
    public ImmutableArray<ImmutableArray<string>> Levels()
    {
        var levels = new int[Count];
        var deepest = -1;
        foreach (var place in Order())
        {
            foreach (var follower in FollowersOf(place))
            {
                levels[follower] = Math.Max(levels[follower], levels[place] + 1);
            }

            deepest = Math.Max(deepest, levels[place]);
        }

        var named = Enumerable.Range(0, deepest + 1).Select(static _ => ImmutableArray.CreateBuilder<string>()).ToArray();
        for (var place = 0; place < Count; place++)
        {
            named[levels[place]].Add(stages[place].Name);
        }

        return [.. named.Select(static level => level.ToImmutable())];
    }

    /// <summary>All that come after a stage, directly or through others, by an edge or by an expression that names it; it itself is not among them.</summary>
    public IReadOnlySet<int> Downstream(int place)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>([place]);
        while (open.TryPop(out var next))
        {
            foreach (var follower in DependentsOf(next))
            {
                Work++;
                if (seen.Add(follower))
                {
                    open.Push(follower);
                }
            }
        }

        return seen;
    }

    /// <summary>Each stage after those that it waits for; otherwise in the order in which they were added.</summary>
    public IReadOnlyList<int> Order()
    {
        var waits = new int[Count];
        for (var place = 0; place < Count; place++)
        {
            foreach (var follower in FollowersOf(place))
            {
                waits[follower]++;
            }
        }

        var order = new List<int>(Count);
        for (var place = 0; place < Count; place++)
        {
            if (waits[place] == 0)
            {
                order.Add(place);
            }
        }

        for (var next = 0; next < order.Count; next++)
        {
            foreach (var follower in FollowersOf(order[next]))
            {
                if (--waits[follower] == 0)
                {
                    order.Add(follower);
                }
            }
        }

        return order;
    }

    /// <summary>Stages that edges and their expressions, and that of a trigger, name.</summary>
    public static IEnumerable<string> Named(IEnumerable<Dependency> edges, string? trigger)
    {
        foreach (var edge in edges)
        {
            yield return edge.Stage;
            foreach (var named in InExpression(edge.When))
            {
                yield return named;
            }
        }

        foreach (var named in InExpression(trigger))
        {
            yield return named;
        }

        static IEnumerable<string> InExpression(string? text) => text is not null && WorkflowExpression.TryParse(text, out var read, out _) ? read!.Stages : [];
    }

    private void Append(StageDefinition stage)
    {
        stages.Add(stage);
        followers.Add(null);
        watchers.Add(null);
        Work++;
        if (stage.Trigger is { Kind: TriggerKind.Data })
        {
            DataTriggered.Add(stages.Count - 1);
        }

        if (stage.Trigger is { Kind: TriggerKind.Timed } || stage.After.Any(static edge => edge.Delay > TimeSpan.Zero))
        {
            Timed.Add(stages.Count - 1);
        }
    }

    /// <summary>Of the newest stage the lists need no search: it can only stand at their end.</summary>
    private void Link(int place, ImmutableArray<Dependency> edges, bool isNewest = true)
    {
        EdgeCount += edges.Length;
        foreach (var edge in edges)
        {
            Work++;
            if (places.TryGetValue(edge.Stage, out var from))
            {
                Once(followers, from, place, isNewest);
            }

            Watch(place, edge.When, isNewest);
        }

        Watch(place, stages[place].Trigger?.When, isNewest);
    }

    private void Watch(int place, string? expression, bool isNewest)
    {
        if (expression is not null && WorkflowExpression.TryParse(expression, out var read, out _))
        {
            foreach (var named in read!.Stages)
            {
                if (places.TryGetValue(named, out var watched))
                {
                    Once(watchers, watched, place, isNewest);
                }
            }
        }
    }

    private static void Once(List<List<int>?> lists, int of, int place, bool isNewest)
    {
        var list = lists[of] ??= [];
        if (list.Count == 0 || (isNewest ? list[^1] != place : !list.Contains(place)))
        {
            list.Add(place);
        }
    }

    /// <summary>From one stage along followers to another one; null: there is no way. A stage that nothing waits for costs nothing.</summary>
    private List<int>? PathBetween(int from, int to)
    {
        var before = new Dictionary<int, int> { [from] = -1 };
        var open = new Queue<int>([from]);
        while (open.TryDequeue(out var next))
        {
            if (next == to)
            {
                List<int> path = [];
                for (var step = to; step >= 0; step = before[step])
                {
                    path.Add(step);
                }

                path.Reverse();
                return path;
            }

            foreach (var follower in DependentsOf(next))
            {
                Work++;
                if (before.TryAdd(follower, next))
                {
                    open.Enqueue(follower);
                }
            }
        }

        return null;
    }
}

/// <summary>An edge with both its ends.</summary>
public sealed record WorkflowEdge(string From, string To, Dependency Dependency)
{
    public DependencyKind Kind => EdgeRules.KindOf(Dependency);
}
