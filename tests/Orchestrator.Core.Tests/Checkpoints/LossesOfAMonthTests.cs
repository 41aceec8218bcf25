using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Tests.Checkpoints;

/// <summary>Months of a gang of nodes that fail as those of Los Alamos did (Weibull per node), checkpointed by what the policy learns as it goes.</summary>
public sealed class LossesOfAMonthTests
{
    private const int Months = 300;

    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly TimeSpan Cost = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(18, 0.671, 4132, 64)]
    [InlineData(18, 0.671, 4132, 512)]
    [InlineData(19, 0.700, 4053, 128)]
    [InlineData(2, 0.638, 377, 16)]
    [InlineData(16, 0.648, 228, 4)]
    public void A_month_loses_no_more_than_the_optimum_of_Daly_and_never_more_than_an_hour_at_once(int system, double shape, int meanHours, int nodes)
    {
        var node = TimeDistribution.Weibull.WithMean(shape, TimeSpan.FromHours(meanHours));
        var gang = TimeSpan.FromHours((double)meanHours / nodes);
        var optimum = CheckpointInterval.Daly(Cost, gang);
        optimum = optimum < TimeSpan.FromMinutes(54) ? optimum : TimeSpan.FromMinutes(54);
        TimeSpan ours = default, daly = default, worst = default;
        for (var month = 0; month < Months; month++)
        {
            var failures = Failures(node, nodes, new SeededRandom((system * 1000) + month, "month"));
            var adaptive = Run(failures, (exposure, count) => CheckpointSchedule.Plan(new(), new()
            {
                Cost = Cost, Measured = true, Detection = Detection, MeanTimeBetweenFailures = CheckpointFacts.Learned(TimeSpan.FromDays(30), nodes, exposure, count),
            }).Interval!.Value);
            ours += adaptive.Lost;
            worst = adaptive.Worst > worst ? adaptive.Worst : worst;
            daly += Run(failures, (_, _) => optimum).Lost;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"system {system}, {nodes} nodes: lost {ours / Months:g} a month, Daly's optimum {daly / Months:g} ({ours / daly:0.000}), at once at most {worst:g}");
        (ours / daly).ShouldBeLessThanOrEqualTo(1.05);
        worst.ShouldBeLessThan(TimeSpan.FromHours(1));
    }

    /// <summary>When the gang fails, over a month, nodes having run for long before: each starts somewhere in its life.</summary>
    private static List<TimeSpan> Failures(TimeDistribution node, int nodes, SeededRandom random)
    {
        var failures = new List<TimeSpan>();
        for (var i = 0; i < nodes; i++)
        {
            for (var at = -node.Mean * 3; at < Month;)
            {
                at += node.Draw(random);
                if (at > TimeSpan.Zero && at < Month)
                {
                    failures.Add(at);
                }
            }
        }

        failures.Sort();
        return failures;
    }

    /// <summary>Time that checkpoints took and work that was done again, detection included; and the most that one failure cost.</summary>
    private static (TimeSpan Lost, TimeSpan Worst) Run(List<TimeSpan> failures, Func<TimeSpan, int, TimeSpan> interval)
    {
        TimeSpan lost = default, worst = default, exposure = default;
        var now = TimeSpan.Zero;
        var seen = 0;
        foreach (var failure in failures)
        {
            if (failure <= now)
            {
                // It hits an attempt that is not there.
                continue;
            }

            var saved = now;
            var started = now;
            while (true)
            {
                var next = saved + interval(exposure + (saved - started), seen) + Cost;
                if (next >= failure)
                {
                    break;
                }

                saved = next;
                lost += Cost;
            }

            var once = failure - saved + Detection;
            worst = once > worst ? once : worst;
            lost += once;
            exposure += failure - started;
            seen++;
            now = failure + Detection + Restart;
        }

        for (var saved = now; ;)
        {
            saved += interval(exposure + (saved - now), seen) + Cost;
            if (saved >= Month)
            {
                return (lost, worst);
            }

            lost += Cost;
        }
    }
}
