using System.Collections.Immutable;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>
/// Where a graph stands: the state of each edge, which stages are ready, which never will be. Whatever changes costs what its own edges cost, however large the graph is.
/// Barriers complete by themselves, what can never start is skipped.
/// </summary>
public sealed partial class WorkflowTracker
{
    private readonly WorkflowGraph graph;
    private readonly List<TrackedStage> places = [];
    private readonly SortedSet<int> ready = [];
    private readonly PriorityQueue<int, DateTimeOffset> due = new();
    private readonly Queue<int> open = new();
    private List<string> readied = [];
    private List<string> skipped = [];
    private List<string> passed = [];

    public WorkflowTracker(WorkflowGraph graph, DateTimeOffset now)
    {
        this.graph = graph;
        Grow(now);
    }

    public WorkflowGraph Graph => graph;

    /// <summary>Edges that were judged since it was made: what its operations cost, counted.</summary>
    public long Work { get; private set; }

    /// <summary>Stages that may start now, in the order of the graph.</summary>
    public IEnumerable<string> Ready => ready.Select(place => graph[place].Name);

    /// <summary>When time alone changes something next; null: never.</summary>
    public DateTimeOffset? DueAt => due.TryPeek(out _, out var at) ? at : null;

    public int CompletedCount { get; private set; }

    public int EndedCount { get; private set; }

    public bool HasEnded => EndedCount == places.Count;

    public StageFacts FactsOf(string stage) => places[Index(stage)].Facts;

    /// <summary>In the order of <see cref="StageDefinition.After"/>.</summary>
    public ImmutableArray<EdgeState> EdgesOf(string stage) => [.. places[Index(stage)].Edges];

    public ImmutableArray<EdgeMark> MarksOf(string stage) => [.. places[Index(stage)].Marks.Values.OrderBy(static mark => mark.Edge)];

    /// <summary>What a stage waits for, or why it never starts, as sentences; empty: nothing.</summary>
    public IReadOnlyList<string> Why(string stage, DateTimeOffset now)
    {
        var at = Index(stage);
        var (definition, place) = (graph[at], places[at]);
        var edges = definition.After.Select((edge, number) => EdgeRules.Judge(edge, place.Marks.GetValueOrDefault(number), Book, now)).ToArray();
        string[] waits = [.. edges.Where(static edge => !edge.IsOpen).Select(static edge => edge.Why!)];
        return waits.Length > 0 || place.Facts.Status != StageStatus.Waiting ? waits : TriggerOf(at, now) is { IsOpen: false, Why: { } why } ? [why] : [];
    }

    /// <summary>Edges of a stage that are not satisfied, by the stage that they come from.</summary>
    public IReadOnlyList<string> BlockedBy(string stage)
    {
        var at = Index(stage);
        return [.. graph[at].After.Where((_, number) => places[at].Edges[number] is EdgeState.Pending or EdgeState.Failed).Select(static edge => edge.Stage).Distinct()];
    }

    /// <summary>Takes in what is known of a stage now.</summary>
    public WorkflowChange Report(string stage, StageFacts facts, DateTimeOffset now)
    {
        Begin();
        Set(Index(stage), facts);
        return Settle(now);
    }

    /// <summary>An edge does not matter any more: what waits for it becomes runnable, unless something else holds it.</summary>
    /// <exception cref="ArgumentException">There is no such edge.</exception>
    public WorkflowChange Bypass(string from, string to, string by, string? why, DateTimeOffset now)
    {
        Begin();
        MarkEdges(Index(to), edge => edge.Stage == from, mark => mark with { BypassedBy = by, BypassedAt = now, Why = why }, now);
        return Settle(now);
    }

    /// <summary>Somebody approves whatever of a stage waits for an approval, its trigger included.</summary>
    /// <exception cref="ArgumentException">Nothing of it does.</exception>
    public WorkflowChange Approve(string stage, string by, string? why, DateTimeOffset now)
    {
        Begin();
        var at = Index(stage);
        if (graph[at].Trigger is { Kind: TriggerKind.Manual })
        {
            Mark(at, EdgeMark.Trigger, mark => mark with { ApprovedBy = by, ApprovedAt = now, Why = why });
            open.Enqueue(at);
        }
        else
        {
            MarkEdges(at, static edge => edge.Approval is not null, mark => mark with { ApprovedBy = by, ApprovedAt = now, Why = why }, now);
        }

        return Settle(now);
    }

    /// <summary>Time has passed.</summary>
    public WorkflowChange Advance(DateTimeOffset now)
    {
        Begin();
        while (due.TryPeek(out var place, out var at) && at <= now)
        {
            _ = due.Dequeue();
            JudgeAll(place, now);
        }

        return Settle(now);
    }

    /// <summary>Takes in stages that the graph got since, and edges of those named.</summary>
    public WorkflowChange Grow(DateTimeOffset now, params ReadOnlySpan<string> changed)
    {
        Begin();
        for (var place = places.Count; place < graph.Count; place++)
        {
            places.Add(new());
            JudgeAll(place, now);
        }

        foreach (var stage in changed)
        {
            JudgeAll(Index(stage), now);
        }

        return Settle(now);
    }

    /// <summary>All that <see cref="WorkflowDocument"/> keeps.</summary>
    internal void Restore(IEnumerable<StageFacts> facts, IEnumerable<ImmutableArray<EdgeMark>> marks, DateTimeOffset now)
    {
        Begin();
        var place = 0;
        foreach (var (known, kept) in facts.Zip(marks))
        {
            places[place].Marks.Clear();
            foreach (var mark in kept)
            {
                places[place].Marks[mark.Edge] = mark;
            }

            Set(place++, known);
        }

        for (place = 0; place < places.Count; place++)
        {
            JudgeAll(place, now);
        }

        _ = Settle(now);
    }

    private void Begin() => (readied, skipped, passed) = ([], [], []);

    private int Index(string stage) => graph.IndexOf(stage) is >= 0 and var place ? place : throw new ArgumentException($"There is no stage '{stage}'.", nameof(stage));

    private StageFacts? Book(string stage) => graph.IndexOf(stage) is >= 0 and var place && place < places.Count ? places[place].Facts : null;

    private void Set(int at, StageFacts facts)
    {
        var before = places[at].Facts;
        if (before.IsFinal != facts.IsFinal)
        {
            EndedCount += facts.IsFinal ? 1 : -1;
        }

        CompletedCount += (facts.Status == StageStatus.Completed ? 1 : 0) - (before.Status == StageStatus.Completed ? 1 : 0);
        places[at].Facts = facts;
        if (facts.Status != StageStatus.Waiting)
        {
            ready.Remove(at);
        }

        open.Enqueue(at);
    }

    private void Mark(int at, int number, Func<EdgeMark, EdgeMark> change) =>
        places[at].Marks[number] = change(places[at].Marks.GetValueOrDefault(number) ?? new() { Edge = number });

    private void MarkEdges(int at, Predicate<Dependency> which, Func<EdgeMark, EdgeMark> change, DateTimeOffset now)
    {
        var marked = false;
        for (var number = 0; number < graph[at].After.Length; number++)
        {
            if (which(graph[at].After[number]))
            {
                Mark(at, number, change);
                marked = true;
            }
        }

        if (!marked)
        {
            throw new ArgumentException($"No edge of '{graph[at].Name}' is like that.");
        }

        // One that was skipped since the edge had failed has another chance, and so has what was skipped because of it.
        foreach (var again in places[at].Facts.Status == StageStatus.Skipped ? (IEnumerable<int>)[at, .. graph.Downstream(at).Where(place => places[place].Facts.Status == StageStatus.Skipped)] : [])
        {
            Set(again, StageFacts.None);
        }

        JudgeAll(at, now);
    }
}
