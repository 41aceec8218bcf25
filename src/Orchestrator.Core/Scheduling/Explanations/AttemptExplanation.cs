using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>
/// Why one attempt waits, or that it starts, as things stand: what decided, which constraint binds, who is ahead, when it starts, and what would start it sooner. Each start was found by planning,
/// with the attempt changed and everything else as it is; nothing is guessed.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attempt-explanation")]
public sealed record AttemptExplanation
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>The moment for which it holds.</summary>
    [Id(1)] public DateTimeOffset At { get; init; }

    /// <summary>It starts with the next plan.</summary>
    [Id(2)] public bool StartsNow { get; init; }

    /// <summary>Why it waits; a constraint that is absent: it does not.</summary>
    [Id(3)] public WaitReason Reason { get; init; } = new();

    /// <summary>0 to 1; the greater, the sooner its turn.</summary>
    [Id(4)] public double Priority { get; init; }

    /// <summary>What the priority is made of, in the order of their names.</summary>
    [Id(5)] public ImmutableArray<ExplainedFactor> Factors { get; init; } = [];

    /// <summary>How many wait, it included.</summary>
    [Id(6)] public int Waiting { get; init; }

    /// <summary>The first few of those that were considered before it, in their turn; how many in all says <see cref="WaitReason.Ahead"/>.</summary>
    [Id(7)] public ImmutableArray<ExplainedAhead> Ahead { get; init; } = [];

    /// <summary>When it would start if nobody else waited, and all that runs ended as estimated; null: not as far as is known.</summary>
    [Id(8)] public DateTimeOffset? EarliestStart { get; init; }

    /// <summary>When it starts if it and those before it keep their turns and run as long as was learned, or else as estimated; null: not as far as is known.</summary>
    [Id(9)] public DateTimeOffset? ExpectedStart { get; init; }

    /// <summary>The expected start lies between this, if nobody were ahead and all ran as long as was learned,</summary>
    [Id(10)] public DateTimeOffset? ExpectedFrom { get; init; }

    /// <summary>and this, if everybody used up the estimate.</summary>
    [Id(11)] public DateTimeOffset? ExpectedUntil { get; init; }

    /// <summary>What would start it sooner, the soonest first.</summary>
    [Id(12)] public ImmutableArray<SoonerChange> Changes { get; init; } = [];

    /// <summary>What decided, in words.</summary>
    [Id(13)] public string Decision { get; init; } = "";

    /// <summary>By when its simulation is to be done; null: it has no deadline, or nobody says how long it takes.</summary>
    [Id(14)] public DateTimeOffset? Deadline { get; init; }

    /// <summary>With a deadline: when its simulation is done if it starts as expected, and nothing behind it waits; null: not as far as is known.</summary>
    [Id(15)] public DateTimeOffset? ExpectedEnd { get; init; }

    /// <summary>That is not after the deadline; null: nobody knows, or there is none.</summary>
    [Id(16)] public bool? MeetsDeadline { get; init; }

    /// <summary>How long it is likely to run, and where that comes from; null: nobody was asked.</summary>
    [Id(17)] public ExpectedDuration? Duration { get; init; }

    /// <summary>The class that decides, and why it is not its own; null: nobody was asked.</summary>
    [Id(18)] public CountedClass? Class { get; init; }

    /// <summary>What its energy costs at once and when it is put off to; null: it is not put off for energy.</summary>
    [Id(19)] public DeferredCost? Energy { get; init; }
}

/// <summary>One factor of a priority.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.explained-factor")]
public sealed record ExplainedFactor
{
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>0 to 1.</summary>
    [Id(1)] public double Value { get; init; }
}

/// <summary>One that was considered before.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.explained-ahead")]
public sealed record ExplainedAhead
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(1)] public double Priority { get; init; }

    [Id(2)] public int Nodes { get; init; }

    /// <summary>Whether it starts now.</summary>
    [Id(3)] public bool StartsNow { get; init; }

    /// <summary>When it starts by the plan; null: the plan kept nothing for it, or it starts now.</summary>
    [Id(4)] public DateTimeOffset? PlannedStart { get; init; }

    /// <summary>What decides between the two, in words.</summary>
    [Id(5)] public string Because { get; init; } = "";
}

/// <summary>One change that would start an attempt sooner.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.sooner-change")]
public sealed record SoonerChange
{
    [Id(0)] public SoonerKind Kind { get; init; }

    /// <summary>In words, as advice: "ask for at most 4 nodes".</summary>
    [Id(1)] public string Words { get; init; } = "";

    /// <summary>When it would start.</summary>
    [Id(2)] public DateTimeOffset Start { get; init; }

    /// <summary>The value to ask for: nodes, ranks on each node, bytes, or seconds of walltime; 0 where there is none.</summary>
    [Id(3)] public long Value { get; init; }

    /// <summary>The name to ask for, or what to cancel: a GPU model, a window; "" where there is none.</summary>
    [Id(4)] public string Name { get; init; } = "";
}

/// <summary>What can be changed about an attempt, or around it.</summary>
[GenerateSerializer, Alias("orchestrator.sooner-kind")]
public enum SoonerKind
{
    Absent = 0,
    FewerNodes = 1,
    FewerRanks = 2,
    LessMemory = 3,
    ShorterWalltime = 4,
    OtherGpu = 5,
    SharedNodes = 6,
    AnyTopology = 7,
    Checkpoints = 8,
    CancelWindow = 9,
    HigherPriority = 10,
    AvoidNothing = 11,
    FewerGpus = 12,
}
