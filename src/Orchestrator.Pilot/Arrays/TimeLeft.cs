using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// Whether a task can be expected to end before the worker is asked to leave: by how long those of its group lasted here on average, and before any of them has ended by its time-out. Of what has
/// neither nothing is known, and it is begun.
/// </summary>
/// <param name="until">When the worker is asked to leave; null: nobody knows.</param>
/// <param name="clock">The time.</param>
internal sealed class TimeLeft(DateTimeOffset? until, TimeProvider clock)
{
    private readonly Dictionary<TaskShape, (TimeSpan Sum, int Count)> completed = new(ReferenceEqualityComparer.Instance);

    public void Completed(TaskShape shape, TimeSpan duration)
    {
        var (sum, count) = completed.GetValueOrDefault(shape);
        completed[shape] = (sum + duration, count + 1);
    }

    public bool IsEnoughFor(TaskShape shape)
    {
        var expected = completed.TryGetValue(shape, out var known) ? known.Sum / known.Count : shape.Timeout;
        return until is not { } end || expected is not { } lasts || clock.GetUtcNow() + lasts <= end;
    }
}
