namespace Orchestrator.Core.TaskSets;

public sealed partial class TaskSet
{
    /// <summary>What must hold after every step; empty when it does. For tests: it looks at everything.</summary>
    internal IReadOnlyList<string> SanityCheck()
    {
        var wrong = new List<string>();
        for (var number = 0; number < nodes.Count; number++)
        {
            var node = nodes[number];
            var cores = node.Leased.Sum(task => shapes[shapeOf[task]].Shape.Demand.Cores);
            if (node.FreeCores < 0)
            {
                wrong.Add($"Invariant 3: node {number} has leased {cores} cores and has {-node.FreeCores} too few.");
            }

            wrong.AddRange(node.Leased.Where(task => !leases.TryGetValue(task, out var lease) || lease.Node != number).Select(task => $"Node {number} holds task {task} without a lease."));
        }

        var ready = 0;
        for (var task = 0; task < Count; task++)
        {
            ready += phases[task] == TaskPhase.Ready ? 1 : 0;
            if (phases[task] == TaskPhase.Leased != leases.ContainsKey(task))
            {
                wrong.Add($"Task {task} is {phases[task]}, and its lease does not agree.");
            }

            if (phases[task] is TaskPhase.Ready or TaskPhase.Leased && waitingFor is not null && waitingFor[task] > 0)
            {
                wrong.Add($"Invariant 4: task {task} is {phases[task]} while it waits for {waitingFor[task]} others.");
            }

            if (phases[task] == TaskPhase.Blocked && (waitingFor is null || waitingFor[task] <= 0))
            {
                wrong.Add($"Task {task} is blocked by nothing.");
            }
        }

        if (ready != shapes.Sum(static queue => queue.Count))
        {
            wrong.Add($"{ready} tasks are ready, {shapes.Sum(static queue => queue.Count)} wait in queues.");
        }

        if (Enumerable.Range(0, counts.Length).FirstOrDefault(phase => counts[phase] != phases.Count(at => (int)at == phase), -1) is >= 0 and var off)
        {
            wrong.Add($"{counts[off]} tasks are counted as {(TaskPhase)off}; {phases.Count(at => (int)at == off)} are.");
        }

        return wrong;
    }
}
