using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// What a worker does before it says that every task has its end. What a segment said before may not hold any more, since failed tasks can be told to wait again at any time: so it
/// asks all of them again. Then it tells the first one that it comes for nothing more, and looks at the others once more. Whoever lets tasks wait again after that finds what it
/// told the first one; whoever did so before is seen.
/// </summary>
/// <param name="segments">How many there are.</param>
internal sealed class FinalLook(int segments)
{
    /// <summary>The first one is asked when it is told.</summary>
    private int next = 1;

    /// <summary>The first one knows that this worker comes for nothing more.</summary>
    public bool HasTold { get; private set; }

    /// <summary>After it was told something waited again: another attempt has to come for it.</summary>
    public bool FoundMore { get; private set; }

    public bool IsDone => HasTold && next >= segments;

    /// <summary>Which one is asked next, and whether it is told.</summary>
    public (int Segment, bool Closes) Next => HasTold || next < segments ? (next, false) : (0, true);

    public void Hear(TaskExchange said, TaskExchangeReply reply)
    {
        if (HasTold)
        {
            next++;
            FoundMore |= !reply.Counts.IsFinished;
        }
        else if (said.Closes && (reply.Counts.IsFinished || reply.Outcome == TaskExchangeOutcome.Over))
        {
            // Over: it was told before, and the answer was lost.
            (HasTold, next, FoundMore) = (true, 1, !reply.Counts.IsFinished);
        }
        else
        {
            next = reply.Counts.IsFinished ? next + 1 : 1;
        }
    }
}
