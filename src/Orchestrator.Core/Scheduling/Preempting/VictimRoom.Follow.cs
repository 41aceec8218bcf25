using System.Runtime.InteropServices;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Follows what runs from search to search, and counts anew the nodes of which something changed.</summary>
internal sealed partial class VictimRoom
{
    private readonly List<VictimLease> leases = [];

    /// <summary>Those of them that hold licences.</summary>
    private readonly List<VictimLease> licensed = [];

    /// <summary>Those whose <see cref="VictimLease.Gone"/> the search changed.</summary>
    private readonly List<VictimLease> moved = [];

    /// <summary>Nodes of which the search took something, some more than once.</summary>
    private readonly List<int> taken = [];
    private readonly List<int> changed = [];
    private bool[] isChanged = [];

    /// <summary>Whoever counts as gone for this search alone counts again in the next.</summary>
    private void Note(VictimLease lease)
    {
        if (!lease.Moved)
        {
            lease.Moved = true;
            moved.Add(lease);
        }
    }

    private void Undo()
    {
        foreach (var lease in moved)
        {
            (lease.Gone, lease.Moved) = (lease.IsLeaving, false);
            Change(lease);
        }

        foreach (var slot in taken)
        {
            Change(slot);
        }

        moved.Clear();
        taken.Clear();
    }

    /// <summary>What is told in the same place as the last time is the same.</summary>
    private void Follow(IReadOnlyCollection<RunningLease> running, ProtectionBudget protection, bool anew)
    {
        var next = 0;
        foreach (var lease in running)
        {
            if (next == leases.Count)
            {
                leases.Add(Enter(lease, protection));
            }

            var known = leases[next];
            if (!ReferenceEquals(known.Lease, lease))
            {
                Leave(known);
                leases[next] = Enter(lease, protection);
            }
            else if ((anew || known.Until <= NowTicks || known.MayBeProtected && known.IsProtected != protection.Protects(lease)) && known.Review(protection, settings, now))
            {
                Change(known);
            }

            next++;
        }

        for (var at = next; at < leases.Count; at++)
        {
            Leave(leases[at]);
        }

        leases.RemoveRange(next, leases.Count - next);
    }

    private VictimLease Enter(RunningLease lease, ProtectionBudget protection)
    {
        var entry = new VictimLease(this, lease);
        entry.Review(protection, settings, now);
        for (var i = 0; i < lease.Shares.Length; i++)
        {
            entry.Slots[i] = slots.GetValueOrDefault(lease.Shares[i].Node, -1);
            if (entry.Slots[i] >= 0)
            {
                Nodes[entry.Slots[i]].Occupants.Add((entry, lease.Shares[i]));
            }
        }

        if (!lease.Resources.Licences.IsEmpty)
        {
            licensed.Add(entry);
        }

        Change(entry);
        return entry;
    }

    private void Leave(VictimLease entry)
    {
        foreach (var slot in entry.Slots)
        {
            if (slot < 0)
            {
                continue;
            }

            var occupants = Nodes[slot].Occupants;
            for (var at = occupants.Count - 1; at >= 0; at--)
            {
                if (ReferenceEquals(occupants[at].Lease, entry))
                {
                    occupants.RemoveAt(at);
                }
            }
        }

        if (!entry.Lease.Resources.Licences.IsEmpty)
        {
            licensed.Remove(entry);
        }

        Change(entry);
    }

    /// <summary>Who is asked by this plan already is on its way for this search.</summary>
    private void Ask(IReadOnlySet<AttemptId> asked)
    {
        if (asked.Count == 0)
        {
            return;
        }

        foreach (var lease in leases)
        {
            if (!lease.Gone && !lease.IsStuck && asked.Contains(lease.Lease.Attempt))
            {
                Note(lease);
                lease.Gone = true;
                Change(lease);
            }
        }
    }

    private void Change(VictimLease lease)
    {
        foreach (var slot in lease.Slots)
        {
            if (slot >= 0)
            {
                Change(slot);
            }
        }
    }

    private void Change(int slot)
    {
        if (!isChanged[slot])
        {
            isChanged[slot] = true;
            changed.Add(slot);
        }
    }

    private void Recount()
    {
        foreach (var slot in CollectionsMarshal.AsSpan(changed))
        {
            isChanged[slot] = false;
            Nodes[slot].Recount();
            Publish(slot);
        }

        changed.Clear();
    }

    /// <summary>For this search alone.</summary>
    private void Occupy(int slot, NodeShare share)
    {
        taken.Add(slot);
        Nodes[slot].Occupy(share);
        Publish(slot);
    }

    private void Publish(int slot) => FreeCores[slot] = IsOpen(Nodes[slot]) ? Nodes[slot].FreeCores : Closed;
}
