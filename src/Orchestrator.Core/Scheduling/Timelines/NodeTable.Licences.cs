namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Licences over time are a pool of equal things, as processors are; one that is wanted and not listed does not exist.</summary>
    private void OpenLicences()
    {
        var isOutdated = licences.Count != context.Licences.Count;
        foreach (var (name, count) in context.Licences)
        {
            isOutdated |= !licences.TryGetValue(name, out var pool) || pool.Processors != Math.Max(0, count);
        }

        if (isOutdated)
        {
            licences.Clear();
            foreach (var (name, count) in context.Licences)
            {
                licences.Add(name, new(Math.Max(0, count)));
            }

            foreach (var lease in entryList)
            {
                Count(lease, +1);
            }
        }

        foreach (var pool in licences.Values)
        {
            pool.Open(moment.Now);
        }
    }

    private void Count(LeaseEntry lease, int sign)
    {
        if (lease.Lease.Resources.Licences.IsEmpty)
        {
            return;
        }

        foreach (var (name, wanted) in lease.Lease.Resources.Licences)
        {
            if (!licences.TryGetValue(name, out var pool))
            {
                continue;
            }

            if (sign > 0)
            {
                pool.Add(lease.Until, wanted);
            }
            else
            {
                pool.Remove(lease.Until, wanted);
            }
        }
    }

    /// <summary>The end of a lease is seen otherwise now.</summary>
    private void CountMoved(LeaseEntry lease, long before)
    {
        foreach (var (name, wanted) in lease.Lease.Resources.Licences)
        {
            if (licences.TryGetValue(name, out var pool))
            {
                pool.Remove(before, wanted);
                pool.Add(lease.Until, wanted);
            }
        }
    }

    /// <summary>The first moment from one on at which all licences are there for so long.</summary>
    private long Licensed(Shape shape, long estimate, long from)
    {
        for (var settled = shape.Licences.IsEmpty; !settled;)
        {
            settled = true;
            foreach (var (name, wanted) in shape.Licences)
            {
                var at = licences.TryGetValue(name, out var pool) ? pool.Earliest(wanted, estimate, from) : long.MaxValue;
                settled &= at == from;
                from = at;
                if (at == long.MaxValue)
                {
                    return at;
                }
            }
        }

        return from;
    }

    private void TakeLicences(Shape shape, long from, long until)
    {
        foreach (var (name, wanted) in shape.Licences)
        {
            licences[name].Take(from, until, wanted);
        }
    }
}
