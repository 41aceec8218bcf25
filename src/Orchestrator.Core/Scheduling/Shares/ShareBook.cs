using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// Who holds how many cores of the nodes that are there, who is guaranteed how many, and what of that must be kept for whom. Nodes that are not seen do not count, nor what is
/// held of them; of draining ones counts what is held.
/// </summary>
internal sealed class ShareBook
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>Of nodes, in cores, the smallest first.</summary>
    private readonly int[] sizes;
    private readonly int mostCores;
    private readonly int nodeCount;

    private ShareBook(ISchedulingView view)
    {
        HashSet<NodeId>? unseen = null, draining = null;
        var sizeOf = SizesOf(view);
        var last = -1;
        var found = new SortedSet<int>();
        foreach (var node in view.Nodes)
        {
            nodeCount++;
            mostCores = Math.Max(mostCores, node.Cores);
            if (node.Cores != last)
            {
                found.Add(last = node.Cores);
            }

            if (node.NotSeen)
            {
                (unseen ??= []).Add(node.Id);
            }
            else if (node.Draining)
            {
                (draining ??= []).Add(node.Id);
            }
            else
            {
                Total += Math.Max(0, node.Cores);
            }
        }

        sizes = [.. found];
        var held = view is SchedulingWorkspace workspace ? workspace.Held : new();
        held.Count(view.Running, OnNodes(view, unseen, draining), HeldBy);
        foreach (var (account, cores) in held.Sums)
        {
            Of(account).Used += cores;
            Free -= cores;
        }

        Free += Total;

        long HeldBy(RunningLease lease)
        {
            long cores = 0;
            foreach (var share in lease.Shares)
            {
                if (unseen is not null && unseen.Contains(share.Node))
                {
                    continue;
                }

                long here = share.Exclusive ? sizeOf(share.Node) ?? share.Cores.Length : share.Cores.Length;
                cores += here;
                if (draining is not null && draining.Contains(share.Node))
                {
                    Total += here;
                }
            }

            return cores;
        }
    }

    private ShareBook(ShareBook from)
    {
        (Total, Free, sizes, mostCores, nodeCount) = (from.Total, from.Free, from.sizes, from.mostCores, from.nodeCount);
        foreach (var (account, entry) in from.entries)
        {
            entries.Add(account, entry.Copy());
        }
    }

    /// <summary>Cores that there are.</summary>
    public long Total { get; private set; }

    /// <summary>Cores that nobody holds.</summary>
    public long Free { get; private set; }

    public IEnumerable<Entry> Entries => entries.Values;

    public static string KeyOf(Ownership owner) => owner.Account.Value ?? "";

    /// <summary>Whether anything is to be held at all.</summary>
    public static bool IsNeeded(SchedulingContext context)
    {
        foreach (var (_, standing) in context.Accounts)
        {
            if (standing.Guaranteed > 0 || standing.Maximum < 1)
            {
                return true;
            }
        }

        return false;
    }

    public static ShareBook Read(ISchedulingView view)
    {
        var book = new ShareBook(view);
        var settings = view.Settings.Shares;
        var sum = 0.0;
        foreach (var (_, standing) in view.Context.Accounts)
        {
            sum += Math.Clamp(standing.Guaranteed, 0, 1);
        }

        foreach (var (account, standing) in view.Context.Accounts)
        {
            var entry = book.Of(account);
            entry.Guaranteed = ClusterPartition.Part(book.Total, Math.Clamp(standing.Guaranteed, 0, 1) / Math.Max(1, sum));
            entry.Maximum = ClusterPartition.Part(book.Total, standing.Maximum);
            entry.Lends = settings.Borrowing ? ClusterPartition.Part(entry.Guaranteed, standing.LendLimit) : 0;
            entry.MayBorrow = settings.Borrowing && standing.MayBorrow;
            entry.Demand = entry.Used;
        }

        foreach (var request in view.Pending)
        {
            if (book.entries.TryGetValue(KeyOf(request.Owner), out var entry) && entry.Guaranteed > 0 && book.CanEverFit(request.Resources))
            {
                entry.Demand += book.CoresOf(request.Resources);
            }
        }

        return book;
    }

    /// <summary>One to count on, so that this one stays as it was read.</summary>
    public ShareBook Copy() => new(this);

    public Entry Of(string account)
    {
        if (!entries.TryGetValue(account, out var entry))
        {
            entries.Add(account, entry = new(account));
        }

        return entry;
    }

    /// <summary>
    /// Cores that a request takes. One that wants its nodes alone takes all of them; which, is not known before it is placed: it is counted with the smallest nodes that have what
    /// it asks for, and once it is placed with those that it got.
    /// </summary>
    public long CoresOf(ResourceRequest resources)
    {
        var perNode = (long)resources.RanksPerNode * resources.Threads;
        if (resources.Exclusive)
        {
            foreach (var size in sizes)
            {
                if (size >= perNode)
                {
                    perNode = size;
                    break;
                }
            }
        }

        return Math.Max(0, resources.Nodes * perNode);
    }

    public void Take(Entry entry, long cores)
    {
        entry.Used += cores;
        Free -= cores;
    }

    /// <summary>Says how many cores a node has; null: it is not known.</summary>
    public static Func<NodeId, int?> SizesOf(ISchedulingView view)
    {
        if (view is SchedulingWorkspace workspace)
        {
            return node => workspace.NodeOf(node)?.Cores;
        }

        Dictionary<NodeId, int>? cores = null;
        return node =>
        {
            cores ??= view.Nodes.ToDictionary(static one => one.Id, static one => one.Cores);
            return cores.TryGetValue(node, out var count) ? count : null;
        };
    }

    /// <summary>Leases on nodes of which not all counts.</summary>
    private static IEnumerable<RunningLease> OnNodes(ISchedulingView view, HashSet<NodeId>? unseen, HashSet<NodeId>? draining) =>
        unseen is null && draining is null ? []
        : view is SchedulingWorkspace workspace ? workspace.RunningOn((unseen ?? []).Concat(draining ?? []))
        : view.Running;

    /// <summary>There are so many nodes, and one with so many cores.</summary>
    public bool CanEverFit(ResourceRequest resources) => resources.Nodes <= nodeCount && (long)resources.RanksPerNode * resources.Threads <= mostCores;

    /// <summary>One account; an account that is not listed is guaranteed nothing and limited by nothing.</summary>
    internal sealed class Entry(string account)
    {
        public string Account => account;

        public Entry Copy() => (Entry)MemberwiseClone();

        /// <summary>Cores.</summary>
        public long Guaranteed { get; set; }

        public long Maximum { get; set; } = long.MaxValue;

        /// <summary>Of its guarantee, at most.</summary>
        public long Lends { get; set; }

        public bool MayBorrow { get; set; } = true;

        public long Used { get; set; }

        /// <summary>What it holds and waits for.</summary>
        public long Demand { get; set; }

        /// <summary>What is to stay free for it while others may borrow: all that it waits for within its guarantee, and at least what it never lends.</summary>
        public long Kept => Math.Max(0, Math.Max(Math.Min(Demand, Guaranteed), Guaranteed - Lends) - Used);

        /// <summary>What is to stay free for it when nothing is lent.</summary>
        public long KeptWhole => Math.Max(0, Guaranteed - Used);

        /// <summary>What the last of its work was told that its share keeps back.</summary>
        public WaitReason? Wait { get; set; }

        /// <summary>What it holds beyond its guarantee.</summary>
        public long Excess => Math.Max(0, Used - Guaranteed);
    }
}
