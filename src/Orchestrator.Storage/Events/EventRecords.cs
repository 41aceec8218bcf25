namespace Orchestrator.Storage;

/// <summary>An event as its source hands it over.</summary>
public sealed record EventDraft
{
    /// <summary>The key of the grain that the event comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The number of the event at its source, from 1 without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>A pinned name, such as <c>stage-completed</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The schema version of <see cref="Payload"/>, from 1.</summary>
    public int Version { get; init; } = 1;

    public string? Campaign { get; init; }

    public string? Simulation { get; init; }

    /// <summary>Who may read it; null for what concerns no project.</summary>
    public string? Project { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>An event as the log keeps it.</summary>
public sealed record EventRecord
{
    /// <summary>Grows from event to event, over all sources; may have gaps.</summary>
    public required long Position { get; init; }

    public required string Source { get; init; }

    public required long Sequence { get; init; }

    public required string Kind { get; init; }

    public required int Version { get; init; }

    public string? Campaign { get; init; }

    public string? Simulation { get; init; }

    public string? Project { get; init; }

    public required DateTimeOffset At { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>Which events are meant: all that match every member that is set.</summary>
public sealed record EventFilter
{
    public static EventFilter All { get; } = new();

    public string? Campaign { get; init; }

    public string? Simulation { get; init; }

    public string? Source { get; init; }

    /// <summary>Any of these; empty for every kind.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>What happened then or later; null for all that is kept.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Any of these projects, and what concerns none; null for every project.</summary>
    public IReadOnlyList<string>? Projects { get; init; }
}
