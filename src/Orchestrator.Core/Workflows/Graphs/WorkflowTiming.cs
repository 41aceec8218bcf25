using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>
/// When stages can start at the earliest and must at the latest, by given durations and as if nothing waited for nodes: the critical path method (Kelley and Walker, "Critical-Path
/// Planning and Scheduling", 1959). An edge on progress is taken to be satisfied at that part of the other's duration.
/// </summary>
public sealed class WorkflowTiming
{
    private readonly WorkflowGraph graph;
    private readonly TimeSpan[] earliest;
    private readonly TimeSpan[] latest;

    private WorkflowTiming(WorkflowGraph graph, TimeSpan[] earliest, TimeSpan[] latest, TimeSpan whole, ImmutableArray<string> path) =>
        (this.graph, this.earliest, this.latest, Duration, CriticalPath) = (graph, earliest, latest, whole, path);

    /// <summary>From the first start to the last end.</summary>
    public TimeSpan Duration { get; }

    /// <summary>One longest path, first to last.</summary>
    public ImmutableArray<string> CriticalPath { get; }

    public TimeSpan EarliestStart(string stage) => earliest[graph.IndexOf(stage)];

    /// <summary>Later than this it makes the whole later.</summary>
    public TimeSpan LatestStart(string stage) => latest[graph.IndexOf(stage)];

    /// <summary>How much later it may start without making the whole later; zero on critical paths.</summary>
    public TimeSpan Slack(string stage) => LatestStart(stage) - EarliestStart(stage);

    /// <param name="graph">The graph.</param>
    /// <param name="durations">Learned ones; where it has none for a stage, the estimate of its definition holds. A barrier takes no time.</param>
    public static WorkflowTiming Of(WorkflowGraph graph, IReadOnlyDictionary<string, TimeSpan>? durations = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var takes = graph.Stages.Select(stage => stage.Kind == StageKind.Barrier ? TimeSpan.Zero : durations?.TryGetValue(stage.Name, out var learned) == true ? learned : stage.EstimatedDuration).ToArray();
        var earliest = new TimeSpan[graph.Count];
        var before = new int[graph.Count];
        Array.Fill(before, -1);
        var order = graph.Order();
        var (whole, last) = (TimeSpan.Zero, -1);
        foreach (var place in order)
        {
            foreach (var edge in graph[place].After)
            {
                var from = graph.IndexOf(edge.Stage);
                var open = earliest[from] + Lag(edge, takes[from]);
                if (before[place] < 0 || open > earliest[place])
                {
                    (earliest[place], before[place]) = (open, from);
                }
            }

            var end = earliest[place] + takes[place];
            if (last < 0 || end > whole)
            {
                (whole, last) = (end, place);
            }
        }

        var latest = new TimeSpan[graph.Count];
        for (var place = 0; place < graph.Count; place++)
        {
            latest[place] = whole - takes[place];
        }

        for (var at = order.Count - 1; at >= 0; at--)
        {
            foreach (var edge in graph[order[at]].After)
            {
                var from = graph.IndexOf(edge.Stage);
                var must = latest[order[at]] - Lag(edge, takes[from]);
                latest[from] = must < latest[from] ? must : latest[from];
            }
        }

        List<string> path = [];
        for (var place = last; place >= 0; place = before[place])
        {
            path.Add(graph[place].Name);
        }

        path.Reverse();
        return new(graph, earliest, latest, whole, [.. path]);
    }

    private static TimeSpan Lag(Dependency edge, TimeSpan takes) => (edge.Condition == DependencyCondition.Progress ? edge.Progress * takes : takes) + edge.Delay;
}
