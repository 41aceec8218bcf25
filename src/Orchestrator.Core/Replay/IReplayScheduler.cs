using System.Collections.Immutable;

namespace Orchestrator.Core.Replay;

/// <summary>The scheduler as a replay drives it. Jobs are known by their index in the workload, moments are ticks on the trace's clock.</summary>
internal interface IReplayScheduler
{
    /// <summary>The job waits from now on.</summary>
    void Submit(int job, long now);

    /// <summary>What the job held is free.</summary>
    void End(int job, long now);

    /// <summary>Starts what can start; adds it to <paramref name="started"/>.</summary>
    /// <returns>The next moment at which more could start although nothing happens before; <see cref="long.MaxValue"/>: none.</returns>
    long Plan(long now, List<ReplayStart> started);
}

/// <summary>A job that starts, and the numbers of its hosts; none where processors are all the same.</summary>
internal readonly record struct ReplayStart(int Job, ImmutableArray<int> Hosts);
