using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Shares;

/// <summary>A cluster and those who want it, as a rule of admission sees them.</summary>
internal sealed class Crowd : ISchedulingView
{
    private readonly List<SchedulableNode> nodes = [];
    private readonly List<RunningLease> running = [];
    private readonly List<PendingRequest> pending = [];
    private readonly Dictionary<NodeId, int> taken = [];
    private int counter;

    public IReadOnlyCollection<SchedulableNode> Nodes => nodes;

    public IReadOnlyCollection<RunningLease> Running => running;

    public IReadOnlyCollection<PendingRequest> Pending => pending;

    public SchedulingContext Context { get; private set; } = new();

    public SchedulingSettings Settings { get; set; } = new();

    public static Crowd On(int nodes, int cores = 1)
    {
        var crowd = new Crowd();
        crowd.nodes.AddRange(Enumerable.Range(0, nodes).Select(number => Make.Node(number, cores)));
        return crowd;
    }

    public Crowd Account(string account, AccountStanding standing)
    {
        Context = Context with { Accounts = Context.Accounts.SetItem(account, standing) };
        return this;
    }

    public Crowd Account(string account, int guaranteed, int maximum = 100, double lends = 0.5, bool borrows = true) =>
        Account(account, new AccountStanding { Guaranteed = guaranteed / 100.0, Maximum = maximum / 100.0, LendLimit = lends, MayBorrow = borrows });

    public Crowd Without(int seen)
    {
        for (var i = 0; i < seen; i++)
        {
            nodes[i] = nodes[i] with { NotSeen = true };
        }

        return this;
    }

    public PendingRequest Waits(string account, int cores = 1, TimeSpan? duration = null, string user = "ada", DateTimeOffset? since = null, ResourceRequest? resources = null)
    {
        var number = ++counter;
        var request = new PendingRequest
        {
            Attempt = Make.Attempt(number),
            Resources = resources ?? new() { Nodes = cores },
            SubmissionOrder = number,
            QueuedSince = since ?? Make.Now,
            DurationEstimate = duration,
            Owner = new() { Account = new AccountId(account), User = user },
        };
        pending.Add(request);
        return request;
    }

    public RunningLease Runs(string account, int cores = 1, bool guarded = false)
    {
        var request = Waits(account, cores);
        var lease = Run(request, Place(request).ShouldNotBeNull());
        running[^1] = lease with { Protected = guarded };
        return running[^1];
    }

    /// <summary>On the first nodes with a free core; null: there are not enough.</summary>
    public Placement? Place(PendingRequest request)
    {
        var shares = nodes.Where(node => !node.NotSeen && taken.GetValueOrDefault(node.Id) < node.Cores)
            .Take(request.Resources.Nodes)
            .Select(node => new NodeShare { Node = node.Id, Cores = [taken.GetValueOrDefault(node.Id)] })
            .ToImmutableArray();
        return shares.Length < request.Resources.Nodes ? null : new() { Attempt = request.Attempt, Shares = shares };
    }

    public RunningLease Run(PendingRequest request, Placement placement)
    {
        pending.Remove(request);
        foreach (var share in placement.Shares)
        {
            taken[share.Node] = taken.GetValueOrDefault(share.Node) + 1;
        }

        running.Add(new() { Attempt = request.Attempt, Shares = placement.Shares, Resources = request.Resources, Owner = request.Owner, StartedAt = Make.Now.AddSeconds(counter) });
        return running[^1];
    }

    public void End(RunningLease lease)
    {
        running.RemoveAll(running => running.Attempt == lease.Attempt);
        foreach (var share in lease.Shares)
        {
            taken[share.Node]--;
        }
    }

    public long Held(string account) => running.Where(lease => lease.Owner.Account.Value == account).Sum(static lease => lease.Shares.Length);

    /// <summary>Starts what fits and may, in the order in which it waits; how many.</summary>
    public int Plan(params IAdmissionRule[] rules)
    {
        var admissions = rules.Select(rule => rule.Open(this, Make.Now)).ToArray();
        var started = 0;
        foreach (var request in pending.ToArray())
        {
            if (admissions.All(admission => admission.Refusal(request) is null) && Place(request) is { } placement)
            {
                Array.ForEach(admissions, admission => admission.Start(request, placement));
                Run(request, placement);
                started++;
            }
        }

        return started;
    }
}
