namespace Orchestrator.Core.Replay;

/// <summary>
/// What will happen, in virtual time. Events come out by their moment; those of one moment by rank, then by their number, then in the order in which they were added, so that a replay
/// always goes the same way (invariant 11).
/// </summary>
public sealed class EventQueue<TEvent>
{
    private readonly PriorityQueue<TEvent, (long At, int Rank, long Number, long Sequence)> events = new();
    private long sequence;

    public int Count => events.Count;

    /// <param name="at">Ticks; not before the moment of the event that was taken last.</param>
    /// <param name="rank">Among events of one moment the smaller goes first.</param>
    /// <param name="number">Among events of one moment and rank the smaller goes first.</param>
    /// <param name="happening">What happens.</param>
    public void Add(long at, int rank, long number, TEvent happening)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(at, Now);
        events.Enqueue(happening, (at, rank, number, sequence++));
    }

    /// <summary>The moment of the event that was taken last, in ticks.</summary>
    public long Now { get; private set; } = long.MinValue;

    /// <summary>The moment of the next event in ticks; <see cref="long.MaxValue"/>: there is none.</summary>
    public long Next => events.TryPeek(out _, out var key) ? key.At : long.MaxValue;

    /// <summary>Takes the next event and moves the time to it.</summary>
    public bool TryTake(out TEvent happening)
    {
        if (!events.TryDequeue(out happening!, out var key))
        {
            return false;
        }

        Now = key.At;
        return true;
    }
}
