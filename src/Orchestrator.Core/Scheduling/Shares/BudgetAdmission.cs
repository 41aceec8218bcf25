using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// An attempt starts only if what is left of the hard budgets of its account, and of its user there, covers it for as long as it is estimated to run, the stricter of both ruling;
/// and only so many of an account run at once as may. It looks at each request by itself, so that one that is over its limit holds nobody else up.
/// </summary>
public sealed class BudgetAdmission : IAdmissionRule
{
    /// <inheritdoc/>
    public IAdmission Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        Dictionary<string, Purse>? purses = null;
        var counts = false;
        foreach (var (account, standing) in view.Context.Accounts)
        {
            if (standing.RunningMax is not null || !standing.BudgetLeft.IsEmpty || !standing.UserBudgetLeft.IsEmpty)
            {
                counts |= standing.RunningMax is not null;
                (purses ??= new(StringComparer.Ordinal)).Add(account, new(standing));
            }
        }

        if (purses is null)
        {
            return FreeAdmission.Instance;
        }

        if (counts)
        {
            foreach (var lease in view.Running)
            {
                if (purses.TryGetValue(ShareBook.KeyOf(lease.Owner), out var purse))
                {
                    purse.Running++;
                }
            }
        }

        return new Admission(purses, view.Settings.Shares);
    }

    /// <summary>What the budgets must cover for a request to start.</summary>
    public static BudgetAmounts CostOf(PendingRequest request, ShareSettings settings)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Rates.PerHour(request.Resources).Over(request.DurationEstimate ?? settings.UnknownDuration);
    }

    private sealed class Purse(AccountStanding standing)
    {
        private readonly Dictionary<string, BudgetAmounts>? users = standing.UserBudgetLeft.IsEmpty
            ? null
            : standing.UserBudgetLeft.ToDictionary(static user => user.Key, static user => Amounts(user.Value), StringComparer.Ordinal);

        private BudgetAmounts left = Amounts(standing.BudgetLeft);

        public int Running { get; set; }

        public bool IsFull => Running >= standing.RunningMax;

        public DateTimeOffset? RenewsAt => standing.BudgetRenewsAt;

        public BudgetUnit Short(string user, in BudgetAmounts cost)
        {
            var unit = cost.FirstBeyond(left);
            return unit == BudgetUnit.Absent && users is not null && users.TryGetValue(user, out var own) ? cost.FirstBeyond(own) : unit;
        }

        public void Spend(string user, in BudgetAmounts cost)
        {
            left -= cost;
            if (users is not null && users.ContainsKey(user))
            {
                CollectionsMarshal.GetValueRefOrNullRef(users, user) -= cost;
            }
        }

        private static BudgetAmounts Amounts(ImmutableSortedDictionary<BudgetUnit, double> left)
        {
            var amounts = BudgetAmounts.Endless;
            foreach (var (unit, units) in left)
            {
                amounts = amounts.With(unit, Math.Max(0, BudgetAmounts.FromUnits(units)));
            }

            return amounts;
        }
    }

    private sealed class Admission(Dictionary<string, Purse> purses, ShareSettings settings) : IAdmission
    {
        public WaitReason? Refusal(PendingRequest request)
        {
            var account = ShareBook.KeyOf(request.Owner);
            if (!purses.TryGetValue(account, out var purse))
            {
                return null;
            }

            if (purse.IsFull)
            {
                return new() { Constraint = PlacementConstraint.Concurrency, NodesNeeded = request.Resources.Nodes, For = account };
            }

            var unit = purse.Short(request.User, CostOf(request, settings));
            return unit == BudgetUnit.Absent
                ? null
                : new() { Constraint = PlacementConstraint.Budget, NodesNeeded = request.Resources.Nodes, For = NameOf(unit), PlannedStart = purse.RenewsAt };
        }

        public void Start(PendingRequest request, Placement placement)
        {
            if (purses.TryGetValue(ShareBook.KeyOf(request.Owner), out var purse))
            {
                purse.Running++;
                purse.Spend(request.User, CostOf(request, settings));
            }
        }
    }

    private static string NameOf(BudgetUnit unit) => unit switch
    {
        BudgetUnit.CoreHours => "core-hours",
        BudgetUnit.GpuHours => "gpu-hours",
        BudgetUnit.MemoryHours => "memory-hours",
        BudgetUnit.Cost => "cost",
        BudgetUnit.Energy => "energy",
        _ => "",
    };
}
