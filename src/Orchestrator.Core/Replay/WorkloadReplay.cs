using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Replay;

/// <summary>Runs a workload in virtual time: jobs arrive as they did, and the scheduler of the service decides when each starts. The same workload and options give the same result.</summary>
public sealed class WorkloadReplay
{
    /// <summary>A job whose time is up holds nothing any more at that moment, whatever else happens in it.</summary>
    private const int UpRank = 0;
    private const int SubmitRank = 1;
    private const int EndRank = 2;
    private const int WakeRank = 3;

    private readonly ImmutableArray<WorkloadJob> jobs;
    private readonly ReplayOptions options;
    private readonly IReplayScheduler scheduler;
    private readonly EventQueue<(int Rank, int Job)> events = new();
    private readonly EnergyMeter meter;
    private readonly ReplayedJob[] done;
    private readonly List<ReplayStart> started = [];
    private int submitted;
    private int running;
    private int ended;
    private long wake = long.MaxValue;
    private bool changed;

    private WorkloadReplay(ImmutableArray<WorkloadJob> jobs, ReplayOptions options, IReplayScheduler scheduler, EnergyMeter meter)
    {
        this.jobs = jobs;
        this.options = options;
        this.scheduler = scheduler;
        this.meter = meter;
        done = new ReplayedJob[jobs.Length];
    }

    /// <summary>Replays the workload to the end of its last job.</summary>
    /// <param name="workload">Jobs that are larger than the machine are left out and told.</param>
    /// <param name="options">Machine and rules.</param>
    /// <param name="progress">Is told from time to time.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    /// <exception cref="ArgumentException">Options are out of their range, or no job fits the machine.</exception>
    /// <exception cref="InvalidOperationException">By these rules some jobs never start.</exception>
    public static ReplayResult Run(Workload workload, ReplayOptions options, IProgress<ReplayProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(options);
        var fitting = workload.On(options.Processors);
        var meter = fitting.Jobs.IsEmpty ? null : new EnergyMeter(options.Power, options.Processors, fitting.Jobs[0].Submit.Ticks);
        if (options.Predicts && (options.NamedHosts || options.Settings.Order.Policy != QueuePolicy.Fifo))
        {
            throw new ArgumentException("durations are predicted only for policies that take the queue by arrival, on equal processors: fcfs, easy, easy-sjbf, conservative", nameof(options));
        }

        IReplayScheduler? scheduler = meter is null ? null
            : options.Predicts ? new PredictedScheduler(fitting.Jobs, options)
            : options.NamedHosts ? new NodeScheduler(fitting.Jobs, options, new SchedulingWorkspace(options.Settings, options.Parts), meter)
            : new PoolScheduler(fitting.Jobs, options);
        return scheduler is null
            ? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{workload.Name} has no job that a machine of {options.Processors} processors could run"), nameof(workload))
            : Run(fitting, options, scheduler, meter!, progress, cancellationToken);
    }

    internal static ReplayResult Run(Workload workload, ReplayOptions options, IReplayScheduler scheduler, EnergyMeter meter, IProgress<ReplayProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var replay = new WorkloadReplay(workload.Jobs, options, scheduler, meter);
        replay.Go(progress, cancellationToken);
        return new ReplayResult { Jobs = Whole(replay.done), Processors = options.Processors, Joules = replay.meter.Joules, Skipped = workload.Skipped };
    }

    private static ImmutableArray<ReplayedJob> Whole(ReplayedJob[] jobs) => ImmutableCollectionsMarshal.AsImmutableArray(jobs);

    private void Go(IProgress<ReplayProgress>? progress, CancellationToken cancellationToken)
    {
        events.Add(jobs[0].Submit.Ticks, SubmitRank, 0, (SubmitRank, 0));
        for (var count = 0L; ended < jobs.Length; count++)
        {
            if ((count & 0x3ff) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new ReplayProgress(ended, jobs.Length, submitted - running - ended, new TimeSpan(Math.Max(0, events.Now))));
            }

            if (!events.TryTake(out var happening))
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{submitted - running - ended} jobs never start by these rules, though nothing else runs"));
            }

            Happen(happening.Rank, happening.Job);
            if (changed && (events.Next > events.Now || (options.Events == EventOrder.OneByOne && happening.Rank != UpRank)))
            {
                changed = false;
                Plan();
            }
        }

        progress?.Report(new ReplayProgress(ended, jobs.Length, 0, new TimeSpan(events.Now)));
    }

    private void Happen(int rank, int job)
    {
        var now = events.Now;
        switch (rank)
        {
            case UpRank:
                scheduler.End(job, now);
                changed = true;
                break;
            case SubmitRank:
                // One submission at a time is in the queue: a trace is long, and the heap stays as small as the machine.
                submitted++;
                changed = true;
                scheduler.Submit(job, now);
                if (submitted < jobs.Length)
                {
                    events.Add(jobs[submitted].Submit.Ticks, SubmitRank, submitted, (SubmitRank, submitted));
                }

                break;
            case EndRank:
                running--;
                ended++;
                if (jobs[job].Run < jobs[job].Limit)
                {
                    scheduler.End(job, now);
                    changed = true;
                }

                if (jobs[job].Computes)
                {
                    meter.Rest(jobs[job].Processors, now);
                }

                meter.Advance(now);
                break;
            default:
                changed = true;
                wake = wake == now ? long.MaxValue : wake;
                break;
        }
    }

    private void Plan()
    {
        if (submitted == running + ended && !options.NamedHosts)
        {
            return;
        }

        var now = events.Now;
        started.Clear();
        var next = scheduler.Plan(now, started);
        foreach (var (job, hosts) in started)
        {
            var end = now + jobs[job].Run.Ticks;
            done[job] = new ReplayedJob(jobs[job], new TimeSpan(now), new TimeSpan(end), hosts.IsDefault ? [] : hosts);
            running++;
            events.Add(end, EndRank, 0, (EndRank, job));
            if (jobs[job].Run >= jobs[job].Limit)
            {
                events.Add(end, UpRank, 0, (UpRank, job));
            }

            if (jobs[job].Computes)
            {
                meter.Compute(jobs[job].Processors, now);
            }
        }

        if (next < wake)
        {
            wake = next;
            events.Add(Math.Max(next, now), WakeRank, 0, (WakeRank, 0));
        }
    }
}
