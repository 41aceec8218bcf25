using System.Runtime.InteropServices;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>How many cores each account holds by what runs. What of a lease does not change is looked at once, as long as the lease is listed in the same place.</summary>
internal sealed class HeldCores
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<string> names = [];
    private readonly List<long> sums = [];
    private Held[] known = [];
    private int count;

    /// <summary>Of each account that holds, or held, anything.</summary>
    public IEnumerable<(string Account, long Cores)> Sums => names.Zip(sums);

    /// <summary>Counts all anew.</summary>
    /// <param name="running">All that runs.</param>
    /// <param name="others">Those of them that may hold something else than the cores of their shares, beside those that have whole nodes.</param>
    /// <param name="coresOf">Says of a lease that has whole nodes, or is one of the others, what it holds; asked once for each.</param>
    public void Count(IReadOnlyCollection<RunningLease> running, IEnumerable<RunningLease> others, Func<RunningLease, long> coresOf)
    {
        if (known.Length < running.Count)
        {
            Array.Resize(ref known, Spare.Length(known.Length, running.Count));
        }

        var held = CollectionsMarshal.AsSpan(sums);
        held.Clear();
        var at = 0;
        foreach (var lease in running)
        {
            ref var entry = ref known[at++];
            if (!ReferenceEquals(entry.Lease, lease))
            {
                entry = Of(lease);
                held = CollectionsMarshal.AsSpan(sums);
            }

            held[entry.Account] += entry.IsWhole ? coresOf(lease) : entry.Cores;
        }

        // What does not run any more must not be kept alive.
        Array.Clear(known, at, Math.Max(0, count - at));
        count = at;
        foreach (var lease in others)
        {
            var entry = Of(lease);
            if (!entry.IsWhole)
            {
                sums[entry.Account] += coresOf(lease) - entry.Cores;
            }
        }
    }

    private Held Of(RunningLease lease)
    {
        var account = ShareBook.KeyOf(lease.Owner);
        if (!numbers.TryGetValue(account, out var number))
        {
            numbers.Add(account, number = names.Count);
            names.Add(account);
            sums.Add(0);
        }

        long cores = 0;
        var isWhole = false;
        foreach (var share in lease.Shares)
        {
            cores += share.Cores.Length;
            isWhole |= share.Exclusive;
        }

        return new(lease, number, cores, isWhole);
    }

    private readonly record struct Held(RunningLease Lease, int Account, long Cores, bool IsWhole);
}
