using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>How an attempt ended, as far as its cluster learns from it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-ending")]
public sealed record LeaseEnding
{
    [Id(0)] public AttemptEnd End { get; init; }

    /// <summary>From its grant to its end; not negative.</summary>
    [Id(1)] public TimeSpan Held { get; init; }

    /// <summary>It went on from a checkpoint, so that it did only what was left.</summary>
    [Id(2)] public bool WentOn { get; init; }

    /// <summary>Its nodes had a part in its failure.</summary>
    [Id(3)] public bool NodeAtFault { get; init; }

    /// <summary>With the end of a stage that took several attempts: how long its programs ran over all of them, work that was done again included; zero: it did not end, or took only this one.</summary>
    [Id(4)] public TimeSpan Whole { get; init; }

    /// <summary>With <see cref="Whole"/>: what was estimated of it when it was submitted.</summary>
    [Id(5)] public TimeSpan? WholeEstimate { get; init; }

    /// <summary>A person said that nothing of it runs any more: its share of nodes that are gone is free again.</summary>
    [Id(6)] public bool Dead { get; init; }

    /// <summary>It ended by itself and did the whole of what it was asked for. Who was stopped, failed or was lost shows only that it takes longer than that.</summary>
    public bool ShowsHowLong => End is AttemptEnd.Completed or AttemptEnd.Continued && !WentOn && Held > TimeSpan.Zero;
}
