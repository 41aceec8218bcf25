using Orchestrator.Core.Events;

namespace Orchestrator.Core.Checkpoints;

/// <summary>How a stage is checkpointed, with the reasons.</summary>
public sealed record CheckpointPlan
{
    /// <summary>Time between two checkpoints at most; null: time brings none about.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>What is asked of the program.</summary>
    public CheckpointKind Kind { get; init; } = CheckpointKind.Full;

    /// <summary>Daly's, without any limit.</summary>
    public TimeSpan Optimum { get; init; }

    /// <summary>The longest interval with which no more than the largest loss is lost.</summary>
    public TimeSpan LossLimit { get; init; }

    /// <summary>The shortest interval with which checkpoints stay under their part of the time.</summary>
    public TimeSpan OverheadLimit { get; init; }

    /// <summary>The part of its time that the program spends on checkpoints with this plan.</summary>
    public double Overhead { get; init; }

    /// <summary>What a loss costs at most with this plan.</summary>
    public TimeSpan LossMax { get; init; }

    /// <summary>What was given up where the largest loss and the overhead limit cannot both be had.</summary>
    public CheckpointConcession Concession { get; init; }

    /// <summary>The same in words, with its price; null: nothing was given up.</summary>
    public string? Conflict { get; init; }

    /// <summary>One sentence for people.</summary>
    public string Tell() => Interval is not { } interval
        ? "checkpoints are made only when the program makes them by itself, or when something happens"
        : FormattableString.Invariant($"a checkpoint every {DurationWords.Of(interval)} takes {Overhead:P2} of its time; a loss costs at most {DurationWords.Of(LossMax)} (optimum by cost and failures: {DurationWords.Of(Optimum)})");
}

/// <summary>What gives way, in this order.</summary>
public enum CheckpointConcession
{
    Absent = 0,

    /// <summary>The bytes become durable beside the running program, so a checkpoint protects a little later than it was taken.</summary>
    AsynchronousFlush = 1,

    /// <summary>The program writes less at a time.</summary>
    SmallerKind = 2,

    /// <summary>The overhead limit: the largest loss wins.</summary>
    OverheadLimit = 3,

    /// <summary>The largest loss, too: a checkpoint takes longer than what may be lost.</summary>
    LossLimit = 4,
}
