namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Whether room would be made in vain, since somebody whose turn is before would have it.</summary>
internal sealed partial class VictimSearch
{
    private readonly List<PendingRequest> suspects = [];

    /// <summary>Somebody whose turn is before, and who has no room yet, would take what they leave.</summary>
    private bool ServesOthers(List<VictimLease> chosen, IReadOnlyCollection<PendingRequest> ahead)
    {
        if (ahead.Count == 0)
        {
            return false;
        }

        // Whom no node and no licence that becomes free suits has room before if it has room then: most need not be asked about all nodes.
        suspects.Clear();
        var freesLicences = chosen.Exists(static lease => !lease.Lease.Resources.Licences.IsEmpty);
        RemoveAll(chosen);
        foreach (var other in ahead)
        {
            if (freesLicences && !other.Resources.Licences.IsEmpty || chosen.Exists(lease => FitsOn(lease, other)))
            {
                suspects.Add(other);
            }
        }

        RestoreAll(chosen);
        foreach (var other in suspects)
        {
            if (FitsNow(other))
            {
                continue;
            }

            RemoveAll(chosen);
            var serves = FitsNow(other);
            RestoreAll(chosen);
            if (serves)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One of the lease's nodes has room for it.</summary>
    private bool FitsOn(VictimLease lease, PendingRequest other)
    {
        var resources = other.Resources;
        foreach (var slot in lease.Slots)
        {
            if (slot >= 0 && room.FreeCores[slot] >= resources.CoresPerNode && room.Nodes[slot].Fits(resources) && NodeSuits.Has(room.Nodes[slot].Node, resources) && room.IsEligible(slot, other))
            {
                return true;
            }
        }

        return false;
    }

    private bool FitsNow(PendingRequest other)
    {
        if (!MayFit(other, room.FreeCores))
        {
            return false;
        }

        Open(other, room.FreeCores);
        return Enough();
    }

    private void RemoveAll(List<VictimLease> all)
    {
        foreach (var lease in all)
        {
            room.Remove(lease);
        }
    }

    private void RestoreAll(List<VictimLease> all)
    {
        foreach (var lease in all)
        {
            room.Restore(lease);
        }
    }
}
