namespace Orchestrator.Storage;

/// <summary>
/// Every event, once, in one order. Sources number their events from 1 without gaps; the log gives each a position that only grows and that readers may resume behind:
/// no event ever appears at a position that a reader has passed. Entries go after their retention, and only once every registered cursor has passed them.
/// </summary>
public interface IEventLog
{
    /// <summary>Stores the events that are not yet there, by source and sequence; a repeat changes nothing. Returns the last position of the log.</summary>
    Task<long> AppendAsync(IReadOnlyList<EventDraft> events, CancellationToken cancellationToken = default);

    /// <summary>What one source said after <paramref name="sequence"/>, in its order; at most <paramref name="limit"/> (1 to 10,000).</summary>
    Task<IReadOnlyList<EventRecord>> EventsAfterAsync(string source, long sequence, int limit = 1000, CancellationToken cancellationToken = default);

    /// <summary>The newest events of one source, in its order; at most <paramref name="limit"/> (1 to 10,000).</summary>
    Task<IReadOnlyList<EventRecord>> NewestAsync(string source, int limit, CancellationToken cancellationToken = default);

    /// <summary>What matches behind <paramref name="afterPosition"/>, in order of position; at most <paramref name="limit"/> (1 to 10,000).</summary>
    Task<IReadOnlyList<EventRecord>> ReadAsync(long afterPosition, EventFilter filter, int limit = 1000, CancellationToken cancellationToken = default);

    /// <summary>The position of the newest event; 0 for an empty log.</summary>
    Task<long> LastPositionAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns once there is an event behind <paramref name="afterPosition"/>, or throws <see cref="OperationCanceledException"/>.
    /// Events of this process wake it at once, those of another silo within the poll interval. Who reads with a filter takes <see cref="LastPositionAsync"/> before
    /// the read, and waits behind that once the read came back short.
    /// </summary>
    Task WaitAsync(long afterPosition, CancellationToken cancellationToken = default);

    /// <summary>
    /// The sequence up to which <paramref name="consumer"/> has taken in <paramref name="source"/>; 0 when it has no cursor.
    /// </summary>
    Task<long> CursorAsync(string consumer, string source, CancellationToken cancellationToken = default);

    /// <summary>
    /// Registers or advances a cursor; it never moves back. From the registration on the log keeps what the consumer has not passed. Returns where the cursor stands.
    /// </summary>
    Task<long> AdvanceAsync(string consumer, string source, long sequence, CancellationToken cancellationToken = default);

    /// <summary>Removes the cursors of a consumer that is no more, or of one of its sources, so that they hold nothing back.</summary>
    Task ForgetAsync(string consumer, string? source = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes events before <paramref name="before"/> that every registered cursor has passed; returns how many.</summary>
    Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default);
}
