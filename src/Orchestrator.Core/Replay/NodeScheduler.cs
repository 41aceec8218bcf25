using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay;

/// <summary>The scheduler of the service on a machine of named hosts: each job takes whole hosts, and idle ones may be switched off and on.</summary>
internal sealed class NodeScheduler : IReplayScheduler
{
    private readonly ReplayOptions options;
    private readonly ImmutableArray<WorkloadJob> jobs;
    private readonly ISchedulingWorkspace workspace;
    private readonly EnergyMeter meter;
    private readonly ReplayLearning learning;
    private readonly Dictionary<NodeId, int> numbers = [];
    private readonly SchedulableNode[] hosts;
    private readonly Dictionary<int, PendingRequest> pending = [];
    private readonly Dictionary<AttemptId, int> waiting = [];
    private readonly ImmutableArray<int>[] taken;
    private readonly List<(long At, int Host)> switching = [];
    private SchedulingContext context = new();

    /// <param name="jobs">By their index.</param>
    /// <param name="options">The machine.</param>
    /// <param name="workspace">Empty.</param>
    /// <param name="meter">Is told what is switched; what jobs draw, the replay tells it.</param>
    public NodeScheduler(ImmutableArray<WorkloadJob> jobs, ReplayOptions options, ISchedulingWorkspace workspace, EnergyMeter meter)
    {
        this.jobs = jobs;
        this.options = options;
        this.workspace = workspace;
        this.meter = meter;
        learning = new ReplayLearning(jobs, Resources, options.Learns);
        taken = new ImmutableArray<int>[jobs.Length];
        hosts = new SchedulableNode[options.Processors];

        // All names are of one length: their order is that of the numbers.
        var digits = (options.Processors - 1).ToString(CultureInfo.InvariantCulture).Length;
        for (var host = 0; host < hosts.Length; host++)
        {
            var id = new NodeId("n-" + host.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0'));
            numbers[id] = host;
            SetHost(host, new SchedulableNode { Id = id, Cores = 1, Power = options.Power, IdleSince = ReplayLearning.At(jobs[0].Submit.Ticks) });
        }
    }

    public void Submit(int job, long now)
    {
        var request = learning.Submit(job, now);
        pending[job] = request;
        waiting[request.Attempt] = job;
        workspace.Enqueue(request);
    }

    public void End(int job, long now)
    {
        workspace.End(ReplayLearning.Attempt(job));
        foreach (var host in taken[job])
        {
            SetHost(host, hosts[host] with { IdleSince = ReplayLearning.At(now) });
        }

        foreach (var other in learning.End(job))
        {
            pending[other] = learning.Again(pending[other]);
            workspace.Enqueue(pending[other]);
        }
    }

    public long Plan(long now, List<ReplayStart> started)
    {
        FinishSwitching(now);
        if (!ReferenceEquals(context.Work, learning.Work))
        {
            context = context with { Work = learning.Work };
            workspace.SetContext(context);
        }

        var plan = workspace.Plan(ReplayLearning.At(now));
        foreach (var placement in plan.Placements)
        {
            Start(placement, now, started);
        }

        foreach (var order in plan.Power)
        {
            Switch(numbers[order.Node], order.On, now);
        }

        var next = plan.NextChange is { } change ? (change - ReplayLearning.Epoch).Ticks : long.MaxValue;
        foreach (var (at, _) in switching)
        {
            next = Math.Min(next, at);
        }

        return next;
    }

    private static ResourceRequest Resources(WorkloadJob job) => new() { Nodes = job.Processors, Exclusive = true };

    private void Start(Placement placement, long now, List<ReplayStart> started)
    {
        waiting.Remove(placement.Attempt, out var job);
        pending.Remove(job, out var request);
        learning.Start(job);
        workspace.SetRunning(new RunningLease
        {
            Attempt = placement.Attempt,
            Shares = placement.Shares,
            Resources = request!.Resources,
            Owner = request.Owner,
            StartedAt = ReplayLearning.At(now),
            EndsBy = ReplayLearning.At(now) + jobs[job].Limit,
        });
        taken[job] = [.. placement.Shares.Select(share => numbers[share.Node]).Order()];
        foreach (var host in taken[job])
        {
            SetHost(host, hosts[host] with { IdleSince = null });
        }

        started.Add(new ReplayStart(job, taken[job]));
    }

    private void Switch(int host, bool on, long now)
    {
        var ready = now + (on ? options.Power.SwitchOnTime : options.Power.SwitchOffTime).Ticks;
        if (on)
        {
            meter.BeginOn(now);
            SetHost(host, hosts[host] with { PowerState = PowerState.SwitchingOn, ReadyAt = ReplayLearning.At(ready), IdleSince = null });
        }
        else
        {
            meter.BeginOff(now);
            SetHost(host, hosts[host] with { PowerState = PowerState.SwitchingOff, IdleSince = null });
        }

        switching.Add((ready, host));
    }

    private void FinishSwitching(long now)
    {
        for (var at = switching.Count - 1; at >= 0; at--)
        {
            var (ready, host) = switching[at];
            if (ready > now)
            {
                continue;
            }

            switching.RemoveAt(at);
            if (hosts[host].PowerState == PowerState.SwitchingOn)
            {
                meter.EndOn(ready);
                SetHost(host, hosts[host] with { PowerState = PowerState.On, ReadyAt = null, IdleSince = ReplayLearning.At(ready) });
            }
            else
            {
                meter.EndOff(ready);
                SetHost(host, hosts[host] with { PowerState = PowerState.Off });
            }
        }
    }

    private void SetHost(int number, SchedulableNode host)
    {
        hosts[number] = host;
        workspace.SetNode(host);
    }
}
