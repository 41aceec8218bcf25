using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Preempting;

/// <summary>A small machine on which something runs and something waits.</summary>
internal sealed record Stage : ISchedulingView
{
    public static readonly DateTimeOffset Now = Make.Now;

    public ImmutableArray<SchedulableNode> Machine { get; init; } = [];

    public ImmutableArray<RunningLease> Runs { get; init; } = [];

    /// <summary>In their turn.</summary>
    public ImmutableArray<PendingRequest> Waits { get; init; } = [];

    public SchedulingContext Context { get; init; } = new();

    public SchedulingSettings Settings { get; init; } = new();

    public ImmutableDictionary<AttemptId, WaitReason> Reasons { get; init; } = ImmutableDictionary<AttemptId, WaitReason>.Empty;

    IReadOnlyCollection<SchedulableNode> ISchedulingView.Nodes => Machine;

    IReadOnlyCollection<RunningLease> ISchedulingView.Running => Runs;

    IReadOnlyCollection<PendingRequest> ISchedulingView.Pending => Waits;

    public static Stage Of(int nodes, params RunningLease[] runs) => new() { Machine = [.. Enumerable.Range(1, nodes).Select(number => Make.Node(number))], Runs = [.. runs] };

    public Stage Waiting(params PendingRequest[] waits) => this with { Waits = [.. waits] };

    public Stage With(params MaintenanceWindow[] windows) => this with { Context = Context with { Windows = [.. windows] } };

    public Stage With(params Reservation[] reservations) => this with { Context = Context with { Reservations = [.. reservations] } };

    public Stage Because(int number, WaitReason reason) => this with { Reasons = Reasons.Add(Make.Attempt(number), reason) };

    public ImmutableArray<Preemption> Choose(DateTimeOffset? now = null, params Placement[] starts) => new PreemptionPlanner().Choose(
        this,
        [.. Waits.Select(request => new StillWaiting(new RankedRequest(request, 0.5, default), new(request, Reasons.GetValueOrDefault(request.Attempt) ?? new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = request.Resources.Nodes })))],
        [.. starts],
        now ?? Now);

    public AttemptId[] Victims(DateTimeOffset? now = null) => [.. Choose(now).Select(order => order.Victim)];

    /// <summary>It runs for two hours on whole nodes of four cores, checkpointed an hour ago.</summary>
    public static RunningLease Lease(int number, PriorityClass priority, params int[] nodes) => new()
    {
        Attempt = Make.Attempt(number),
        Priority = priority,
        StartedAt = Now.AddHours(-2),
        CanCheckpoint = true,
        CheckpointedAt = Now.AddHours(-1),
        Owner = new() { Account = new AccountId("p-a") },
        Shares = [.. nodes.Select(node => new NodeShare { Node = Make.Id(node), Cores = [0, 1, 2, 3] })],
        Resources = new() { Nodes = nodes.Length, Threads = 4 },
    };

    public static PendingRequest Wants(int number, PriorityClass priority, int nodes = 1, int cores = 4) =>
        Make.Cores(number, cores, nodes, priority) with { QueuedSince = Now.AddMinutes(-10), Owner = new() { Account = new AccountId("p-b") } };
}
