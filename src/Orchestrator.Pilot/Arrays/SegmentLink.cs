using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>What a worker knows of one segment, and has still to tell it.</summary>
/// <param name="number">Of the segment.</param>
/// <param name="tasks">Of the segment.</param>
internal sealed class SegmentLink(int number, int tasks)
{
    private static readonly TimeSpan EmptyFirst = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EmptyMax = TimeSpan.FromSeconds(5);

    /// <summary>Batches that came: a repeated answer brings none twice.</summary>
    private readonly HashSet<long> heard = [];

    /// <summary>When it had nothing to give; null: it had.</summary>
    private long? emptyAt;

    /// <summary>It is asked again so much later.</summary>
    private TimeSpan emptyFor;

    public int Number => number;

    /// <summary>Of the next exchange.</summary>
    public long Sequence { get; private set; } = 1;

    /// <summary>As it said last; before that nothing is known, and all of its tasks may wait.</summary>
    public TaskCounts Counts { get; private set; } = new() { Waiting = tasks };

    public ToldEnds Ends { get; } = new();

    /// <summary>It was asked for tasks, has some, and gave none.</summary>
    public bool HasNoneForUs => emptyAt is not null && Counts.Waiting > 0;

    /// <summary>It may be worth asking it for tasks.</summary>
    public bool MayGive(TimeProvider clock) => !Counts.IsFinished && (emptyAt is not { } at || clock.GetElapsedTime(at) >= emptyFor);

    /// <returns>What it gave; null: nothing new.</returns>
    public TaskBatch? Hear(TaskExchange said, TaskExchangeReply reply, long now)
    {
        Counts = reply.Counts;
        Sequence += reply.IsTaken ? 1 : 0;
        if (reply.Outcome == TaskExchangeOutcome.Repeated)
        {
            Ends.PutBack(said.Ended, now);
        }

        if (reply.Given is { } given && heard.Add(given.Serial))
        {
            emptyAt = null;
            return given;
        }

        if (said.Cores > 0)
        {
            emptyFor = emptyAt is null ? EmptyFirst : emptyFor * 2 < EmptyMax ? emptyFor * 2 : EmptyMax;
            emptyAt = now;
        }

        return null;
    }
}
