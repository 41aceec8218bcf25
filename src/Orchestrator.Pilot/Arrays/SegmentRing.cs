using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>The segments of a set as one worker goes round them.</summary>
internal sealed class SegmentRing
{
    private readonly SegmentLink[] links;
    private readonly TimeProvider clock;
    private int current;

    /// <summary>The segment of a wide task that is waited for, and the cores that were too few for it.</summary>
    private (SegmentLink Segment, int Cores)? wide;

    public SegmentRing(TaskSetDefinition tasks, TimeProvider clock)
    {
        this.clock = clock;
        links = [.. Enumerable.Range(0, tasks.Segments).Select(number => new SegmentLink(number, tasks.NumbersOf(number).Count))];

        // Workers begin at different places, so that each has segments of its own for long.
        current = (int)((long)(tasks.Worker - 1) * links.Length / tasks.Workers);
    }

    public int Count => links.Length;

    public SegmentLink this[int number] => links[number];

    /// <summary>Where all tasks stand, by what each said last.</summary>
    public TaskCounts Counts => links.Aggregate(new TaskCounts(), static (sum, segment) => sum + segment.Counts);

    /// <summary>By what each said last.</summary>
    public bool KnowAllEnded => Array.TrueForAll(links, static segment => segment.Counts.IsFinished);

    /// <summary>One was asked for tasks, has some, and gave none.</summary>
    public bool HaveNoneForUs => Array.Exists(links, static segment => segment.HasNoneForUs);

    public bool HaveUntoldEnds => Array.Exists(links, static segment => segment.Ends.Since is not null);

    /// <summary>The first one to which an end was not told for so long.</summary>
    public SegmentLink? Untold(TimeSpan since) => Array.Find(links, segment => segment.Ends.Since is { } at && clock.GetElapsedTime(at) >= since);

    /// <summary>From where it is on, the first that may have something. While a wide task is waited for, no other one takes the cores that are kept for it.</summary>
    public SegmentLink? FirstWithTasks(int cores)
    {
        if (wide is var (segment, tooFew))
        {
            return cores > tooFew || segment.MayGive(clock) ? segment : null;
        }

        for (var step = 0; step < links.Length; step++)
        {
            var next = links[(current + step) % links.Length];
            if (next.MayGive(clock))
            {
                current = next.Number;
                return next;
            }
        }

        return null;
    }

    /// <returns>What it gave; null: nothing new.</returns>
    public TaskBatch? Hear(SegmentLink segment, TaskExchange said, TaskExchangeReply reply)
    {
        wide = reply.WaitsForCores ? (segment, said.Cores) : wide?.Segment == segment ? null : wide;
        return segment.Hear(said, reply, clock.GetTimestamp());
    }
}
