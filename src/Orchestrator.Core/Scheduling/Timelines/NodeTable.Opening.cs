namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>Begins and ends plans. What stayed since the last one is not looked at again.</summary>
internal sealed partial class NodeTable
{
    /// <summary>Those of which something differs since the last plan; and those without power, of which something differs with time.</summary>
    private readonly List<NodeCalendar> stale = [];
    private readonly List<NodeCalendar> switched = [];

    /// <summary>Those of which the plan took something.</summary>
    private readonly List<NodeCalendar> touched = [];

    /// <summary>Begins a plan at a moment.</summary>
    public void Open(TableMoment at)
    {
        var all = nodesChanged || contextChanged || at.Now < moment.Now;
        moment = at;
        plan++;
        changes++;
        OpenLeases();
        if (contextChanged)
        {
            ReadContext();
        }

        if (nodesChanged || contextChanged)
        {
            LayOut();
        }

        (nodesChanged, contextChanged) = (false, false);
        if (all)
        {
            OpenAll();
        }
        else
        {
            OpenStale();
        }

        foreach (var calendar in stale)
        {
            calendar.IsStale = false;
        }

        stale.Clear();
        OpenLicences();
    }

    /// <summary>All nodes: they have new places, or it is earlier than it was.</summary>
    private void OpenAll()
    {
        foreach (var kind in kindList)
        {
            foreach (var cell in kind.Cells)
            {
                cell.Forget();
            }
        }

        switched.Clear();
        foreach (var calendar in slots)
        {
            calendar.Counted = NodeStanding.Absent;
            OpenOne(calendar);
            if (calendar.IsSwitched)
            {
                switched.Add(calendar);
            }
        }
    }

    /// <summary>Those of which something differs since the last plan, and those whose power comes with time.</summary>
    private void OpenStale()
    {
        switched.RemoveAll(static calendar => calendar.IsStale || !calendar.IsSwitched);
        foreach (var calendar in stale)
        {
            if (calendar.IsSwitched)
            {
                switched.Add(calendar);
            }
            else
            {
                OpenOne(calendar);
            }
        }

        foreach (var calendar in switched)
        {
            OpenOne(calendar);
        }
    }

    private void OpenOne(NodeCalendar calendar)
    {
        calendar.Open(moment.Now);
        calendar.Cell!.Count(calendar, moment.Now);
        Publish(calendar);
    }

    /// <summary>Ends the plan: all that it took is free again.</summary>
    public void Close()
    {
        foreach (var calendar in touched)
        {
            calendar.Touched = false;
            calendar.Close();
        }

        touched.Clear();
    }

    private void OpenLeases()
    {
        foreach (var lease in leaving)
        {
            var before = lease.Until;
            if (!lease.Open(moment.Now, StuckAfter))
            {
                continue;
            }

            CountMoved(lease, before);
            foreach (var share in lease.Lease.Shares)
            {
                if (byId.TryGetValue(share.Node, out var calendar))
                {
                    calendar.Refresh();
                }
            }
        }
    }

    private void Publish(NodeCalendar calendar)
    {
        var slot = calendar.Slot;
        freeCores[slot] = calendar.Closed || calendar.Alone || calendar.PoweredFrom > moment.Now ? -1 : calendar.FreeCores;
        wholeCores[slot] = calendar.Used ? -1 : freeCores[slot];
        freeMemory[slot] = calendar.FreeMemory;
        wholeGpus[slot] = calendar.WholeGpus;
        (laterFrom[slot], aloneFrom[slot]) = (calendar.LaterFrom, calendar.AloneFrom);
    }

    private void Touch(NodeCalendar calendar)
    {
        if (!calendar.Touched)
        {
            calendar.Touched = true;
            touched.Add(calendar);
        }
    }
}
