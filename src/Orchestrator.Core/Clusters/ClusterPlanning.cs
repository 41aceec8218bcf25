using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>Between a cluster's state and a policy: the problem that a policy is given, and whether what it planned still holds.</summary>
public static class ClusterPlanning
{
    /// <summary>Submissions are told apart to the millisecond, counted from here.</summary>
    private static readonly DateTimeOffset Origin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// All nodes, whether they are seen or not: what waits for a node to come back is not told that it never fits. Shares of leases that are over count until they are free.
    /// </summary>
    /// <param name="state">What the cluster holds.</param>
    /// <param name="context">What was arranged and learned; null: what the state itself says of it.</param>
    public static SchedulingProblem Problem(ClusterState state, SchedulingContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new()
        {
            Nodes = [.. state.Nodes.Values.Select(Schedulable)],
            Running = [.. state.Leases.Values.Select(lease => Running(state, lease, null)).Where(static lease => !lease.Shares.IsEmpty)],
            Pending = [.. Order(state).Select(queued => Pending(state, queued))],
            Context = context ?? Context(state),
        };
    }

    /// <summary>The problem without those that wait: what windows and reservations look at.</summary>
    internal static SchedulingProblem Arranged(ClusterState state) => new()
    {
        Nodes = [.. state.Nodes.Values.Select(Schedulable)],
        Running = [.. state.Leases.Values.Select(lease => Running(state, lease, null)).Where(static lease => !lease.Shares.IsEmpty)],
        Context = Context(state),
    };

    /// <summary>By what the cluster's plans are made.</summary>
    internal static SchedulingSettings SettingsOf(ClusterState state, ClusterPolicy policy) => PolicyText.Read(state.Policy) ?? policy.Scheduling;

    /// <summary>What was arranged and learned, as far as the cluster itself keeps it.</summary>
    public static SchedulingContext Context(ClusterState state) => new()
    {
        Windows = [.. state.Windows.Values.Where(static window => !window.IsOver)],
        Reservations = [.. state.Reservations.Values.Where(static reservation => !reservation.IsOver)],
        Licences = state.Licences,
        Accounts = Standings(state),
        Speeds = state.Speeds,
        Work = state.Work,
        Energy = state.Energy,
        Hook = state.Hook,
        Scenarios = state.Scenarios,
    };

    private static ImmutableSortedDictionary<string, AccountStanding> Standings(ClusterState state)
    {
        var standings = ImmutableSortedDictionary.CreateBuilder<string, AccountStanding>(StringComparer.Ordinal);
        foreach (var (account, escrow) in state.Escrows)
        {
            if (escrow.PlanStanding() is { } standing)
            {
                standings.Add(account, standing);
            }
        }

        return standings.ToImmutable();
    }

    /// <summary>A waiting request with all that was set of it since it came.</summary>
    public static PendingRequest Pending(ClusterState state, QueuedRequest queued)
    {
        var request = queued.Request;
        var setting = PriorityOf(state, request);
        var (expected, high) = ClusterLearning.Of(state, request);
        return new()
        {
            Attempt = request.Attempt,
            Resources = request.Resources,
            Priority = ClassOf(request, setting),
            PriorityOverride = setting?.Value,
            SubmissionOrder = SubmissionOrder(request),
            DurationEstimate = request.DurationEstimate,
            Avoid = [.. request.Avoid],
            Owner = request.Owner,
            QueuedSince = queued.Since,
            DurationExpected = expected,
            DurationHigh = high,
            JobType = request.JobType,
            Deadline = DeadlineOf(state, request),
            WorkAhead = request.WorkAhead,
            Promise = PromiseOf(state, request),
            Share = ClusterScenarios.ShareOf(state, request.Attempt.Simulation),
            Inherited = request.Inherited,
            Protected = request.Protected,
            CanCheckpoint = request.CanCheckpoint,
            Reservation = ReservationOf(state, request),
            EnergyIntensive = request.EnergyIntensive,
            Data = request.Data,
            Preemptions = state.Preempted.TryGetValue(request.Attempt.Simulation.Value, out var times) ? times.Length : 0,
        };
    }

    /// <summary>A lease as far as its shares are not free again.</summary>
    /// <param name="state">What the cluster holds.</param>
    /// <param name="lease">One of its leases.</param>
    /// <param name="checkpointedAt">When it last made a checkpoint, where that is known.</param>
    public static RunningLease Running(ClusterState state, ClusterLease lease, DateTimeOffset? checkpointedAt)
    {
        var request = lease.Request;
        return new()
        {
            Attempt = request.Attempt,
            Shares = [.. lease.Shares.Where(share => Occupies(lease, share) && state.Nodes.ContainsKey(share.Node.Value))],
            Resources = request.Resources,
            Priority = ClassOf(request, PriorityOf(state, request)),
            Owner = request.Owner,
            JobType = request.JobType,
            StartedAt = lease.GrantedAt,
            EndsBy = lease.GrantedAt + request.DurationEstimate,
            EndExpected = lease.GrantedAt + (request.DurationExpected ?? lease.DurationExpected),
            Deadline = DeadlineOf(state, request),
            Protected = request.Protected,
            CanCheckpoint = request.CanCheckpoint,
            CheckpointedAt = checkpointedAt,
            RestartCost = request.RestartCost,
            Grace = request.Grace,
            StopBy = lease.Order.StopBy,
            Preempted = state.Preempted.GetValueOrDefault(request.Attempt.Simulation.Value, []),
            Reservation = ReservationOf(state, request),
            StartedByPreemption = lease.StartedByPreemption,
            Ending = lease.State != LeaseState.Granted,
        };
    }

    /// <summary>What a plan must know of a node.</summary>
    public static SchedulableNode Schedulable(ClusterNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var has = node.Inventory.Capabilities;
        var gone = node.Inventory.Status != NodeStatus.Alive;
        return new()
        {
            Id = node.Inventory.Id,
            Cores = has.Cores,
            Memory = has.Memory,
            Gpus = [.. has.Gpus.Select(static gpu => new SchedulableGpu { Model = gpu.Model, Memory = gpu.Memory, ComputeCapability = gpu.ComputeCapability })],
            AllocationEnd = node.Inventory.AllocationEnd,
            Draining = node.Inventory.Drain != NodeVerb.Absent || node.IsWithheld,
            Reliability = node.Reliability.Score,
            // A node that was switched off is silent because it was told to be.
            NotSeen = gone && node.Power is null,
            User = node.Inventory.User,
            Storage = has.Storage,
            Network = has.Network,
            Features = has.Features,
            Topology = has.Topology,
            Kind = has.Kind,
            Holds = has.Holds,
            Power = has.Power,
            PowerState = ClusterPower.StateOf(node),
            ReadyAt = node.Power is { On: true } && gone ? node.PowerDoneAt : null,
            IdleSince = node.IdleSince,
        };
    }

    /// <summary>The setting that holds for a request: the narrowest one.</summary>
    internal static PrioritySetting? PriorityOf(ClusterState state, LeaseRequest request)
    {
        if (state.Priorities.IsEmpty)
        {
            return null;
        }

        return Of(ClusterFold.StageOf(request.Attempt)) ?? Of(request.Attempt.Simulation.Value) ?? (request.Campaign.Length > 0 && Of(request.Campaign) is { } ofCampaign && ofCampaign.IsFor(request.Owner) ? ofCampaign : null);

        PrioritySetting? Of(string target) => state.Priorities.TryGetValue(target, out var setting) && setting.IsOfPriority ? setting : null;
    }

    /// <summary>What its scenario promises, as it was last said.</summary>
    internal static double PromiseOf(ClusterState state, LeaseRequest request) =>
        state.Priorities.TryGetValue(request.Attempt.Simulation.Value, out var setting) && setting.Promise is { } promise ? promise : request.Promise;

    /// <summary>The reservation that the request waits for or runs inside of; "": none, also where the one that it names is over, is not there, or is another's: it does not wait for ever.</summary>
    internal static string ReservationOf(ClusterState state, LeaseRequest request) =>
        request.Reservation.Length > 0 && ReservationEntry.Binds(state.Reservations.GetValueOrDefault(request.Reservation), request.Owner) ? request.Reservation : "";

    /// <summary>The queue by class and submission.</summary>
    internal static ImmutableSortedSet<LeaseRequest> TurnsOf(ClusterState state) =>
        state.Turns ?? ImmutableSortedSet.CreateRange(ByTurn, state.Queue.Values.Select(static queued => queued.Request));

    /// <summary>The queue in the order in which it was submitted.</summary>
    internal static IEnumerable<QueuedRequest> Order(ClusterState state) => state.Queue.Values.Order(BySubmission);

    /// <summary>The queue in the order in which it is considered.</summary>
    internal static IEnumerable<QueuedRequest> Consider(ClusterState state) => TurnsOf(state).Select(request => state.Queue[request.Attempt.ToString()]);

    /// <summary>Whether the nodes of a placement still take the attempt, and have what it is given (invariant 3).</summary>
    internal static bool Fits(ClusterState state, LeaseRequest request, Placement placement, DateTimeOffset now)
    {
        var wanted = request.Resources;
        if (placement.Shares.Length != wanted.Nodes || placement.Shares.Select(static share => share.Node).Distinct().Count() != wanted.Nodes)
        {
            return false;
        }

        foreach (var share in placement.Shares)
        {
            if (!state.Nodes.TryGetValue(share.Node.Value, out var node) || node.IsWithheld || !Takes(node.Inventory, request) || !IsOpen(state, node, request, now) || !HasRoom(state, node, share))
            {
                return false;
            }
        }

        return HasLicences(state, wanted);
    }

    /// <summary>Whether a share of a lease is not free.</summary>
    internal static bool Occupies(ClusterLease lease, NodeShare share) => lease.Vacated.IsEmpty || !lease.Vacated.Contains(share.Node);

    private static readonly Comparer<QueuedRequest> BySubmission = Comparer<QueuedRequest>.Create(static (left, right) => CompareSubmission(left.Request, right.Request));

    /// <summary>Negative: the first is considered before the second.</summary>
    private static readonly Comparer<LeaseRequest> ByTurn = Comparer<LeaseRequest>.Create(static (left, right) =>
    {
        var byPriority = right.Priority.CompareTo(left.Priority);
        return byPriority != 0 ? byPriority : CompareSubmission(left, right);
    });

    private static int CompareSubmission(LeaseRequest l, LeaseRequest r)
    {
        var order = l.SubmittedAt.CompareTo(r.SubmittedAt);
        order = order != 0 ? order : l.Order.CompareTo(r.Order);
        order = order != 0 ? order : l.Attempt.Simulation.CompareTo(r.Attempt.Simulation);
        order = order != 0 ? order : string.CompareOrdinal(l.Attempt.Stage, r.Attempt.Stage);
        return order != 0 ? order : l.Attempt.Epoch.CompareTo(r.Attempt.Epoch);
    }

    /// <summary>
    /// A number that grows as <see cref="CompareSubmission"/> does, and that nobody else's coming or going changes: milliseconds, and in their last 23 bits the place of the stage
    /// (3 bits) and of the simulation in its campaign (20 bits). Who is equal in all of that goes by the attempt's name.
    /// </summary>
    private static long SubmissionOrder(LeaseRequest request)
    {
        const long SimulationsAtOnce = 1_000_000;
        var milliseconds = Math.Clamp((long)(request.SubmittedAt - Origin).TotalMilliseconds, 0, (1L << 40) - 1);
        var stage = Math.Clamp(request.Order / SimulationsAtOnce, 0, 7);
        var simulation = Math.Clamp(request.Order % SimulationsAtOnce, 0, (1L << 20) - 1);
        return (milliseconds << 23) | (stage << 20) | simulation;
    }

    private static PriorityClass ClassOf(LeaseRequest request, PrioritySetting? setting) => setting is { Class: not PriorityClass.Absent } set ? set.Class : request.Priority;

    private static DateTimeOffset? DeadlineOf(ClusterState state, LeaseRequest request) =>
        !state.Deadlines.IsEmpty && state.Deadlines.TryGetValue(request.Attempt.Simulation.Value, out var setting) ? setting.Deadline : request.Deadline;

    private static bool Takes(NodeInventory node, LeaseRequest request) =>
        node is { Status: NodeStatus.Alive, Drain: NodeVerb.Absent } && (node.User.Length == 0 || node.User == request.Owner.User) && !request.Avoid.Contains(node.Id)
        && HasFeatures(node.Capabilities.Features, request.Resources.Features);

    private static bool HasFeatures(ImmutableArray<string> has, ImmutableArray<string> wanted)
    {
        foreach (var feature in wanted)
        {
            if (!has.Contains(feature, StringComparer.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// No window has begun on the node, no reservation of others is in force there, and it has power. What begins later was weighed by the plan, which is not carried out once
    /// any of that has changed.
    /// </summary>
    private static bool IsOpen(ClusterState state, ClusterNode node, LeaseRequest request, DateTimeOffset now)
    {
        if (node.Power is { On: false })
        {
            return false;
        }

        var id = node.Inventory.Id;
        foreach (var window in state.Windows.Values)
        {
            if (!window.IsOver && window.Covers(id) && (window.Status != WindowStatus.Pending || window.Start <= now))
            {
                return false;
            }
        }

        foreach (var reservation in state.Reservations.Values)
        {
            if (reservation.State == ReservationState.Active && (reservation.Id != request.Reservation || !ReservationEntry.IsFor(reservation, request.Owner)) && reservation.Kind is ReservationKind.Exclusive or ReservationKind.Dynamic
                && reservation.Simulation != request.Attempt.Simulation.Value && reservation.Allocations.Any(share => share.Node == id))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasLicences(ClusterState state, ResourceRequest wanted)
    {
        foreach (var (licence, count) in wanted.Licences)
        {
            var taken = 0;
            foreach (var lease in state.Leases.Values)
            {
                taken += lease.IsVacated ? 0 : lease.Request.Resources.Licences.GetValueOrDefault(licence);
            }

            if (taken + count > state.Licences.GetValueOrDefault(licence))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasRoom(ClusterState state, ClusterNode node, NodeShare share)
    {
        var has = node.Inventory.Capabilities;
        var cores = share.Cores.ToHashSet();
        var gpus = share.Gpus.ToHashSet();
        if (cores.Count != share.Cores.Length || gpus.Count != share.Gpus.Length || cores.Any(core => core < 0 || core >= has.Cores) || gpus.Any(gpu => gpu < 0 || gpu >= has.Gpus.Length)
            || share.GpuThousandths is < 1 or > 1000 || (share.Exclusive && !node.Occupants.IsEmpty))
        {
            return false;
        }

        var (memory, storage, network) = (share.Memory, share.Storage, share.Network);
        var parts = gpus.ToDictionary(static gpu => gpu, _ => share.GpuThousandths);
        foreach (var occupant in node.Occupants)
        {
            var taken = ShareOf(state.Leases[occupant], node.Inventory.Id);
            memory += taken.Memory;
            storage += taken.Storage;
            network += taken.Network;
            if (taken.Exclusive || cores.Overlaps(taken.Cores) || !HasPart(parts, taken))
            {
                return false;
            }
        }

        return (memory <= has.Memory || share.Memory == 0) && (storage <= has.Storage || share.Storage == 0) && (network <= has.Network || share.Network == 0);
    }

    /// <summary>Adds what another one has of the same GPUs.</summary>
    private static bool HasPart(Dictionary<int, int> parts, NodeShare taken)
    {
        foreach (var gpu in taken.Gpus)
        {
            if (parts.TryGetValue(gpu, out var part) && (parts[gpu] = part + taken.GpuThousandths) > 1000)
            {
                return false;
            }
        }

        return true;
    }

    internal static NodeShare ShareOf(ClusterLease lease, NodeId node)
    {
        foreach (var share in lease.Shares)
        {
            if (share.Node == node)
            {
                return share;
            }
        }

        throw new UnreachableException($"{lease.Request.Attempt} has no share of {node}.");
    }
}
