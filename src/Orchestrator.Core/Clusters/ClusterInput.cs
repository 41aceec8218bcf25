using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>What happens to a cluster.</summary>
public abstract record ClusterInput
{
    private ClusterInput()
    {
    }

    /// <summary>A simulation wants nodes for an attempt.</summary>
    public sealed record Requested(LeaseRequest Request) : ClusterInput;

    /// <summary>A simulation wants them no more.</summary>
    /// <param name="Attempt">Whose nodes.</param>
    /// <param name="Ending">How it ended; null: nothing is to be learned from it.</param>
    public sealed record Released(AttemptId Attempt, LeaseEnding? Ending = null) : ClusterInput;

    /// <summary>A simulation asks something of a granted attempt.</summary>
    public sealed record Ordered(LeaseOrder Order) : ClusterInput;

    /// <summary>A node was pulled.</summary>
    public sealed record Observed(NodeObservation Node) : ClusterInput;

    /// <summary>All nodes were pulled at once, so that it can be told whether one is lost or all are out of sight.</summary>
    /// <param name="Nodes">What was seen.</param>
    /// <param name="WatchedSince">Since when there is somebody who looks: time in which the silo was down does not count for how long losses were held back.</param>
    public sealed record Surveyed(ImmutableArray<NodeObservation> Nodes, DateTimeOffset WatchedSince = default) : ClusterInput;

    /// <summary>A plan was made on the state of a version.</summary>
    public sealed record Planned(SchedulingPlan Plan, long Version) : ClusterInput;

    /// <summary>Time passed: forget what is long over.</summary>
    public sealed record Tidied : ClusterInput;

    /// <summary>Time passed: windows and reservations begin and end.</summary>
    public sealed record Passed : ClusterInput;

    /// <summary>Somebody arranges maintenance windows: all of them, or none.</summary>
    public sealed record WindowsAdded(ImmutableArray<MaintenanceWindow> Windows) : ClusterInput;

    public sealed record WindowCancelled(string Window, string Reason, string By) : ClusterInput;

    /// <summary>Its work is done before its end.</summary>
    public sealed record WindowCompleted(string Window, string By) : ClusterInput;

    /// <summary>Somebody wants a reservation.</summary>
    public sealed record ReservationRequested(Reservation Reservation) : ClusterInput;

    public sealed record ReservationCancelled(string Reservation, string Reason, string By) : ClusterInput;

    /// <summary>What a reservation in force was made for is done before its end.</summary>
    public sealed record ReservationCompleted(string Reservation, string By) : ClusterInput;

    /// <summary>An operator decides a conflict that was left to him: the newer reservation gets the nodes, or not.</summary>
    public sealed record ConflictDecided(string Conflict, bool Newer, string By) : ClusterInput;

    /// <summary>Somebody sets a priority, or takes it back.</summary>
    public sealed record PrioritySet(PrioritySetting Priority) : ClusterInput;

    public sealed record DeadlineSet(DeadlineSetting Deadline) : ClusterInput;

    /// <summary>Plans are to be made by other settings; "": those that the silo was started with.</summary>
    public sealed record PolicySet(string Policy, string By) : ClusterInput;

    public sealed record LicencesSet(ImmutableSortedDictionary<string, int> Licences, string By) : ClusterInput;

    /// <summary>There are so many of some licences; -1: one is there no more. Of the others there are as many as before, whoever said so.</summary>
    public sealed record LicencesChanged(ImmutableSortedDictionary<string, int> Licences, string By) : ClusterInput;

    public sealed record EnergySet(EnergyOutlook Energy, string By) : ClusterInput;

    /// <summary>It was observed how fast a kind of work ran on a kind of node.</summary>
    public sealed record SpeedsLearned(LearnedSpeeds Speeds) : ClusterInput;

    public sealed record HookSaid(HookVerdicts Verdicts) : ClusterInput;

    /// <summary>An account answered.</summary>
    public sealed record EscrowAnswered(AccountId Account, EscrowReply Reply) : ClusterInput;

    /// <summary>An account is another than was known: it is asked anew.</summary>
    public sealed record AccountChanged(AccountId Account) : ClusterInput;

    /// <summary>Events up to this one are in the log.</summary>
    public sealed record Published(long Sequence) : ClusterInput;

    /// <summary>An operator has running work make way.</summary>
    public sealed record PreemptionOrdered(Preemption Preemption) : ClusterInput;
}
