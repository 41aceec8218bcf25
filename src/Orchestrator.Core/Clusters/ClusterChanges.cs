using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>What a plan must look at again, gathered from facts as they are stored: so a plan costs what changed, not what there is. Not safe for several threads.</summary>
public sealed class ClusterChanges
{
    /// <summary>Attempts that came, went, or of which something else is known.</summary>
    public HashSet<AttemptId> Attempts { get; } = [];

    public HashSet<NodeId> Nodes { get; } = [];

    /// <summary>Simulations and campaigns of which all attempts are looked at again.</summary>
    public HashSet<string> Targets { get; } = new(StringComparer.Ordinal);

    /// <summary>Reservations that came, ended or changed: what names them is looked at again.</summary>
    public HashSet<string> Reservations { get; } = new(StringComparer.Ordinal);

    /// <summary>Users of whose work something was learned: what waits of theirs is looked at again.</summary>
    public HashSet<string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>What was arranged or learned changed.</summary>
    public bool Context { get; set; }

    /// <summary>The settings changed: nothing that was worked out holds any more.</summary>
    public bool Settings { get; set; }

    /// <param name="fact">As it was stored.</param>
    /// <param name="counts">Starts and ends change what is left of hard budgets, or what scenarios got for their shares.</param>
    public void Note(ClusterFact fact, bool counts = true)
    {
        Context |= counts && fact is ClusterFact.Granted or ClusterFact.Lost or ClusterFact.Released;
        switch (fact)
        {
            case ClusterFact.Requested requested:
                Attempts.Add(requested.Request.Attempt);
                // How much work there is of which size.
                Context = true;
                break;
            case ClusterFact.Withdrawn withdrawn:
                Attempts.Add(withdrawn.Attempt);
                break;
            case ClusterFact.Granted granted:
                Attempts.Add(granted.Attempt);
                Nodes.UnionWith(granted.Shares.Select(static share => share.Node));
                break;
            case ClusterFact.Ordered ordered:
                Attempts.Add(ordered.Order.Attempt);
                break;
            case ClusterFact.Lost lost:
                Attempts.Add(lost.Attempt);
                break;
            case ClusterFact.Released released:
                Attempts.Add(released.Attempt);
                break;
            case ClusterFact.Vacated vacated:
                Attempts.Add(vacated.Attempt);
                Nodes.Add(vacated.Node);
                break;
            case ClusterFact.NodeChanged changed:
                Nodes.Add(changed.Inventory.Id);
                break;
            case ClusterFact.NodeForgotten forgotten:
                Nodes.Add(forgotten.Node);
                break;
            case ClusterFact.PowerOrdered ordered:
                Nodes.Add(ordered.Order.Node);
                break;
            case ClusterFact.Preempted preempted:
                Targets.Add(preempted.Preemption.Victim.Simulation.Value);
                break;
            case ClusterFact.Relocated relocated:
                Targets.Add(relocated.Preemption.Victim.Simulation.Value);
                break;
            case ClusterFact.PrioritySet set:
                Targets.Add(set.Priority.Target);
                Context |= set.Priority.Share is not null;
                break;
            case ClusterFact.DeadlineSet set:
                Targets.Add(set.Deadline.Simulation.Value);
                break;
            case ClusterFact.SettingsForgotten forgotten:
                Targets.UnionWith(forgotten.Targets);
                Targets.UnionWith(forgotten.Deadlines);
                Targets.UnionWith(forgotten.Preemptions);
                break;
            case ClusterFact.WorkLearned learned:
                Users.Add(learned.User);
                Users.UnionWith(learned.ForgottenUsers);
                Context = true;
                break;
            case ClusterFact.PolicySet:
                Settings = true;
                break;
            case ClusterFact.ReservationSet set:
                // Those that are kept for protected simulations come and go with their stages, and nobody names them.
                if (set.Reservation.Simulation.Length == 0)
                {
                    Reservations.Add(set.Reservation.Id);
                }

                Context = true;
                break;
            case ClusterFact.WindowSet or ClusterFact.WindowForgotten or ClusterFact.ReservationForgotten or ClusterFact.LicencesSet or ClusterFact.EnergySet
                or ClusterFact.SpeedsLearned or ClusterFact.HookSaid or ClusterFact.EscrowAnswered or ClusterFact.EscrowSent:
                Context = true;
                break;
            default:
                break;
        }
    }
}
