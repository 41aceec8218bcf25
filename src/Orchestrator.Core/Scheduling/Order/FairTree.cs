using System.Collections.Immutable;
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
/// Who belongs where is kept from plan to plan, as long as nobody's shares change.
/// </summary>
internal sealed class FairTree
{
    /// <summary>So many users are remembered beside those who have to do with the plan.</summary>
    private const int UsersSpare = 4096;

    private static readonly long UnknownTicks = TimeSpan.FromDays(1).Ticks;

    private readonly Dictionary<string, (string Institution, FairNode Account, AccountStanding? Standing)> accounts = new(StringComparer.Ordinal);
    private readonly FairUsage usage = new();
    private FairNode root = new(null, "", 1);
    private FairLease[] leases = [];
    private int leaseCount;
    private int users;
    private SchedulingContext context = new();
    private TimeSpan halfLife = TimeSpan.MinValue;
    private long plan;
    private long now;

    /// <summary>What one core costs that is held for ever, in milliseconds.</summary>
    private double wholeMilliseconds;
    private double decayPerTick;

    /// <summary>Grows when places in the tree, or costs, must be asked for anew.</summary>
    public int Generation { get; private set; }

    /// <summary>Begins a plan: counts what was used and runs.</summary>
    public void Open(ISchedulingView view, DateTimeOffset at)
    {
        now = at.UtcTicks;
        plan++;
        var isCrowded = users > UsersSpare + (2 * usage.Length) + (4 * (view.Pending.Count + view.Running.Count));
        if (isCrowded || halfLife != view.Settings.Order.UsageHalfLife || !HasSameShares(context, view.Context))
        {
            Forget(view.Settings.Order.UsageHalfLife);
        }

        var isTold = !ReferenceEquals(context.Accounts, view.Context.Accounts);
        context = view.Context;
        if (isTold)
        {
            Read();
        }

        root.Enter(plan);
        usage.Count(plan, now, decayPerTick);
        CountRunning(view.Running);
    }

    /// <summary>Sums what everybody used, and tells everybody below the root how well they were served, before turns are dealt and after every user who waits was asked for.</summary>
    public void Judge()
    {
        Sum(root);
        Judge(root, 0, 1, 0);
    }

    /// <summary>The user's place in the tree, who is in this plan then. Work of no project is shared out among nobody: all of it has one place.</summary>
    public FairNode User(Ownership owner) => (owner.Account.Value ?? owner.Project) is { Length: > 0 } account ? User(owner.Institution, account, owner.User) : User("", "", "");

    /// <summary>The same for one that waits; what it will use is found with it.</summary>
    public FairNode User(ref WaitingFacts facts)
    {
        if (facts.Generation != Generation || facts.User is null)
        {
            facts.User = User(facts.Request.Owner);
            facts.Cost = Discounted(Cores(facts.Request.Resources), Length(facts.Request));
            facts.Generation = Generation;
        }

        facts.User.Enter(plan);
        return facts.User;
    }

    /// <summary>Deals a turn to every request that is strung to a user (<see cref="FairNode.Next"/>, then <paramref name="next"/>), giving its number from 0.</summary>
    public void Deal(int[] next, ReadOnlySpan<WaitingFacts> waiting, int[] turns)
    {
        foreach (var institution in root.Children)
        {
            foreach (var account in institution.Children)
            {
                foreach (var user in account.Children)
                {
                    if (user.Next >= 0)
                    {
                        account.Enlist(user);
                    }
                }

                if (!account.IsEmpty)
                {
                    institution.Enlist(account);
                }
            }

            if (!institution.IsEmpty)
            {
                root.Enlist(institution);
            }
        }

        for (var turn = 0; !root.IsEmpty; turn++)
        {
            var institution = root.Due;
            var account = institution.Due;
            var user = account.Due;
            var request = user.Next;
            var cost = waiting[request].Cost;
            turns[request] = turn;
            user.Next = next[request];
            user.Used += cost;
            account.Used += cost;
            institution.Used += cost;
            account.Reorder(remove: user.Next < 0);
            institution.Reorder(remove: account.IsEmpty);
            root.Reorder(remove: institution.IsEmpty);
        }
    }

    /// <summary>How long it is expected to run, in ticks; a day when nothing is known.</summary>
    public static long Length(PendingRequest request) => (request.DurationExpected ?? request.DurationEstimate)?.Ticks ?? UnknownTicks;

    public static long Cores(ResourceRequest wanted) => (long)wanted.Nodes * wanted.RanksPerNode * wanted.Threads;

    private void Sum(FairNode node)
    {
        if (node.Children.IsEmpty)
        {
            node.Used += node.Running;
            return;
        }

        foreach (var child in node.Children)
        {
            if (child.Plan == plan)
            {
                Sum(child);
                node.Used += child.Used;
            }
        }
    }

    /// <summary>
    /// At each level where there is a choice, 1 / (1 + its part of the usage by its part of the shares): 1 without usage, one half at par; each level counts half as much as the one above it.
    /// </summary>
    private void Judge(FairNode parent, double want, double weight, double weights)
    {
        var (usageOfAll, shares, count) = (0.0, 0.0, 0);
        foreach (var child in parent.Children)
        {
            if (child.Plan == plan)
            {
                usageOfAll += child.Used;
                shares += child.SharesOf;
                count++;
            }
        }

        var chosen = count > 1;
        foreach (var child in parent.Children)
        {
            if (child.Plan != plan)
            {
                continue;
            }

            var (summed, by) = (want, weights);
            if (chosen)
            {
                var served = usageOfAll > 0 ? child.Used / usageOfAll / (child.SharesOf / shares) : 0;
                (summed, by) = (want + (weight / (1 + served)), weights + weight);
            }

            child.Want = by > 0 ? summed / by : 1;
            Judge(child, summed, chosen ? weight / 2 : weight, by);
        }
    }

    private void CountRunning(IReadOnlyCollection<RunningLease> running)
    {
        if (leases.Length < running.Count)
        {
            Array.Resize(ref leases, Spare.Length(leases.Length, running.Count));
        }

        var at = 0;
        foreach (var lease in running)
        {
            ref var known = ref leases[at++];
            if (!ReferenceEquals(known.Lease, lease) || known.Generation != Generation)
            {
                known = new(lease, User(lease.Owner), Generation);
            }

            var elapsed = Math.Max(0, now - known.Started);
            var left = known.End != long.MinValue ? Math.Max(0, known.End - now) : Math.Max(elapsed, UnknownTicks);
            known.User.Enter(plan);
            known.User.Running += (long)(Discounted(known.Cores, elapsed) + Discounted(known.Cores, left));
        }

        // What does not run any more must not be kept alive.
        Array.Clear(leases, at, Math.Max(0, leaseCount - at));
        leaseCount = at;
    }

    private double Discounted(long cores, long ticks) => cores * wholeMilliseconds * (1 - Math.Exp(-decayPerTick * ticks));

    private void Forget(TimeSpan anotherHalfLife)
    {
        halfLife = anotherHalfLife;
        decayPerTick = Math.Log(2) / halfLife.Ticks;
        wholeMilliseconds = halfLife.TotalMilliseconds / Math.Log(2);
        root = new(null, "", 1);
        accounts.Clear();
        usage.Clear();
        users = 0;
        context = new();
        Generation++;
    }

    private void Read()
    {
        usage.Clear();
        foreach (var (account, standing) in context.Accounts)
        {
            foreach (var (user, coreSeconds) in standing.Usage)
            {
                usage.Add(User(InstitutionOf(account, standing), account, user), Math.Max(0, coreSeconds), standing.UsageAt.UtcTicks);
            }
        }
    }

    /// <summary>Everybody belongs where he did, with the shares that he had.</summary>
    private static bool HasSameShares(SchedulingContext one, SchedulingContext other)
    {
        if (one.Accounts.Count != other.Accounts.Count || !AreSame(one.Institutions, other.Institutions))
        {
            return false;
        }

        if (ReferenceEquals(one.Accounts, other.Accounts))
        {
            return true;
        }

        foreach (var ((account, standing), (sameAccount, same)) in one.Accounts.Zip(other.Accounts))
        {
            if (account != sameAccount || standing.Shares != same.Shares || standing.Institution != same.Institution || !AreSame(standing.Users, same.Users))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreSame(ImmutableSortedDictionary<string, double> one, ImmutableSortedDictionary<string, double> other) =>
        ReferenceEquals(one, other) || one.Count == other.Count && one.SequenceEqual(other);

    private FairNode User(string institution, string account, string user)
    {
        if (!accounts.TryGetValue(account, out var found) || !string.Equals(found.Institution, institution, StringComparison.Ordinal))
        {
            var standing = context.Accounts.GetValueOrDefault(account);
            var named = standing is null ? institution : InstitutionOf(account, standing);
            var above = root.Child(named) ?? root.Add(named, context.Institutions.GetValueOrDefault(named, 1));
            found = (institution, above.Child(account) ?? above.Add(account, standing?.Shares ?? 1), standing);
            accounts[account] = found;
        }

        if (found.Account.Child(user) is { } known)
        {
            return known;
        }

        users++;
        return found.Account.Add(user, found.Standing?.Users.GetValueOrDefault(user, 1) ?? 1);
    }

    /// <summary>What is known of an account says whose it is, by its id if nothing else does, so that its usage and all of its work are in one place.</summary>
    private static string InstitutionOf(string account, AccountStanding standing) =>
        standing.Institution.Length > 0 ? standing.Institution : account.IndexOf('.', StringComparison.Ordinal) is > 2 and var dot ? account[2..dot] : "";
}
