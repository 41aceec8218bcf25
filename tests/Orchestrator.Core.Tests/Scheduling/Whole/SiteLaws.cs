using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>What must hold of a site at every step, counted anew from leases alone.</summary>
internal sealed class SiteLaws(Site site)
{
    private readonly Dictionary<AttemptId, (Ownership Owner, int Cores, bool Protected, DateTimeOffset From, DateTimeOffset? Until)> used = [];

    /// <summary>Core-hours that were ever reserved for a protected attempt: it is not stopped when they end, and what it uses beyond is booked as such.</summary>
    private readonly Dictionary<AttemptId, double> covered = [];

    public void AfterStep(ClusterState before, IReadOnlyList<ClusterFact> facts, ClusterInput input)
    {
        if (facts.Count == 0)
        {
            return;
        }

        var state = site.State;
        ClusterSanity.Check(state).ShouldBeEmpty(Where(input));
        foreach (var fact in facts)
        {
            Check(before, fact, input);
        }

        NothingIsGivenTwice(state, input);
        NoBudgetIsExceeded(input);
    }

    /// <summary>Everybody is placed, or waits with a reason, once.</summary>
    public void OfPlan(SchedulingPlan plan)
    {
        plan.Placements.Select(static placement => placement.Attempt.ToString()).Concat(plan.Waiting.Select(static waiting => waiting.Attempt.ToString())).Order(StringComparer.Ordinal)
            .ShouldBe(site.State.Queue.Keys.Order(StringComparer.Ordinal), Where());
        plan.Waiting.Any(static waiting => waiting.Reason.Constraint == PlacementConstraint.Absent).ShouldBeFalse(Where());
    }

    /// <summary>Once everything was done that was owed: whoever waits knows why, and nobody waits who could start.</summary>
    public void AtRest(Func<SchedulingPlan?> plan)
    {
        foreach (var queued in site.State.Queue.Values)
        {
            (queued.Reason is { Constraint: not PlacementConstraint.Absent }).ShouldBeTrue($"{Where()}: nobody says why {queued.Request.Attempt} waits (invariant 10)");
        }

        if (site.State.Queue.Count > 0 && plan() is { } fresh)
        {
            var missed = fresh.Placements.Where(placement => ClusterPlanning.Fits(site.State, site.State.Queue[placement.Attempt.ToString()].Request, placement, site.Now)).ToList();
            missed.ShouldBeEmpty($"{Where()}: they could start, and no plan was owed");
        }
    }

    public void AtTheEnd()
    {
        foreach (var job in site.Jobs.Where(static job => !job.IsOver))
        {
            MayWaitForEver(job).ShouldBeTrue(
                $"{Where()}: {job.Attempt} starved, running {job.IsRunning}, since {site.State.Queue.GetValueOrDefault(job.Attempt.ToString())?.Since:u}: "
                + $"{site.State.Queue.GetValueOrDefault(job.Attempt.ToString())?.Reason} for {site.State.Queue.GetValueOrDefault(job.Attempt.ToString())?.Reason?.For}");
        }

        foreach (var (account, escrow) in site.State.Escrows)
        {
            escrow.Holds.ShouldBeEmpty($"{Where()}: {account} still pays");
            escrow.Free.ShouldBeEmpty($"{Where()}: {account} did not get back what was not used (invariant 8)");
        }

        foreach (var (account, state) in site.Accounts)
        {
            state.Escrows.Values.ShouldAllBe(static escrow => escrow.Reserved.IsEmpty, $"{Where()}: {account}");
        }

        site.State.Leases.ShouldBeEmpty(Where());
        site.Jobs.ShouldAllBe(static job => job.IsOver || job.Epoch > 0, $"{Where()}: everybody asked");
    }

    private void Check(ClusterState before, ClusterFact fact, ClusterInput input)
    {
        var state = site.State;
        switch (fact)
        {
            case ClusterFact.Granted granted:
                var request = before.Queue[granted.Attempt.ToString()].Request;
                used[granted.Attempt] = (request.Owner, request.Resources.Nodes * request.Resources.CoresPerNode, request.Protected, site.Now, null);
                foreach (var share in granted.Shares)
                {
                    state.Windows.Values.All(
                        window => window.IsOver || !window.Covers(share.Node) || (window.Status == WindowStatus.Pending && window.Start > site.Now)).ShouldBeTrue($"{Where(input)}: {granted.Attempt} starts in a window");
                    state.Reservations.Values.All(
                        one => one.State != ReservationState.Active || (one.Kind != ReservationKind.Exclusive && one.Kind != ReservationKind.Dynamic) || IsInside(request, one)
                            || one.Simulation == request.Attempt.Simulation.Value || one.Allocations.All(kept => kept.Node != share.Node))
                        .ShouldBeTrue($"{Where(input)}: {granted.Attempt} starts on what is reserved");
                    PartsStayReserved(request, share.Node, input);
                }

                IsLetIn(before, request, input);

                break;
            case ClusterFact.Released released:
                Close(released.Attempt);
                break;
            case ClusterFact.Lost lost:
                Close(lost.Attempt);
                break;
            case ClusterFact.Preempted preempted:
                Check(before, preempted.Preemption, input);
                var victim = before.Leases[preempted.Preemption.Victim.ToString()].Request;
                (!victim.Protected || preempted.Preemption.BeyondProtection || ClusterPreemptions.OverridesProtection(before, preempted.Preemption))
                    .ShouldBeTrue($"{Where(input)}: {preempted.Preemption} (invariant 7)");
                break;
            case ClusterFact.Relocated relocated:
                Check(before, relocated.Preemption, input);
                break;
        }
    }

    /// <summary>Who starts outside of a partial reservation that is in force leaves of each node what it keeps, or what is used inside of it.</summary>
    private void PartsStayReserved(LeaseRequest request, NodeId node, ClusterInput input)
    {
        var state = site.State;
        foreach (var partial in state.Reservations.Values.Where(one => one is { State: ReservationState.Active, Kind: ReservationKind.Partial } && one.Allocations.Any(kept => kept.Node == node)))
        {
            if (IsInside(request, partial))
            {
                continue;
            }

            var kept = partial.Allocations.Single(share => share.Node == node);
            var on = state.Leases.Values.SelectMany(lease => lease.Shares.Where(share => share.Node == node && !lease.Vacated.Contains(node)).Select(share => (lease.Request, Share: share))).ToList();
            var has = site.Hosts.Single(host => host.Id == node).Capabilities;
            Check("cores", has.Cores, kept.Cores.Length, static share => share.Cores.Length);
            Check("memory", has.Memory, kept.Memory, static share => share.Memory);
            Check("storage", has.Storage, kept.Storage, static share => share.Storage);
            Check("network", has.Network, kept.Network, static share => share.Network);

            void Check(string what, long all, long reserved, Func<NodeShare, long> of)
            {
                if (of(on.Single(pair => pair.Request.Attempt == request.Attempt).Share) > 0)
                {
                    var inside = on.Where(pair => IsInside(pair.Request, partial)).Sum(pair => of(pair.Share));
                    var outside = on.Where(pair => !IsInside(pair.Request, partial)).Sum(pair => of(pair.Share));
                    (outside + Math.Max(inside, reserved)).ShouldBeLessThanOrEqualTo(all, $"{Where(input)}: {request.Attempt} takes {what} of {node} that {partial.Id} keeps");
                }
            }
        }
    }

    private static bool IsInside(LeaseRequest request, Reservation reservation) =>
        reservation.Simulation.Length > 0 ? reservation.Simulation == request.Attempt.Simulation.Value : request.Reservation == reservation.Id && ReservationEntry.IsFor(reservation, request.Owner);

    /// <summary>Who names a reservation that is his starts inside of it, while it is in force; who names one that is over, is not there or is another's starts as if he had named none.</summary>
    private void IsLetIn(ClusterState before, LeaseRequest request, ClusterInput input)
    {
        var reservation = before.Reservations.GetValueOrDefault(request.Reservation);
        if (!ReservationEntry.Binds(reservation, request.Owner))
        {
            return;
        }

        reservation!.State.ShouldBe(ReservationState.Active, $"{Where(input)}: {request.Attempt} starts in {reservation.Id}");
        site.State.Leases[request.Attempt.ToString()].Shares.ShouldAllBe(
            share => reservation.Allocations.Any(kept => kept.Node == share.Node), $"{Where(input)}: {request.Attempt} starts outside of {reservation.Id}");
    }

    /// <summary>Why, and for whom (invariant 10).</summary>
    private void Check(ClusterState before, Preemption preemption, ClusterInput input)
    {
        preemption.Trigger.ShouldNotBe(PreemptionTrigger.Absent, Where(input));
        preemption.Action.ShouldNotBe(PreemptionAction.Absent, Where(input));
        preemption.Reason.ShouldNotBeNullOrEmpty(Where(input));
        var isKnown = preemption.Trigger == PreemptionTrigger.Admin || before.Queue.ContainsKey(preemption.For) || site.State.Leases.ContainsKey(preemption.For)
            || before.Windows.ContainsKey(preemption.For) || before.Reservations.ContainsKey(preemption.For) || before.Escrows.ContainsKey(preemption.For);
        isKnown.ShouldBeTrue($"{Where(input)}: for whom? {preemption}");
    }

    /// <summary>Invariant 3, by leases whose processes may be alive.</summary>
    private void NothingIsGivenTwice(ClusterState state, ClusterInput input)
    {
        var on = state.Leases.Values.SelectMany(lease => lease.Shares.Where(share => !lease.Vacated.Contains(share.Node)).Select(share => (Lease: lease, Share: share)))
            .ToLookup(static pair => pair.Share.Node);
        foreach (var host in site.Hosts)
        {
            var shares = on[host.Id].Select(static pair => pair.Share).ToList();
            if (shares.Count == 0)
            {
                continue;
            }

            var has = host.Capabilities;
            var cores = shares.SelectMany(static share => share.Cores).ToList();
            cores.Distinct().Count().ShouldBe(cores.Count, $"{Where(input)}: a core of {host.Id} twice");
            cores.TrueForAll(core => core >= 0 && core < has.Cores).ShouldBeTrue(Where(input));
            shares.Sum(static share => share.Memory).ShouldBeLessThanOrEqualTo(has.Memory, Where(input));
            shares.Sum(static share => share.Storage).ShouldBeLessThanOrEqualTo(has.Storage, Where(input));
            shares.Sum(static share => share.Network).ShouldBeLessThanOrEqualTo(has.Network, Where(input));
            shares.SelectMany(static share => share.Gpus.Select(gpu => (Gpu: gpu, share.GpuThousandths))).GroupBy(static part => part.Gpu)
                .All(gpu => gpu.Sum(static part => part.GpuThousandths) <= 1000 && gpu.Key < has.Gpus.Length).ShouldBeTrue($"{Where(input)}: a GPU of {host.Id}");
            (shares.Count == 1 || !shares.Exists(static share => share.Exclusive)).ShouldBeTrue($"{Where(input)}: {host.Id} is not alone");
            state.Windows.Values.Where(window => window.Status == WindowStatus.Active && window.Covers(host.Id))
                .All(window => on[host.Id].All(pair => IsStuck(pair.Lease) || pair.Lease.GrantedAt >= window.End)).ShouldBeTrue($"{Where(input)}: somebody is on {host.Id} in a window");
        }

        var licences = state.Leases.Values.Where(static lease => !lease.IsVacated).Sum(static lease => lease.Request.Resources.Licences.GetValueOrDefault("cfd"));
        licences.ShouldBeLessThanOrEqualTo(state.Licences.GetValueOrDefault("cfd"), $"{Where(input)}: licences");
    }

    private bool IsStuck(ClusterLease lease) => lease.State != LeaseState.Granted || lease.Order.StopBy <= site.Now;

    /// <summary>Invariant 8, by the time that leases really lasted; where it meets invariant 7, that one wins.</summary>
    private void NoBudgetIsExceeded(ClusterInput input)
    {
        foreach (var hold in site.State.Escrows.Values.SelectMany(static escrow => escrow.Holds.Values).Where(hold => used[hold.Attempt].Protected))
        {
            covered[hold.Attempt] = BudgetAmounts.ToUnits(hold.Reserved[BudgetUnit.CoreHours]);
        }

        foreach (var (account, state) in site.Accounts)
        {
            foreach (var budget in state.Terms.Budgets.Values.Where(static budget => budget is { Kind: BudgetKind.Hard, Window: BudgetWindow.Total }))
            {
                var hours = used.Where(use => use.Value.Owner.Account.Value == account && (budget.User.Length == 0 || budget.User == use.Value.Owner.User))
                    .Sum(use => Math.Min(use.Value.Cores * ((use.Value.Until ?? site.Now) - use.Value.From).TotalHours, covered.GetValueOrDefault(use.Key, double.MaxValue)));
                hours.ShouldBeLessThanOrEqualTo(budget.Limit + 1e-4, $"{Where(input)}: {account} {budget.Key()} (invariant 8)");
            }
        }
    }

    private void Close(AttemptId attempt)
    {
        if (used.TryGetValue(attempt, out var use) && use.Until is null)
        {
            used[attempt] = use with { Until = site.Now };
        }
    }

    /// <summary>Nothing that ends makes room for it: too few such nodes, a budget that does not renew, or more than its account may ever hold.</summary>
    private bool MayWaitForEver(Job job)
    {
        var suits = site.Hosts.Where(host => host.Suits(job)).ToList();
        var most = job.Resources.Within is { } ? suits.GroupBy(static host => host.Capabilities.Topology[0]).Select(static part => part.Count()).DefaultIfEmpty().Max() : suits.Count;
        if (most < job.Resources.Nodes || job.Resources.Licences.GetValueOrDefault("cfd") > site.State.Licences["cfd"])
        {
            return true;
        }

        var reason = site.State.Queue.GetValueOrDefault(job.Attempt.ToString())?.Reason?.Constraint;
        var cores = job.Resources.Nodes * (job.Resources.Exclusive ? site.Hosts.Max(static host => host.Capabilities.Cores) : job.Resources.CoresPerNode);
        var standings = site.State.Escrows.Values.Select(static escrow => escrow.Standing).OfType<AccountStanding>();
        return reason switch
        {
            PlacementConstraint.Budget => job.Owner.Account.Value is { } account && site.Accounts[account].Terms.Budgets.Values.Any(
                budget => budget.Kind == BudgetKind.Hard && (budget.Window == BudgetWindow.Total || cores * (job.Estimate ?? TimeSpan.FromHours(1)).TotalHours > budget.Limit)),
            PlacementConstraint.Share => cores > site.Hosts.Where(static host => host.AllocationEnd is null).Sum(static host => host.Capabilities.Cores)
                * Math.Min(1 - standings.Sum(static standing => standing.Guaranteed), standings.Min(static standing => standing.Maximum)),
            _ => false,
        };
    }

    private string Where(ClusterInput? input = null) => $"seed {site.Seed} at {site.Now:u} {input}";
}
