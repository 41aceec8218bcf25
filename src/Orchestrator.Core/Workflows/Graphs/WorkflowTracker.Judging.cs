using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows.Graphs;

public sealed partial class WorkflowTracker
{
    /// <summary>Judges again what the changed stages touch, until nothing changes any more. A stage is judged by its counts, never by all its edges.</summary>
    private WorkflowChange Settle(DateTimeOffset now)
    {
        while (open.TryDequeue(out var at))
        {
            Decide(at, now);
            foreach (var follower in graph.FollowersOf(at))
            {
                JudgeFrom(follower, at, now);
            }

            foreach (var watcher in graph.WatchersOf(at))
            {
                JudgeAll(watcher, now);
            }

            foreach (var place in places[at].Facts.Artifacts.IsEmpty ? [] : graph.DataTriggered)
            {
                Decide(place, now);
            }
        }

        return new([.. readied], [.. skipped], [.. passed]);
    }

    /// <summary>The edges of a stage that come from one other. They are found through an index, which is made when a stage with many edges is first asked.</summary>
    private void JudgeFrom(int at, int from, DateTimeOffset now)
    {
        if (at >= places.Count)
        {
            return;
        }

        foreach (var number in places[at].EdgesFrom(graph[at], graph[from].Name))
        {
            JudgeEdge(at, number, now);
        }

        Decide(at, now);
    }

    private void JudgeAll(int at, DateTimeOffset now)
    {
        places[at].Fit(graph[at]);
        for (var number = 0; number < graph[at].After.Length; number++)
        {
            JudgeEdge(at, number, now);
        }

        Decide(at, now);
    }

    private void JudgeEdge(int at, int number, DateTimeOffset now)
    {
        Work++;
        var place = places[at];
        place.Fit(graph[at]);
        var judged = EdgeRules.Judge(graph[at].After[number], place.Marks.GetValueOrDefault(number), Book, now);
        place.Count(number, judged);
        Note(at, number, judged, now);
    }

    /// <summary>Ready, never, or neither, by the counts of its edges and by its trigger.</summary>
    private void Decide(int at, DateTimeOffset now)
    {
        var place = places[at];
        if (place.Facts.Status != StageStatus.Waiting)
        {
            return;
        }

        place.Fit(graph[at]);
        var verdict = JoinRules.Of(graph[at], place.Open, graph[at].After.Length - place.Open - place.Broken, place.Broken, place.BrokenByFailure);
        if (verdict == JoinVerdict.Open)
        {
            var trigger = TriggerOf(at, now);
            Note(at, EdgeMark.Trigger, trigger, now);
            verdict = trigger.State switch
            {
                EdgeState.Failed => JoinVerdict.Never,
                EdgeState.Pending => JoinVerdict.Waiting,
                _ => verdict,
            };
        }

        switch (verdict)
        {
            case JoinVerdict.Never:
                skipped.Add(graph[at].Name);
                ready.Remove(at);
                Set(at, place.Facts with { Status = StageStatus.Skipped });
                break;
            case JoinVerdict.Open when graph[at].Kind == StageKind.Barrier:
                passed.Add(graph[at].Name);
                Set(at, place.Facts with { Status = StageStatus.Completed, Progress = 1 });
                break;
            case JoinVerdict.Open when ready.Add(at):
                readied.Add(graph[at].Name);
                break;
            case JoinVerdict.Waiting:
                ready.Remove(at);
                break;
            default:
                break;
        }
    }

    private EdgeJudgement TriggerOf(int at, DateTimeOffset now) => graph[at].Trigger is { } trigger
        ? EdgeRules.Judge(trigger, places[at].Marks.GetValueOrDefault(EdgeMark.Trigger), Book, places.Select(static place => place.Facts), now)
        : new(EdgeState.Satisfied);

    private void Note(int at, int number, EdgeJudgement judged, DateTimeOffset now)
    {
        if (judged.StartsDelay)
        {
            Mark(at, number, mark => mark with { Since = now });
        }

        if (judged.DueAt is { } until)
        {
            due.Enqueue(at, until);
        }
    }
}
