using System.Collections.Immutable;
using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Nodes;

/// <summary>What is known of a node only as long as somebody looks: it is held in memory and begins anew with every activation, so that time counts only while the silo is up.</summary>
public sealed record NodeSight
{
    /// <summary>Since when there is somebody who would notice a heartbeat.</summary>
    public DateTimeOffset WatchedSince { get; init; }

    /// <summary>The last sign of life; null: none yet.</summary>
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>Since when it is heard of without a gap.</summary>
    public DateTimeOffset HeardSince { get; init; }

    /// <summary>As the agent said last.</summary>
    public ImmutableArray<RunningAttempt> Running { get; init; } = [];

    /// <summary>As the agent said last.</summary>
    public long WantedVersionDone { get; init; }

    /// <summary>0 to 1 of all cores.</summary>
    public double CpuLoad { get; init; }

    /// <summary>Bytes.</summary>
    public long MemoryUsed { get; init; }

    /// <summary>Counts what the cluster should look at.</summary>
    public long Changes { get; init; } = 1;

    /// <summary>Up to which of <see cref="Changes"/> the cluster was nudged.</summary>
    public long Told { get; init; }

    /// <summary>How regular its heartbeats are.</summary>
    public PhiAccrual Beats { get; init; } = PhiAccrual.None;

    /// <summary>What its agent measured of it.</summary>
    public NodePressure Pressure { get; init; } = new();

    /// <summary>What of it is about to be used up.</summary>
    public ImmutableArray<FailureKind> Exhausted { get; init; } = [];

    /// <summary>Open while its storage does not answer: nothing that it holds up is judged.</summary>
    public CircuitBreaker Storage { get; init; } = CircuitBreaker.Closed;

    public ContentionWatch Contention { get; init; } = ContentionWatch.None;

    /// <summary>It was heard since somebody looks.</summary>
    public bool IsHeard => HeardAt >= WatchedSince;
}
