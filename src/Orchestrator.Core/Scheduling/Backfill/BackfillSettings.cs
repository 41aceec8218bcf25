namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>How much of the queue is planned ahead.</summary>
public sealed record BackfillSettings
{
    public BackfillKind Kind { get; init; } = BackfillKind.Depth;

    /// <summary>With <see cref="BackfillKind.Depth"/>: so many of the first in the queue keep a place in time; at least 1.</summary>
    public int Reservations { get; init; } = 1;

    /// <summary>So many waiting attempts are looked at in one plan; the rest wait for the next. At least 1; null: all.</summary>
    public int? Depth { get; init; }

    /// <summary>Places in time later than this from now are not kept; null: any.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Work that cannot end before a window or the end of an allocation, but that a checkpoint carries over, starts only if it gets so long until then at least.</summary>
    public TimeSpan UsefulLeast { get; init; } = TimeSpan.FromMinutes(10);
}
