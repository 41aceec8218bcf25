namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// What a machine has free from now on, while a plan is made: all that runs, is reserved, was started or kept so far is taken off. Times are UTC ticks; <see cref="Never"/>: not within known time.
/// It is a type argument of the pass, so that a pass over counts costs no more than its own loop.
/// </summary>
/// <typeparam name="TItem">How the queue names who waits.</typeparam>
internal interface ITimeline<TItem>
{
    /// <summary>Later than everything.</summary>
    const long Never = long.MaxValue;

    /// <summary>Takes room for it from now for as long as it is estimated, if there is; else takes nothing.</summary>
    TryVerdict TryStart(in TItem item);

    /// <summary>Takes the earliest room in time for it, not later than <paramref name="latest"/>, and says from when; <see cref="Never"/>: there is none, and nothing is taken.</summary>
    long Keep(in TItem item, long latest);

    /// <summary>How long it holds its room, in ticks; <see cref="Never"/>: not known.</summary>
    long Estimate(in TItem item);
}
