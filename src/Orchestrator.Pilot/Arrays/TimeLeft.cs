using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// Whether a task can be expected to end before the worker is asked to leave: by how long those of its group lasted here on average, and before any of them has ended by its time-out. Of what has
/// neither nothing is known, and it is begun; so it is where the time-out is longer than all the time there ever was, which tells nothing of how long tasks last.
/// </summary>
/// <param name="until">When the worker is asked to leave; null: nobody knows.</param>
/// <param name="clock">The time.</param>
internal sealed class TimeLeft(DateTimeOffset? until, TimeProvider clock)
{
    private readonly DateTimeOffset began = clock.GetUtcNow();
    private readonly Dictionary<TaskShape, (TimeSpan Sum, int Count)> completed = new(ReferenceEqualityComparer.Instance);

    public void Completed(TaskShape shape, TimeSpan duration)
    {
        var (sum, count) = completed.GetValueOrDefault(shape);
        completed[shape] = (sum + duration, count + 1);
    }

    public bool IsEnoughFor(TaskShape shape)
    {
        if (until is not { } end)
        {
            return true;
        }

        TimeSpan? expected = completed.TryGetValue(shape, out var known) ? known.Sum / known.Count : shape.Timeout is { } longest && longest <= end - began ? longest : null;
        return expected is not { } lasts || lasts <= end - clock.GetUtcNow();
    }
}
