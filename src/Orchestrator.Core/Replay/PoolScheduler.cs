using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Timelines;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay;

/// <summary>The scheduler on a machine of equal processors, where only their number counts: the same order and the same pass over the queue as on nodes, over counts.</summary>
internal sealed class PoolScheduler : IReplayScheduler, ISchedulingView
{
    private readonly ImmutableArray<WorkloadJob> jobs;
    private readonly ProcessorPool pool;
    private readonly ReplayLearning learning;
    private readonly MultifactorOrder order = new();
    private readonly SchedulableNode[] machine;

    /// <summary>By arrival, if that is all the order there is: then nobody is ranked.</summary>
    private readonly bool isByArrival;

    private readonly SortedDictionary<int, PendingRequest> pending = [];
    private ProcessorRequest[] queue = new ProcessorRequest[64];
    private int[] waiting = new int[64];
    private int[] slips = new int[64];
    private PassResult[] results = new PassResult[64];
    private int count;

    // By job: when it ends by its estimate, once it runs.
    private readonly long[] endsBy;

    public PoolScheduler(ImmutableArray<WorkloadJob> jobs, ReplayOptions options)
    {
        this.jobs = jobs;
        Settings = options.Settings;
        isByArrival = Settings.Order.Policy == QueuePolicy.Fifo;
        pool = new ProcessorPool(options.Processors);
        machine = [new SchedulableNode { Id = new NodeId("n-machine"), Cores = options.Processors }];
        learning = new ReplayLearning(jobs, static job => new ResourceRequest { Threads = job.Processors }, options.Learns);
        endsBy = new long[jobs.Length];
    }

    public IReadOnlyCollection<SchedulableNode> Nodes => machine;

    /// <summary>Nothing of the order depends on it: whatever runs belongs to no project.</summary>
    public IReadOnlyCollection<RunningLease> Running => [];

    public IReadOnlyCollection<PendingRequest> Pending => pending.Values;

    public SchedulingContext Context { get; private set; } = new();

    public SchedulingSettings Settings { get; }

    public void Submit(int job, long now)
    {
        if (count == waiting.Length)
        {
            Array.Resize(ref queue, count * 2);
            Array.Resize(ref waiting, count * 2);
            Array.Resize(ref slips, count * 2);
            Array.Resize(ref results, count * 2);
        }

        queue[count] = Request(job);
        waiting[count++] = job;
        if (!isByArrival)
        {
            pending[job] = learning.Submit(job, now);
        }
    }

    public void End(int job, long now)
    {
        pool.Remove(endsBy[job], jobs[job].Processors);
        if (!isByArrival)
        {
            foreach (var other in learning.End(job))
            {
                pending[other] = learning.Again(pending[other]);
            }
        }
    }

    public long Plan(long now, List<ReplayStart> started)
    {
        if (!AnyFits())
        {
            return long.MaxValue;
        }

        if (!isByArrival)
        {
            Rank(now);
        }

        pool.Open(now);
        BackfillPass.Run(pool, (ReadOnlySpan<ProcessorRequest>)queue.AsSpan(0, count), isByArrival ? [] : slips.AsSpan(0, count), Settings.Backfill, now, results);
        var kept = 0;
        for (var at = 0; at < count; at++)
        {
            var job = waiting[at];
            if (results[at].Verdict == PassVerdict.Started)
            {
                Start(job, now);
                started.Add(new ReplayStart(job, []));
            }
            else
            {
                (queue[kept], waiting[kept]) = (queue[at], job);
                kept++;
            }
        }

        count = kept;
        return long.MaxValue;
    }

    private ProcessorRequest Request(int job) => new(jobs[job].Processors, jobs[job].Limit.Ticks);

    private void Start(int job, long now)
    {
        endsBy[job] = now + jobs[job].Limit.Ticks;
        pool.Add(endsBy[job], jobs[job].Processors);
        if (!isByArrival)
        {
            pending.Remove(job);
            learning.Start(job);
        }
    }

    private void Rank(long now)
    {
        Context = Context with { Work = learning.Work };
        var turn = 0;
        foreach (var ranked in order.Rank(this, ReplayLearning.At(now)))
        {
            var job = ReplayLearning.JobOf(ranked.Request);
            waiting[turn] = job;
            queue[turn] = Request(job);
            slips[ranked.BackfillTurn] = turn++;
        }
    }

    /// <summary>Without one that would fit into what is idle, no pass starts anything.</summary>
    private bool AnyFits()
    {
        for (var at = 0; at < count; at++)
        {
            if (queue[at].Processors <= pool.Idle)
            {
                return true;
            }
        }

        return false;
    }
}
