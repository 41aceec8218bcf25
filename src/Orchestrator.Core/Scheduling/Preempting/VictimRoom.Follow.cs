using System.Runtime.InteropServices;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Follows what runs from search to search, and counts anew the nodes of which something changed.</summary>
internal sealed partial class VictimRoom
{
    private readonly List<VictimLease> leases = [];

    /// <summary>Of each place, what was told there, and in UTC ticks until when what is said of it holds: side by side, since all are looked at in each search.</summary>
    private RunningLease[] toldLeases = [];
    private long[] untils = [];

    /// <summary>Of each place, the hash of its simulation.</summary>
    private int[] simulations = [];

    /// <summary>Of each class, those against whom nothing is.</summary>
    private readonly int[] open = new int[(int)PriorityClass.Critical + 1];

    private readonly Dictionary<string, int> accounts = new(StringComparer.Ordinal);

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

    /// <summary>Of each account that ever ran anything, by its number, what is said of it; <see cref="long.MinValue"/>: nothing is.</summary>
    public long[] ByAccount(IReadOnlyDictionary<string, long> said)
    {
        var found = new long[accounts.Count];
        foreach (var (account, number) in accounts)
        {
            found[number] = said.TryGetValue(account, out var value) ? value : long.MinValue;
        }

        return found;
    }

    /// <summary>False: nothing of the simulation runs.</summary>
    public bool MayRun(SimulationId simulation) => simulations.AsSpan(0, leases.Count).Contains(simulation.GetHashCode());

    /// <summary>The lowest class of those against whom nothing is; absent: there are none.</summary>
    public PriorityClass Lowest()
    {
        for (var priority = PriorityClass.Background; priority <= PriorityClass.Critical; priority++)
        {
            if (open[(int)priority] > 0)
            {
                return priority;
            }
        }

        return PriorityClass.Absent;
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
        if (toldLeases.Length < running.Count)
        {
            Array.Resize(ref toldLeases, Spare.Length(toldLeases.Length, running.Count));
            Array.Resize(ref untils, toldLeases.Length);
            Array.Resize(ref simulations, toldLeases.Length);
        }

        leases.EnsureCapacity(running.Count);
        var next = 0;
        foreach (var lease in running)
        {
            if (next >= leases.Count || anew || untils[next] <= NowTicks || !ReferenceEquals(toldLeases[next], lease))
            {
                Look(next, lease, protection);
            }

            next++;
        }

        for (var at = next; at < leases.Count; at++)
        {
            Leave(leases[at]);
        }

        // What does not run any more must not be kept alive.
        Array.Clear(toldLeases, next, Math.Max(0, leases.Count - next));
        leases.RemoveRange(next, leases.Count - next);
    }

    private void Look(int place, RunningLease lease, ProtectionBudget protection)
    {
        if (place == leases.Count)
        {
            leases.Add(Enter(lease, protection));
        }
        else if (!ReferenceEquals(leases[place].Lease, lease))
        {
            Leave(leases[place]);
            leases[place] = Enter(lease, protection);
        }
        else
        {
            var known = leases[place];
            open[(int)known.Priority] -= known.Refusal == VictimRefusal.Absent ? 1 : 0;
            var isMoved = known.Review(protection, settings, now);
            open[(int)known.Priority] += known.Refusal == VictimRefusal.Absent ? 1 : 0;
            if (isMoved)
            {
                Change(known);
            }
        }

        toldLeases[place] = lease;
        simulations[place] = lease.Attempt.Simulation.GetHashCode();
        // Whether protection covers it hangs on what else runs: that is asked each time.
        untils[place] = lease.Protected ? 0 : leases[place].Until;
    }

    private VictimLease Enter(RunningLease lease, ProtectionBudget protection)
    {
        var account = ShareBook.KeyOf(lease.Owner);
        if (!accounts.TryGetValue(account, out var number))
        {
            accounts.Add(account, number = accounts.Count);
        }

        var entry = new VictimLease(this, lease, number);
        entry.Review(protection, settings, now);
        open[(int)entry.Priority] += entry.Refusal == VictimRefusal.Absent ? 1 : 0;
        for (var i = 0; i < lease.Shares.Length; i++)
        {
            entry.Slots[i] = slots.GetValueOrDefault(lease.Shares[i].Node, -1);
            if (entry.Slots[i] >= 0)
            {
                Nodes[entry.Slots[i]].Occupants.Add((entry, lease.Shares[i]));
            }
        }

        if (entry.HoldsLicences)
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

        if (entry.HoldsLicences)
        {
            licensed.Remove(entry);
        }

        open[(int)entry.Priority] -= entry.Refusal == VictimRefusal.Absent ? 1 : 0;

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
