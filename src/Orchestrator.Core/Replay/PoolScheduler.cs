using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Replay;

/// <summary>The scheduler on a machine of equal processors, where only their number counts: the same pass over the queue as on nodes, over counts.</summary>
internal sealed class PoolScheduler : IReplayScheduler
{
    private readonly ImmutableArray<WorkloadJob> jobs;
    private readonly BackfillSettings settings;
    private readonly ProcessorPool pool;

    // Those that wait by arrival: what they ask for, and who they are, at the same index.
    private ProcessorRequest[] requests = new ProcessorRequest[64];
    private int[] waiting = new int[64];
    private PassResult[] results = new PassResult[64];
    private int count;

    // By job: when it ends by its estimate, once it runs.
    private readonly long[] endsBy;

    public PoolScheduler(ImmutableArray<WorkloadJob> jobs, ReplayOptions options)
    {
        this.jobs = jobs;
        settings = options.Settings.Backfill;
        pool = new ProcessorPool(options.Processors);
        endsBy = new long[jobs.Length];
    }

    public void Submit(int job, long now)
    {
        if (count == waiting.Length)
        {
            Array.Resize(ref requests, count * 2);
            Array.Resize(ref waiting, count * 2);
            Array.Resize(ref results, count * 2);
        }

        requests[count] = new ProcessorRequest(jobs[job].Processors, jobs[job].Limit.Ticks);
        waiting[count++] = job;
    }

    public void End(int job, long now) => pool.Remove(endsBy[job], jobs[job].Processors);

    public long Plan(long now, List<ReplayStart> started)
    {
        if (!AnyFits())
        {
            return long.MaxValue;
        }

        pool.Open(now);
        BackfillPass.Run(pool, (ReadOnlySpan<ProcessorRequest>)requests.AsSpan(0, count), settings, now, results);
        var kept = 0;
        for (var at = 0; at < count; at++)
        {
            var job = waiting[at];
            if (results[at].Verdict == PassVerdict.Started)
            {
                endsBy[job] = now + requests[at].Estimate;
                pool.Add(endsBy[job], requests[at].Processors);
                started.Add(new ReplayStart(job, []));
            }
            else
            {
                (requests[kept], waiting[kept]) = (requests[at], job);
                kept++;
            }
        }

        count = kept;
        return long.MaxValue;
    }

    /// <summary>Without one that would fit into what is idle, no pass starts anything.</summary>
    private bool AnyFits()
    {
        for (var at = 0; at < count; at++)
        {
            if (requests[at].Processors <= pool.Idle)
            {
                return true;
            }
        }

        return false;
    }
}
