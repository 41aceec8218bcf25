using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>Everything that is wrong with stages as a graph, at once: names that come twice, edges to stages that are not there, cycles, and what can never start because of them.</summary>
internal sealed class WorkflowCheck
{
    private const int CyclesMax = 100;
    private const int NamesMax = 20;

    private readonly ImmutableArray<string>.Builder problems = ImmutableArray.CreateBuilder<string>();

    private WorkflowCheck()
    {
    }

    public ImmutableArray<string> Problems { get; private set; }

    public long Work { get; private set; }

    public static WorkflowCheck Of(IReadOnlyCollection<StageDefinition> stages, WorkflowGraph graph)
    {
        var check = new WorkflowCheck();
        check.Names(stages);
        check.Edges(graph);
        check.Unreachable(graph, check.Cycles(graph));
        check.Problems = check.problems.ToImmutable();
        return check;
    }

    private void Names(IReadOnlyCollection<StageDefinition> stages)
    {
        var seen = new HashSet<string>(stages.Count, StringComparer.Ordinal);
        foreach (var twice in stages.Where(stage => !seen.Add(stage.Name)).Select(static stage => stage.Name).Distinct())
        {
            problems.Add($"stages.{twice}: two stages have this name; names are unique.");
        }
    }

    private void Edges(WorkflowGraph graph)
    {
        foreach (var stage in graph.Stages)
        {
            Work++;
            foreach (var edge in stage.After)
            {
                Work++;
                if (graph.IndexOf(edge.Stage) < 0)
                {
                    problems.Add($"stages.{stage.Name}.after: there is no stage '{edge.Stage}'; {Some(graph.Stages.Select(static other => other.Name))} are there.");
                }

                Expression(graph, $"stages.{stage.Name}.after.{edge.Stage}.when", edge.When);
            }

            Expression(graph, $"stages.{stage.Name}.trigger.when", stage.Trigger?.When);
            if (stage.JoinCount > stage.After.Length)
            {
                problems.Add(FormattableString.Invariant($"stages.{stage.Name}.join: it asks for {stage.JoinCount} of {stage.After.Length} dependencies; at most {stage.After.Length} is allowed."));
            }
        }
    }

    private void Expression(WorkflowGraph graph, string field, string? text)
    {
        if (text is null)
        {
            return;
        }

        if (!WorkflowExpression.TryParse(text, out var expression, out var problem))
        {
            problems.Add($"{field}: {problem}.");
            return;
        }

        foreach (var missing in expression!.Stages.Where(stage => graph.IndexOf(stage) < 0))
        {
            problems.Add($"{field}: there is no stage '{missing}'; {Some(graph.Stages.Select(static other => other.Name))} are there.");
        }
    }

    /// <summary>Expressions that name a stage wait for it like edges. One for each edge that closes one, depth first with a stack of its own: a chain may be longer than the machine's is deep.</summary>
    private HashSet<int> Cycles(WorkflowGraph graph)
    {
        var onCycle = new HashSet<int>();
        var state = new byte[graph.Count];
        var height = new int[graph.Count];
        var after = new IReadOnlyList<int>[graph.Count];
        var found = 0;
        List<(int Place, int Next)> trail = [];
        for (var start = 0; start < graph.Count; start++)
        {
            if (state[start] != 0)
            {
                continue;
            }

            Enter(start);
            while (trail.Count > 0)
            {
                var (place, next) = trail[^1];
                if (next == after[place].Count)
                {
                    state[place] = 2;
                    trail.RemoveAt(trail.Count - 1);
                    continue;
                }

                trail[^1] = (place, next + 1);
                var follower = after[place][next];
                Work++;
                if (state[follower] == 0)
                {
                    Enter(follower);
                }
                else if (state[follower] == 1)
                {
                    // Told as users think of it, each stage before the one that it waits for.
                    int[] cycle = [.. trail.Skip(height[follower]).Select(static step => step.Place).Reverse()];
                    onCycle.UnionWith(cycle);
                    if (++found <= CyclesMax)
                    {
                        problems.Add($"stages.{graph[cycle[0]].Name}.after: a cycle: stages wait for each other: {string.Join(" → ", cycle.Append(cycle[0]).Select(step => graph[step].Name))}.");
                    }
                }
            }
        }

        if (found > CyclesMax)
        {
            problems.Add(FormattableString.Invariant($"stages: {found - CyclesMax} more cycles are not named."));
        }

        return onCycle;

        void Enter(int place)
        {
            state[place] = 1;
            height[place] = trail.Count;
            after[place] = graph.DependentsOf(place);
            trail.Add((place, 0));
        }
    }

    private void Unreachable(WorkflowGraph graph, HashSet<int> onCycle)
    {
        if (problems.Count == 0)
        {
            return;
        }

        var reached = new bool[graph.Count];
        var waits = new int[graph.Count];
        var open = new Queue<int>();
        for (var place = 0; place < graph.Count; place++)
        {
            waits[place] = graph[place].After.Select(static edge => edge.Stage).Distinct(StringComparer.Ordinal).Count();
            if (waits[place] == 0)
            {
                open.Enqueue(place);
            }
        }

        while (open.TryDequeue(out var place))
        {
            reached[place] = true;
            foreach (var follower in graph.FollowersOf(place))
            {
                if (--waits[follower] == 0)
                {
                    open.Enqueue(follower);
                }
            }
        }

        string[] never = [.. Enumerable.Range(0, graph.Count).Where(place => !reached[place] && !onCycle.Contains(place)).Select(place => graph[place].Name)];
        if (never.Length > 0)
        {
            problems.Add($"stages: {Some(never)} can never start, since they come after a cycle or after a stage that is not there.");
        }
    }

    private static string Some(IEnumerable<string> names)
    {
        var all = names.Take(NamesMax + 1).ToArray();
        return all.Length <= NamesMax ? string.Join(", ", all) : string.Join(", ", all[..NamesMax]) + " and more";
    }
}
