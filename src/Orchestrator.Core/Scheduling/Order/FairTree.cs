using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// Deals turns to institutions, their accounts and those accounts' users. As in Fair Tree (Slurm's documentation, "Fair Tree Fairshare Algorithm"; R. Cox and L. Morrison)
/// siblings are compared with one another alone, by what they used for their shares, from the root down: whoever belongs to a better served branch comes after everybody of
/// a worse served one. Unlike there, a turn counts as used at once with all that it is going to use, so that one plan that fills an empty machine shares it too, and
/// not only the plans of the days after.
/// Usage is what accounts counted, decayed to now; what running work used so far and has yet to use, and what a turn will use, are discounted by the same half-life: half of
/// it counts at that distance from now. Siblings with the same usage for their shares: more shares first, then the name.
/// </summary>
internal sealed class FairTree
{
    private static readonly long UnknownTicks = TimeSpan.FromDays(1).Ticks;

    private readonly FairNode root = new("", 1);
    private readonly Dictionary<string, (string Institution, FairNode Account, AccountStanding? Standing)> accounts = new(StringComparer.Ordinal);
    private readonly SchedulingContext context;
    private readonly long now;

    /// <summary>What one core costs that is held for ever, in milliseconds.</summary>
    private readonly double wholeMilliseconds;
    private readonly double decayPerTick;

    public FairTree(ISchedulingView view, DateTimeOffset now)
    {
        context = view.Context;
        this.now = now.UtcTicks;
        var halfLife = view.Settings.Order.UsageHalfLife;
        decayPerTick = Math.Log(2) / halfLife.Ticks;
        wholeMilliseconds = halfLife.TotalMilliseconds / Math.Log(2);
        foreach (var (account, standing) in context.Accounts)
        {
            AddUsage(account, standing);
        }

        foreach (var lease in view.Running)
        {
            AddRunning(lease);
        }

        Sum(root);
    }

    /// <summary>Tells everybody below the root how well they were served, before turns are dealt and after every user who waits was asked for.</summary>
    public void Judge() => Judge(root, 0, 1, 0);

    /// <summary>The user's place in the tree. Work of no project is shared out among nobody: all of it has one place.</summary>
    public FairNode User(Ownership owner) => (owner.Account.Value ?? owner.Project) is { Length: > 0 } account ? User(owner.Institution, account, owner.User) : User("", "", "");

    /// <summary>What a request will use, in discounted core-milliseconds.</summary>
    public double Cost(PendingRequest request) => Discounted(Cores(request.Resources), Length(request));

    /// <summary>Deals a turn to every request that is strung to a user (<see cref="FairNode.Next"/>, then <paramref name="next"/>), giving its number from 0.</summary>
    public void Deal(int[] next, double[] costs, int[] turns)
    {
        foreach (var institution in root.Children.Values)
        {
            foreach (var account in institution.Children.Values)
            {
                foreach (var user in account.Children.Values)
                {
                    if (user.Next >= 0)
                    {
                        account.Add(user);
                    }
                }

                if (!account.IsEmpty)
                {
                    institution.Add(account);
                }
            }

            if (!institution.IsEmpty)
            {
                root.Add(institution);
            }
        }

        for (var turn = 0; !root.IsEmpty; turn++)
        {
            var institution = root.Due;
            var account = institution.Due;
            var user = account.Due;
            var request = user.Next;
            turns[request] = turn;
            user.Next = next[request];
            user.Used += costs[request];
            account.Used += costs[request];
            institution.Used += costs[request];
            account.Reorder(remove: user.Next < 0);
            institution.Reorder(remove: account.IsEmpty);
            root.Reorder(remove: institution.IsEmpty);
        }
    }

    /// <summary>How long it is expected to run, in ticks; a day when nothing is known.</summary>
    public static long Length(PendingRequest request) => (request.DurationExpected ?? request.DurationEstimate)?.Ticks ?? UnknownTicks;

    public static long Cores(ResourceRequest wanted) => (long)wanted.Nodes * wanted.RanksPerNode * wanted.Threads;

    private static void Sum(FairNode node)
    {
        if (node.Children.Count > 0)
        {
            // By name, so that the same sum comes out whoever was added first.
            foreach (var child in node.Children.OrderBy(static child => child.Key, StringComparer.Ordinal))
            {
                Sum(child.Value);
                node.Used += child.Value.Used;
            }
        }
        else
        {
            node.Used += node.Running;
        }
    }

    /// <summary>
    /// At each level where there is a choice, 1 / (1 + its part of the usage by its part of the shares): 1 without usage, one half at par; each level counts half as much as the one above it.
    /// </summary>
    private static void Judge(FairNode parent, double want, double weight, double weights)
    {
        var (usage, shares) = (0.0, 0.0);
        var chosen = parent.Children.Count > 1;
        if (chosen)
        {
            foreach (var child in parent.Children.OrderBy(static child => child.Key, StringComparer.Ordinal))
            {
                usage += child.Value.Used;
                shares += child.Value.SharesOf;
            }
        }

        foreach (var child in parent.Children.Values)
        {
            var (summed, by) = (want, weights);
            if (chosen)
            {
                var served = usage > 0 ? child.Used / usage / (child.SharesOf / shares) : 0;
                (summed, by) = (want + (weight / (1 + served)), weights + weight);
            }

            child.Want = by > 0 ? summed / by : 1;
            Judge(child, summed, chosen ? weight / 2 : weight, by);
        }
    }

    private void AddUsage(string account, AccountStanding standing)
    {
        var decay = 1000 * Math.Exp(-decayPerTick * Math.Max(0, now - standing.UsageAt.UtcTicks));
        foreach (var (user, coreSeconds) in standing.Usage)
        {
            User(InstitutionOf(account, standing), account, user).Used += Math.Max(0, coreSeconds) * decay;
        }
    }

    private void AddRunning(RunningLease lease)
    {
        long cores = 0;
        foreach (var share in lease.Shares)
        {
            cores += share.Cores.Length;
        }

        var elapsed = Math.Max(0, now - lease.StartedAt.UtcTicks);
        var left = (lease.EndExpected ?? lease.EndsBy) is { } end ? Math.Max(0, end.UtcTicks - now) : Math.Max(elapsed, UnknownTicks);
        User(lease.Owner).Running += (long)(Discounted(cores, elapsed) + Discounted(cores, left));
    }

    private double Discounted(long cores, long ticks) => cores * wholeMilliseconds * (1 - Math.Exp(-decayPerTick * ticks));

    private FairNode User(string institution, string account, string user)
    {
        if (!accounts.TryGetValue(account, out var found) || !string.Equals(found.Institution, institution, StringComparison.Ordinal))
        {
            var standing = context.Accounts.GetValueOrDefault(account);
            var named = standing is null ? institution : InstitutionOf(account, standing);
            found = (institution, Child(Child(root, named, context.Institutions.GetValueOrDefault(named, 1)), account, standing?.Shares ?? 1), standing);
            accounts[account] = found;
        }

        return found.Account.Children.TryGetValue(user, out var known) ? known : Child(found.Account, user, found.Standing?.Users.GetValueOrDefault(user, 1) ?? 1);
    }

    /// <summary>What is known of an account says whose it is, by its id if nothing else does, so that its usage and all of its work are in one place.</summary>
    private static string InstitutionOf(string account, AccountStanding standing) =>
        standing.Institution.Length > 0 ? standing.Institution : account.IndexOf('.', StringComparison.Ordinal) is > 2 and var dot ? account[2..dot] : "";

    private static FairNode Child(FairNode parent, string name, double shares)
    {
        if (!parent.Children.TryGetValue(name, out var child))
        {
            parent.Children.Add(name, child = new(name, shares > 0 ? shares : double.Epsilon));
        }

        return child;
    }
}
