using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Preempting;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Where the time of a decision goes: CPU milliseconds of the order, of the search for victims, of when the next plan is due, and of the rest, which is the pass over the queue, and from nothing the reading
/// of all too; and what the slowest did.
/// </summary>
internal sealed class Phases : IPreemptionPlanner, IChangesByItself
{
    private readonly PreemptionPlanner preemption = new();
    private TimeSpan ordering;
    private TimeSpan choosing;
    private TimeSpan looking;

    public static void Print(IReadOnlyList<string> sizes)
    {
        foreach (var size in sizes.Count == 0 ? ["1000x1000"] : sizes)
        {
            new Phases().Run(size);
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<Preemption> Choose(ISchedulingView view, IReadOnlyList<StillWaiting> waiting, ImmutableArray<Placement> starts, DateTimeOffset now) =>
        Time(ref choosing, () => preemption.Choose(view, waiting, starts, now));

    /// <inheritdoc/>
    public DateTimeOffset? NextChange(ISchedulingView view, DateTimeOffset now) => Time(ref looking, () => preemption.NextChange(view, now));

    private static T Time<T>(ref TimeSpan sum, Func<T> work)
    {
        var used = ThreadClock.Now;
        var result = work();
        sum += ThreadClock.Now - used;
        return result;
    }

    private void Run(string size)
    {
        Decisions.WarmUp(DecisionSizes.Cluster(size));
        var parts = SchedulerParts.Default with { Order = () => new TimedOrder(this), Preemption = this };
        var cluster = DecisionSizes.Cluster(size, parts);
        for (var warm = 0; warm < 300; warm++)
        {
            cluster.Cycle();
        }

        var found = new List<Cycle>();
        for (var time = 0; time < 1000; time++)
        {
            cluster.Advance();
            cluster.Act(Measure(cluster.Plan, found));
        }

        Print($"{size}, after one change", found);
        var problem = cluster.Problem();
        var scheduler = new Scheduler(new(), parts);
        found.Clear();
        for (var time = -50; time < 200; time++)
        {
            Measure(() => scheduler.Plan(problem, cluster.Now), time < 0 ? [] : found);
        }

        Print($"{size}, from nothing", found);
    }

    private SchedulingPlan Measure(Func<SchedulingPlan> make, List<Cycle> found)
    {
        (ordering, choosing, looking) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var used = ThreadClock.Now;
        var plan = make();
        var all = ThreadClock.Now - used;
        found.Add(new(all, ordering, all - ordering - choosing - looking, choosing, looking, plan.Placements.Length, plan.Preemptions.Length));
        return plan;
    }

    private static void Print(string name, List<Cycle> found)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {"p50",8} {"p90",8} {"p99",8} {"max",8}"));
        Print("all", found, static cycle => cycle.All);
        Print("order", found, static cycle => cycle.Order);
        Print("pass", found, static cycle => cycle.Pass);
        Print("victims", found, static cycle => cycle.Victims);
        Print("next", found, static cycle => cycle.Next);
        Console.WriteLine("the slowest: all, order, pass, victims, next; started, asked");
        foreach (var cycle in found.OrderByDescending(static cycle => cycle.All).Take(15))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {cycle.All.TotalMilliseconds,8:N2} {cycle.Order.TotalMilliseconds,8:N2} {cycle.Pass.TotalMilliseconds,8:N2} {cycle.Victims.TotalMilliseconds,8:N2} {cycle.Next.TotalMilliseconds,8:N2} {cycle.Started,4} {cycle.Asked,4}"));
        }
    }

    private static void Print(string name, List<Cycle> found, Func<Cycle, TimeSpan> of)
    {
        var sorted = found.Select(cycle => of(cycle).TotalMilliseconds).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {name,-24} {sorted[sorted.Length / 2],8:N2} {sorted[sorted.Length * 9 / 10],8:N2} {sorted[sorted.Length * 99 / 100],8:N2} {sorted[^1],8:N2}"));
    }

    private sealed class TimedOrder(Phases phases) : IRequestOrder
    {
        private readonly MultifactorOrder order = new();

        public IReadOnlyList<RankedRequest> Rank(ISchedulingView view, DateTimeOffset now) => Time(ref phases.ordering, () => order.Rank(view, now));
    }

    private readonly record struct Cycle(TimeSpan All, TimeSpan Order, TimeSpan Pass, TimeSpan Victims, TimeSpan Next, int Started, int Asked);
}
