using System.Globalization;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Benchmarks;

/// <summary>Prints how long decisions take, with percentiles.</summary>
internal static class Decisions
{
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(12);

    /// <param name="sizes">Of <see cref="DecisionSizes"/>; none: all that the targets name.</param>
    public static void Run(IReadOnlyList<string> sizes)
    {
        Console.WriteLine(Measured.Header);
        foreach (var size in sizes.Count == 0 ? ["1000x1000", "10000x1000", "100000x10000"] : sizes)
        {
            WarmUp(DecisionSizes.Cluster(size));
            var cluster = DecisionSizes.Cluster(size);
            var times = size.StartsWith("1000x", StringComparison.Ordinal) ? 500 : size.StartsWith("10000x", StringComparison.Ordinal) ? 200 : 10;
            Incremental(cluster, size, times);
            Full(cluster, size, Math.Max(5, times / 4));
            Order(cluster, size, times);
        }
    }

    /// <summary>Until all is compiled as it is in a service that has been up for a while: on another cluster, so that the day of the measured one is the same however long that takes.</summary>
    public static void WarmUp(BusyCluster other)
    {
        var scheduler = new Scheduler();
        var until = ThreadClock.Now + Warming;
        for (var time = 0; ThreadClock.Now < until; time++)
        {
            other.Cycle();
            if (time % 4 == 0)
            {
                scheduler.Plan(other.Problem(), other.Now);
            }
        }
    }

    /// <summary>Replays of CTC SP2 in milliseconds.</summary>
    public static void Replay()
    {
        var workload = ReplayBenchmarks.Read();
        Console.WriteLine(Measured.Header);
        foreach (var policy in (string[])["easy", "default"])
        {
            var measured = new Measured(string.Create(CultureInfo.InvariantCulture, $"{workload.Jobs.Length} jobs of CTC SP2, {policy}"));
            for (var time = 0; time < 3; time++)
            {
                measured.Time(() => ReplayBenchmarks.Run(workload, policy));
            }

            Console.WriteLine(measured);
        }
    }

    private static void Incremental(BusyCluster cluster, string size, int times)
    {
        for (var warm = 0; warm < Math.Max(3, times / 2); warm++)
        {
            cluster.Cycle();
        }

        var (started, asked) = (0, 0);
        var measured = new Measured($"{size}, after one change");
        for (var time = 0; time < times; time++)
        {
            var plan = measured.Time(cluster.Cycle);
            started += plan.Placements.Length;
            asked += plan.Preemptions.Length;
        }

        Console.WriteLine(measured);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {cluster.Running} run on {cluster.CoresInUse:P0} of the cores; {started} started, {asked} were asked to leave"));
    }

    private static void Full(BusyCluster cluster, string size, int times)
    {
        var problem = cluster.Problem();
        var scheduler = new Scheduler();
        for (var warm = 0; warm < Math.Max(2, times / 2); warm++)
        {
            scheduler.Plan(problem, cluster.Now);
        }

        var measured = new Measured($"{size}, from nothing");
        for (var time = 0; time < times; time++)
        {
            measured.Time(() => scheduler.Plan(problem, cluster.Now));
        }

        Console.WriteLine(measured);
    }

    private static void Order(BusyCluster cluster, string size, int times)
    {
        var order = new MultifactorOrder();
        for (var warm = 0; warm < Math.Max(3, times / 2); warm++)
        {
            order.Rank(cluster.View, cluster.Now);
        }

        var measured = new Measured($"{size}, its order alone");
        for (var time = 0; time < times; time++)
        {
            measured.Time(() => order.Rank(cluster.View, cluster.Now));
        }

        Console.WriteLine(measured);
    }
}
