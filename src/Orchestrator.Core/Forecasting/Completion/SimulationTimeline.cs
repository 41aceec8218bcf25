using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Forecasting.Completion;

/// <summary>When each stage of a simulation was to run, is expected to, and really did.</summary>
public sealed record SimulationTimeline
{
    public string Simulation { get; init; } = "";

    public string Campaign { get; init; } = "";

    /// <summary>The moment for which it holds.</summary>
    public DateTimeOffset At { get; init; }

    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>It has ended: nothing is expected any more.</summary>
    public bool IsOver { get; init; }

    /// <summary>By the estimates that it was submitted with, if nothing had waited for nodes.</summary>
    public DateTimeOffset PlannedEnd { get; init; }

    /// <summary>The end, or when it is expected.</summary>
    public MomentRange End { get; init; }

    /// <summary>How much later than planned; negative: sooner.</summary>
    public TimeSpan Deviation { get; init; }

    /// <summary>In the order in which they start.</summary>
    public ImmutableArray<StageTimeline> Stages { get; init; } = [];

    /// <summary>The stages that decide the end, first to last.</summary>
    public ImmutableArray<string> CriticalPath { get; init; } = [];

    /// <summary>What made, or makes, the end later, the worst first.</summary>
    public ImmutableArray<Bottleneck> Bottlenecks { get; init; } = [];

    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>One stage.</summary>
public sealed record StageTimeline
{
    public string Stage { get; init; } = "";

    public StageStatus Status { get; init; }

    /// <summary>By the estimates that it was submitted with, if nothing had waited for nodes.</summary>
    public DateTimeOffset PlannedStart { get; init; }

    public DateTimeOffset PlannedEnd { get; init; }

    /// <summary>As it is expected now; of what happened already, when it did.</summary>
    public MomentRange Start { get; init; }

    public MomentRange End { get; init; }

    /// <summary>Null: not yet.</summary>
    public DateTimeOffset? ActualStart { get; init; }

    public DateTimeOffset? ActualEnd { get; init; }

    /// <summary>Of its end from the planned one; negative: sooner.</summary>
    public TimeSpan Deviation { get; init; }

    /// <summary>How likely it is among those that decide the end, 0 to 1.</summary>
    public double Critical { get; init; }

    /// <summary>How long it is expected to run in all, and where that comes from; null: it is over.</summary>
    public ExpectedDuration? Duration { get; init; }
}

/// <summary>A moment with how sure it is.</summary>
/// <param name="Expected">About as often too early as too late.</param>
/// <param name="Earliest">One of ten times it is before.</param>
/// <param name="Latest">One of ten times it is after.</param>
public readonly record struct MomentRange(DateTimeOffset Expected, DateTimeOffset Earliest, DateTimeOffset Latest);

/// <summary>A stage that makes the end later.</summary>
public sealed record Bottleneck
{
    public string Stage { get; init; } = "";

    public BottleneckKind Kind { get; init; }

    /// <summary>How long it waits, or how much longer than planned it runs.</summary>
    public TimeSpan Excess { get; init; }

    /// <summary>By so much the end were earlier without it, everything else as it is.</summary>
    public TimeSpan Impact { get; init; }
}

/// <summary>How a stage makes the end later.</summary>
public enum BottleneckKind
{
    Absent = 0,

    /// <summary>It runs longer than it was planned to.</summary>
    Runs = 1,

    /// <summary>It starts later than it could.</summary>
    Waits = 2,
}
