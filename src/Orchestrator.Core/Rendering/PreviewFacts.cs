using System.Collections.Immutable;

namespace Orchestrator.Core.Rendering;

/// <summary>What the next previews of a stage follow from.</summary>
public sealed record PreviewFacts
{
    /// <summary>How long the stage runs in all, by the newest estimate.</summary>
    public TimeSpan Whole { get; init; }

    /// <summary>0 to 1, at the moment from which is counted.</summary>
    public double Progress { get; init; }

    /// <summary>The moment from which is counted: when the last one was ordered, or the program started.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How many there are already.</summary>
    public int Made { get; init; }

    /// <summary>Smoothed time by level; empty: none was measured.</summary>
    public ImmutableSortedDictionary<int, TimeSpan> Measured { get; init; } = ImmutableSortedDictionary<int, TimeSpan>.Empty;
}

/// <summary>A preview that is to be made.</summary>
public sealed record PlannedPreview
{
    public DateTimeOffset At { get; init; }

    /// <summary>In percent.</summary>
    public int Level { get; init; }

    /// <summary>What it is believed to take of the program's time.</summary>
    public TimeSpan Cost { get; init; }
}

/// <summary>The previews that a stage still makes, as far as they are planned, and their price.</summary>
public sealed record PreviewPlan
{
    /// <summary>The next first.</summary>
    public ImmutableArray<PlannedPreview> Outputs { get; init; } = [];

    /// <summary>What they take together.</summary>
    public TimeSpan Cost { get; init; }

    /// <summary>0 to 1: the part of the program's time that they take; 0 where there are none.</summary>
    public double Overhead { get; init; }
}
