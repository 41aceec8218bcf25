namespace Orchestrator.Storage.InMemory;

/// <summary>An event log that lives as long as the process.</summary>
public sealed class InMemoryEventLog : IEventLog
{
    private readonly Lock gate = new();
    private readonly EventSignal signal = new();
    private readonly List<EventRecord> events = [];
    private readonly Dictionary<string, SortedSet<long>> stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> floors = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Consumer, string Source), long> cursors = [];
    private long position;

    /// <inheritdoc/>
    public Task<long> AppendAsync(IReadOnlyList<EventDraft> events, CancellationToken cancellationToken = default)
    {
        long last;
        lock (gate)
        {
            foreach (var draft in events)
            {
                if (draft.Sequence <= floors.GetValueOrDefault(draft.Source))
                {
                    continue;
                }

                if (!stored.TryGetValue(draft.Source, out var sequences))
                {
                    stored[draft.Source] = sequences = [];
                }

                if (sequences.Add(draft.Sequence))
                {
                    this.events.Add(new EventRecord
                    {
                        Position = ++position,
                        Source = draft.Source,
                        Sequence = draft.Sequence,
                        Kind = draft.Kind,
                        Version = draft.Version,
                        Campaign = draft.Campaign,
                        Simulation = draft.Simulation,
                        Project = draft.Project,
                        At = draft.At,
                        Payload = draft.Payload,
                    });
                }
            }

            last = this.events.Count == 0 ? 0 : this.events[^1].Position;
        }

        signal.Raise();
        return Task.FromResult(last);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EventRecord>> EventsAfterAsync(string source, long sequence, int limit = 1000, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<EventRecord>>(
                [.. events.Where(e => e.Source == source && e.Sequence > sequence).OrderBy(e => e.Sequence).Take(limit)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EventRecord>> NewestAsync(string source, int limit, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<EventRecord>>([.. events.Where(e => e.Source == source).OrderBy(e => e.Sequence).TakeLast(limit)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EventRecord>> ReadAsync(long afterPosition, EventFilter filter, int limit = 1000, CancellationToken cancellationToken = default)
    {
        Limits.Page(limit, Limits.EventPage);
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<EventRecord>>([.. events.Where(e => e.Position > afterPosition && Matches(e, filter)).Take(limit)]);
        }
    }

    /// <inheritdoc/>
    public Task<long> LastPositionAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(events.Count == 0 ? 0 : events[^1].Position);
        }
    }

    /// <inheritdoc/>
    public async Task WaitAsync(long afterPosition, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var next = signal.Next;
            if (await LastPositionAsync(cancellationToken).ConfigureAwait(false) > afterPosition)
            {
                return;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<long> CursorAsync(string consumer, string source, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(cursors.GetValueOrDefault((consumer, source)));
        }
    }

    /// <inheritdoc/>
    public Task<long> AdvanceAsync(string consumer, string source, long sequence, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return Task.FromResult(cursors[(consumer, source)] = Math.Max(sequence, cursors.GetValueOrDefault((consumer, source))));
        }
    }

    /// <inheritdoc/>
    public Task ForgetAsync(string consumer, string? source = null, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            foreach (var key in cursors.Keys.Where(key => key.Consumer == consumer && (source is null || key.Source == source)).ToList())
            {
                cursors.Remove(key);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            var passed = cursors.GroupBy(cursor => cursor.Key.Source).ToDictionary(group => group.Key, group => group.Min(cursor => cursor.Value), StringComparer.Ordinal);
            var gone = events.RemoveAll(e =>
            {
                if (e.At >= before || e.Sequence > passed.GetValueOrDefault(e.Source, long.MaxValue))
                {
                    return false;
                }

                floors[e.Source] = Math.Max(e.Sequence, floors.GetValueOrDefault(e.Source));
                stored[e.Source].Remove(e.Sequence);
                return true;
            });
            return Task.FromResult(gone);
        }
    }

    private static bool Matches(EventRecord e, EventFilter filter) =>
        (filter.Campaign is null || e.Campaign == filter.Campaign)
        && (filter.Simulation is null || e.Simulation == filter.Simulation)
        && (filter.Source is null || e.Source == filter.Source)
        && (filter.Kinds.Count == 0 || filter.Kinds.Contains(e.Kind))
        && (filter.Since is not { } since || e.At >= since)
        && (filter.Projects is null || e.Project is null || filter.Projects.Contains(e.Project));
}
