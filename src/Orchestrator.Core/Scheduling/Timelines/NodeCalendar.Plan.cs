namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeCalendar
{
    /// <summary>Begins a plan, or finds it as it is at another moment.</summary>
    public void Open(long now)
    {
        if (IsStale)
        {
            Recount();
        }

        var power = Node.Power;
        PoweredFrom = Node.PowerState switch
        {
            PowerState.Off => now + Math.Max(1, power?.SwitchOnTime.Ticks ?? 1),
            PowerState.SwitchingOff => now + Math.Max(1, (power?.SwitchOffTime.Ticks ?? 0) + (power?.SwitchOnTime.Ticks ?? 0)),
            // One that is not heard of when it should be ready takes as long again.
            PowerState.SwitchingOn => Node.ReadyAt is { } ready && ready.UtcTicks > now ? ready.UtcTicks : now + Math.Max(1, power?.SwitchOnTime.Ticks ?? 1),
            _ => now,
        };
    }

    /// <summary>Whether <see cref="Open"/> has to look at it for each plan: it has no power, and gets some with time.</summary>
    public bool IsSwitched => Node.PowerState is PowerState.Off or PowerState.SwitchingOff or PowerState.SwitchingOn;

    /// <summary>How its cell counts it at a moment, once it was opened for that.</summary>
    public NodeStanding Standing(long now) => Node.Draining ? NodeStanding.Draining
        : Node.NotSeen ? NodeStanding.NotSeen
        : PoweredFrom > now ? NodeStanding.Unpowered
        : (Alone ? NodeStanding.Alone : NodeStanding.Absent) | (Used ? NodeStanding.Used : NodeStanding.Absent);

    /// <summary>Takes off all that the plan took.</summary>
    public void Close()
    {
        var kept = 0;
        for (var at = 0; at < laterCount; at++)
        {
            if (!later[at].Planned)
            {
                later[kept++] = later[at];
            }
        }

        laterCount = kept;
        Refresh();
    }

    /// <summary>The plan keeps this from a later moment on.</summary>
    public void KeepLater(in Occupant place)
    {
        Grow(ref later, laterCount + 1);
        var at = laterCount++;
        while (at > 0 && later[at - 1].From > place.From)
        {
            later[at] = later[at - 1];
            at--;
        }

        later[at] = place;
    }

    /// <summary>The plan starts this now, on the lowest free numbers; those that reservations name come last.</summary>
    public NodeShare Start(Shape shape, ulong suits, long now, long until, int turn)
    {
        var wanted = shape.Wanted;
        var share = new NodeShare
        {
            Node = Node.Id,
            Cores = ChooseCores(shape.Cores),
            Memory = wanted.MemoryPerNode,
            Gpus = ChooseGpus(suits, wanted.GpusPerNode, wanted.GpuThousandths),
            Exclusive = wanted.Exclusive,
            GpuThousandths = wanted.GpuThousandths,
            Storage = wanted.StoragePerNode,
            Network = wanted.NetworkPerNode,
        };
        Insert(new Occupant
        {
            From = now,
            Until = until,
            Cores = MarkCores(share.Cores),
            Memory = share.Memory,
            Storage = share.Storage,
            Network = share.Network,
            Gpus = Mask(share.Gpus),
            GpuThousandths = share.GpuThousandths,
            Exclusive = share.Exclusive,
            Reservation = shape.Inside,
            Planned = true,
            Turn = turn,
        });
        return share;
    }
}
