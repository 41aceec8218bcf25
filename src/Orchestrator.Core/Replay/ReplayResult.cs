using System.Collections.Immutable;

namespace Orchestrator.Core.Replay;

/// <summary>What became of a workload.</summary>
public sealed record ReplayResult
{
    /// <summary>In the order of the workload.</summary>
    public ImmutableArray<ReplayedJob> Jobs { get; init; } = [];

    /// <summary>Of the machine.</summary>
    public int Processors { get; init; }

    /// <summary>From the first submission to the last end.</summary>
    public double Joules { get; init; }

    /// <summary>How often a running job had to make way.</summary>
    public int Preemptions { get; init; }

    /// <summary>Processors by time that was spent on work which had to be done again.</summary>
    public TimeSpan LostWork { get; init; }

    /// <summary>Jobs that the machine can never run.</summary>
    public ImmutableArray<SkippedJob> Skipped { get; init; } = [];
}

/// <summary>When a job ran, on the trace's own clock.</summary>
/// <param name="Job">What was asked.</param>
/// <param name="Start">When it started, the last time.</param>
/// <param name="End">When it ended.</param>
/// <param name="Hosts">Numbers of its hosts from 0, ascending; none where processors are all the same.</param>
public readonly record struct ReplayedJob(WorkloadJob Job, TimeSpan Start, TimeSpan End, ImmutableArray<int> Hosts)
{
    public TimeSpan Wait => Start - Job.Submit;
}

/// <summary>How far a replay is.</summary>
/// <param name="Ended">Jobs that are over,</param>
/// <param name="Jobs">of so many.</param>
/// <param name="Waiting">Jobs in the queue.</param>
/// <param name="Now">On the trace's own clock.</param>
public readonly record struct ReplayProgress(int Ended, int Jobs, int Waiting, TimeSpan Now);
