using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// Whether tasks fail here because of this node. Many different ones that fail in a row, with none that completes, make it doubtful; then this worker takes nothing and looks at all segments again
/// and again. Where others complete tasks meanwhile it is the node; where theirs fail too, or nothing happens for a while, it is the tasks, and it takes far more of them until it is asked again.
/// </summary>
/// <param name="workers">Of the set: alone it cannot be told.</param>
/// <param name="cores">Of this one: as many tasks may begin before the first has failed.</param>
/// <param name="segments">How many there are.</param>
/// <param name="every">All of them are looked at so often.</param>
/// <param name="clock">The time.</param>
internal sealed class NodeDoubt(int workers, int cores, int segments, TimeSpan every, TimeProvider clock)
{
    /// <summary>So many different tasks that failed, at least.</summary>
    private const int FailedMin = 8;

    /// <summary>What others completed while it looked, at least; and so many times as many as failed with them.</summary>
    private const int CompletedMin = 4, CompletedPerFailure = 2;

    private const int MoreEachTime = 4;

    /// <summary>It looks so many times.</summary>
    private const int LooksMax = 12;

    private readonly HashSet<(int Segment, int Task)> failed = [];
    private int bound = Math.Max(FailedMin, cores);
    private int next, looks;
    private long? lookedAt;
    private TaskCounts sum = new();
    private TaskCounts? first;

    /// <summary>Nothing is to be taken while it looks.</summary>
    public bool IsAsking => workers > 1 && failed.Count >= bound;

    /// <summary>Others complete what fails here.</summary>
    public bool IsSure { get; private set; }

    public void Completed() => Forget();

    public void Failed(int segment, int task) => failed.Add((segment, task));

    /// <summary>The segment to look at now; null: none, or not yet.</summary>
    public int? Next => !IsAsking || IsSure || (next == 0 && lookedAt is { } at && clock.GetElapsedTime(at) < every) ? null : next;

    /// <summary>Where the tasks of the segment stand that was to be looked at; of any other it is no news.</summary>
    public void Hear(int segment, TaskCounts counts)
    {
        if (Next != segment)
        {
            return;
        }

        sum = next == 0 ? counts : sum + counts;
        next = (next + 1) % segments;
        if (next > 0)
        {
            return;
        }

        lookedAt = clock.GetTimestamp();
        looks++;
        if (first is not { } before)
        {
            first = sum;
            return;
        }

        var (completed, lost) = (sum.Completed - before.Completed, sum.Failed - before.Failed);
        if (completed >= CompletedMin && completed >= CompletedPerFailure * lost)
        {
            IsSure = true;
        }
        else if (lost >= CompletedMin || looks > LooksMax || sum.Waiting == 0)
        {
            bound = (int)Math.Min(int.MaxValue, (long)bound * MoreEachTime);
            Forget();
        }
    }

    private void Forget()
    {
        failed.Clear();
        (next, looks, lookedAt, first) = (0, 0, null, null);
    }
}
