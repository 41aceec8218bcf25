using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// What is told of the decisions of a cluster: who made way for whom and why, what became of windows, reservations and conflicts, and what people set. An event is decided with the
/// fact that it tells of and stored with it; it leaves the outbox once it is in the log, so that none is lost and none is told twice (invariants 9 and 10).
/// </summary>
internal static class ClusterEvents
{
    private const int NodesNamed = 5;

    /// <summary>What is told of a fact that is about to be stored; null: nothing. Its source is told when it is published.</summary>
    public static OrchestratorEvent? Of(ClusterState before, ClusterFact fact, DateTimeOffset now)
    {
        var told = fact switch
        {
            ClusterFact.Preempted preempted => Way(before, preempted.Preemption, EventKinds.AttemptPreempted),
            ClusterFact.Relocated relocated => Way(before, relocated.Preemption, EventKinds.AttemptRelocated),
            ClusterFact.WindowSet set => Of(before.Windows.GetValueOrDefault(set.Window.Id), set.Window),
            ClusterFact.ReservationSet set => Of(before.Reservations.GetValueOrDefault(set.Reservation.Id), set.Reservation),
            ClusterFact.ConflictSet set => Of(before, set.Conflict),
            ClusterFact.PrioritySet set => Of(before, set.Priority),
            ClusterFact.DeadlineSet { Deadline: var set } => new()
            {
                Kind = EventKinds.DeadlineChanged,
                Text = $"{set.Simulation}: {(set.Deadline is { } at ? $"deadline {Moment(at)}" : "no deadline any more")}{(before.Deadlines.GetValueOrDefault(set.Simulation.Value)?.Deadline is { } was ? $", before {Moment(was)}" : "")}{ByWhom(set.By)}",
                Simulation = set.Simulation,
                Campaign = Named(set.Campaign),
                Project = Named(set.Project) ?? ProjectOf(before, set.Simulation.Value),
                By = Named(set.By),
            },
            ClusterFact.PolicySet set => new() { Kind = EventKinds.PolicyChanged, Text = $"the scheduling policy {(set.Policy.Length == 0 ? "is the silo's own again" : "was changed")}{ByWhom(set.By)}", By = Named(set.By) },
            ClusterFact.LicencesSet set => new()
            {
                Kind = EventKinds.LicencesChanged,
                Text = $"licences: {string.Join("; ", LicenceChanges(before, set))}{ByWhom(set.By)}",
                By = Named(set.By),
            },
            ClusterFact.EnergySet set => new()
            {
                Kind = EventKinds.EnergyChanged,
                Text = set.Energy.Mode != before.Energy.Mode
                    ? $"energy mode: {Word(set.Energy.Mode == EnergyMode.Absent ? "none" : set.Energy.Mode.ToString())}, before {Word(before.Energy.Mode == EnergyMode.Absent ? "none" : before.Energy.Mode.ToString())}{ByWhom(set.By)}"
                    : $"prices of energy were changed{ByWhom(set.By)}",
                By = Named(set.By),
            },
            _ => (OrchestratorEvent?)null,
        };
        return told is null ? null : told with { Sequence = before.EventSequence + 1, At = now };
    }

    /// <summary>For whom, and why, in words: "maintenance window kernel", "s-b/run@1: its priority is higher".</summary>
    public static string ForWhom(Preemption preemption)
    {
        var whom = preemption.Trigger switch
        {
            PreemptionTrigger.Maintenance => $"maintenance window {preemption.For}",
            PreemptionTrigger.Reservation => $"reservation {preemption.For}",
            PreemptionTrigger.Admin => preemption.For.Length == 0 ? "an operator" : $"an operator ({preemption.For})",
            _ => preemption.For,
        };
        return preemption.Reason.Length == 0 ? whom : whom.Length == 0 ? preemption.Reason : $"{whom}: {preemption.Reason}";
    }

    private static OrchestratorEvent? Way(ClusterState before, Preemption preemption, string kind)
    {
        if (!before.Leases.TryGetValue(preemption.Victim.ToString(), out var lease))
        {
            return null;
        }

        var request = lease.Request;
        return new()
        {
            Kind = kind,
            Text = $"{request.Attempt.Stage} {(preemption.Relocation ? "is moved" : "makes way")} for {ForWhom(preemption)}; it is to be gone by {Moment(preemption.StopBy)}",
            Simulation = request.Attempt.Simulation,
            Campaign = request.Campaign.Length == 0 ? null : request.Campaign,
            Project = ProjectOf(request.Owner),
            Stage = request.Attempt.Stage,
            Epoch = request.Attempt.Epoch,
            Node = lease.Shares.IsEmpty ? null : lease.Shares[0].Node,
            User = request.Owner.User.Length == 0 ? null : request.Owner.User,
            By = preemption.Trigger == PreemptionTrigger.Admin ? Named(preemption.For) : null,
        };
    }

    private static OrchestratorEvent? Of(MaintenanceWindow? before, MaintenanceWindow window)
    {
        var (kind, what) = window.Status switch
        {
            _ when before is null => (EventKinds.WindowAdded, "was added"),
            _ when before.Status == window.Status => (EventKinds.WindowMoved, "was changed"),
            WindowStatus.Blocked => (EventKinds.WindowBlocked, "waits for its nodes to become empty"),
            WindowStatus.Active => (EventKinds.WindowStarted, "has begun"),
            WindowStatus.Completed => (EventKinds.WindowCompleted, "is over"),
            WindowStatus.Cancelled => (EventKinds.WindowCancelled, "was cancelled"),
            _ => (EventKinds.WindowMoved, "was changed"),
        };
        if (before is not null && before.Status == window.Status && before.Start == window.Start && before.End == window.End && before.Nodes.SequenceEqual(window.Nodes))
        {
            return null;
        }

        var nodes = window.Nodes.IsEmpty ? "all nodes"
            : window.Nodes.Length <= NodesNamed ? string.Join(", ", window.Nodes)
            : string.Create(CultureInfo.InvariantCulture, $"{window.Nodes.Length} nodes");
        return new()
        {
            Kind = kind,
            Text = $"maintenance window {window.Id} ({Word(window.Severity.ToString())}, {nodes}, {Moment(window.Start)} to {Moment(window.End)}) {what}"
                + (window.Status == WindowStatus.Cancelled && window.Reason.Length > 0 ? $": {window.Reason}" : before is null ? ByWhom(window.By) : ""),
            Status = Word(window.Status.ToString()),
            By = before is null ? Named(window.By) : null,
        };
    }

    private static OrchestratorEvent? Of(Reservation? before, Reservation reservation)
    {
        var (kind, what) = reservation.State switch
        {
            _ when before?.State == reservation.State && (before.Start != reservation.Start || before.End != reservation.End || before.Allocations != reservation.Allocations) =>
                (EventKinds.ReservationChanged, "was changed"),
            _ when before?.State == reservation.State => ("", ""),
            ReservationState.Confirmed => (EventKinds.ReservationConfirmed, "is confirmed"),
            ReservationState.Active => (EventKinds.ReservationStarted, "has begun"),
            ReservationState.Completed => (EventKinds.ReservationCompleted, "is over"),
            ReservationState.Cancelled => (EventKinds.ReservationCancelled, "was cancelled"),
            ReservationState.Preempted => (EventKinds.ReservationPreempted, "was taken away"),
            _ => ("", ""),
        };
        if (kind.Length == 0)
        {
            return null;
        }

        return new()
        {
            Kind = kind,
            Text = $"reservation {reservation.Id} ({Word(reservation.Kind.ToString())}, {Word(reservation.Priority.ToString())}, {Moment(reservation.Start)} to {Moment(reservation.End)}) {what}"
                + (reservation.IsOver && reservation.Reason.Length > 0 ? $": {reservation.Reason}" : ""),
            Status = Word(reservation.State.ToString()),
            Project = ProjectOf(reservation.Owner),
            User = reservation.Owner.User.Length == 0 ? null : reservation.Owner.User,
            Simulation = SimulationId.TryParse(reservation.Simulation, out var simulation) ? simulation : null,
            By = before is null ? Named(reservation.By) : null,
        };
    }

    private static OrchestratorEvent? Of(ClusterState before, ReservationConflict conflict)
    {
        var known = before.Conflicts.GetValueOrDefault(conflict.Id);
        if (known is not null && known.Resolved == conflict.Resolved)
        {
            return null;
        }

        return new()
        {
            Kind = conflict.Resolved ? EventKinds.ConflictResolved : EventKinds.ConflictFound,
            Text = $"conflict of reservation {conflict.Reservation}: {conflict.Details}{(conflict.Resolution.Length == 0 ? "" : $"; {conflict.Resolution}")}",
            Project = before.Reservations.TryGetValue(conflict.Reservation, out var reservation) ? ProjectOf(reservation.Owner) : null,
        };
    }

    private static OrchestratorEvent? Of(ClusterState before, PrioritySetting priority)
    {
        var known = before.Priorities.GetValueOrDefault(priority.Target);
        if ((priority.Value, priority.Class) == (known?.Value, known?.Class ?? PriorityClass.Absent))
        {
            // A promise: the steering of scenarios says of it what there is to say.
            return null;
        }

        var isStage = priority.Target.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && SimulationId.TryParse(priority.Target[..slash], out _);
        var simulation = isStage ? priority.Target[..priority.Target.IndexOf('/', StringComparison.Ordinal)] : priority.Target;
        var isSimulation = SimulationId.TryParse(simulation, out var id);
        return new()
        {
            Kind = EventKinds.PriorityChanged,
            Text = $"priority of {priority.Target}: {(priority.IsOfPriority ? Value(priority) : "computed again")}{(known is { IsOfPriority: true } ? $", before {Value(known)}" : "")}{ByWhom(priority.By)}",
            Simulation = isSimulation ? id : null,
            Stage = isStage ? priority.Target[(simulation.Length + 1)..] : null,
            Campaign = isSimulation ? Named(priority.Campaign) : priority.Target,
            Project = Named(priority.Project) ?? ProjectOf(before, simulation),
            By = Named(priority.By),
        };
    }

    private static string Value(PrioritySetting priority) => string.Create(
        CultureInfo.InvariantCulture, $"{priority.Value}{(priority.Value is null || priority.Class == PriorityClass.Absent ? "" : " ")}{(priority.Class == PriorityClass.Absent ? "" : Word(priority.Class.ToString()))}");

    /// <summary>Of which there is another number now, with what there was: of two who change them at once both are told.</summary>
    private static IEnumerable<string> LicenceChanges(ClusterState before, ClusterFact.LicencesSet set)
    {
        foreach (var name in before.Licences.Keys.Union(set.Licences.Keys).Order(StringComparer.Ordinal))
        {
            var (was, now) = (Count(before.Licences), Count(set.Licences));
            if (was != now)
            {
                yield return $"{name} {now}, before {was}";
            }

            string Count(ImmutableSortedDictionary<string, int> licences) => licences.TryGetValue(name, out var count) ? count.ToString(CultureInfo.InvariantCulture) : "none";
        }
    }

    /// <summary>Of what waits or runs of a simulation or campaign; null: nothing does.</summary>
    private static string? ProjectOf(ClusterState state, string target)
    {
        foreach (var queued in state.Queue.Values)
        {
            if (queued.Request.Attempt.Simulation.Value == target || queued.Request.Campaign == target)
            {
                return ProjectOf(queued.Request.Owner);
            }
        }

        foreach (var lease in state.Leases.Values)
        {
            if (lease.Request.Attempt.Simulation.Value == target || lease.Request.Campaign == target)
            {
                return ProjectOf(lease.Request.Owner);
            }
        }

        return null;
    }

    private static string? ProjectOf(Ownership owner) => owner.Institution.Length == 0 && owner.Project.Length == 0 ? null : $"{owner.Institution}/{owner.Project}";

    private static string ByWhom(string by) => by.Length == 0 ? "" : $", by {by}";

    private static string? Named(string by) => by.Length == 0 ? null : by;

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Word(string name) => string.Concat(name.Select(static (letter, at) => char.IsUpper(letter) ? (at == 0 ? "" : "-") + char.ToLowerInvariant(letter) : letter.ToString()));
}
