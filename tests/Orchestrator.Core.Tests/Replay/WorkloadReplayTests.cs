using Orchestrator.Core.Nodes;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

public sealed class WorkloadReplayTests
{
    [Fact]
    public void The_scheduler_decides_like_EASY_from_the_textbook_on_random_workloads()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var shortestFirst = seed % 2 == 0;
            var workload = Traces.Read("random.swf", string.Concat(Enumerable.Range(1, 150).Select(job =>
            {
                var run = random.Next(1, 60);
                return Traces.Swf(job, random.Next(0, 1200), run, random.Next(1, 17), run + random.Next(0, 3) * random.Next(1, 60));
            })));

            var expected = WorkloadReplay.Run(workload, Options(16, "easy"), new TextbookEasy(workload.Jobs, 16, shortestFirst), new EnergyMeter(new NodePower(), 16, 0), cancellationToken: TestContext.Current.CancellationToken);
            var result = Run(workload, Options(16, shortestFirst ? "easy-sjbf" : "easy"));

            result.Jobs.Select(static job => job.Start).ShouldBe(expected.Jobs.Select(static job => job.Start), $"seed {seed}");
        }
    }

    [Theory]
    [InlineData("fcfs"), InlineData("easy"), InlineData("easy-sjbf"), InlineData("conservative"), InlineData("default")]
    public void Every_job_runs_once_and_no_processor_is_given_twice(string policy)
    {
        var workload = Traces.Kept("lublin_256.swf.gz");
        workload = workload with { Jobs = workload.Jobs[..2000] };

        var result = Run(workload, Options(256, policy));

        result.Jobs.Length.ShouldBe(2000);
        result.Jobs.ShouldAllBe(static job => job.Start >= job.Job.Submit && job.End == job.Start + job.Job.Run);
        var used = 0;
        foreach (var (_, change) in result.Jobs.SelectMany(static job => ((TimeSpan At, int Change)[])[(job.Start, job.Job.Processors), (job.End, -job.Job.Processors)]).OrderBy(static change => change))
        {
            used += change;
            used.ShouldBeInRange(0, 256);
        }
    }

    [Fact]
    public void Conservative_backfill_lets_nobody_delay_anyone_by_estimates_that_are_right()
    {
        // 1 takes all but one; 2 wants everything, 3 half; 4 fits beside 1 and would delay 3, but not the head.
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 10, 3) + Traces.Swf(2, 1, 10, 4) + Traces.Swf(3, 2, 5, 3) + Traces.Swf(4, 3, 7, 1));

        Starts(Run(workload, Options(4, "conservative"))).ShouldBe([0, 10, 20, 3]);
        Starts(Run(workload, Options(4, "fcfs"))).ShouldBe([0, 10, 20, 20]);
    }

    [Fact]
    public void At_one_moment_processors_whose_time_is_up_are_free_then_submissions_come_then_ends()
    {
        // 1 runs to its limit at 10, when 3 is submitted and 2 ends early.
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 10, 2, requestedTime: 10) + Traces.Swf(2, 0, 10, 2, requestedTime: 20) + Traces.Swf(3, 5, 5, 4) + Traces.Swf(4, 10, 10, 2));

        Starts(Run(workload, Options(4, "easy"))).ShouldBe([0, 0, 20, 10]);
        Starts(Run(workload, Options(4, "easy") with { Events = EventOrder.PerMoment })).ShouldBe([0, 0, 10, 15]);
    }

    [Fact]
    public void Energy_is_what_idle_and_computing_processors_draw()
    {
        var workload = Traces.Read("a.swf", Traces.Swf(1, 100, 10, 2) + Traces.Swf(2, 120, 5, 1));

        var result = Run(workload, Options(4, "easy") with { Power = new NodePower { Idle = 100, Busy = 250 } });

        result.Joules.ShouldBe((4 * 25 * 100) + (150 * (20 + 5)));
    }

    [Fact]
    public void A_summary_says_how_the_jobs_fared()
    {
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 10, 2, user: 1) + Traces.Swf(2, 0, 20, 2, user: 2) + Traces.Swf(3, 2, -1, 1) + Traces.Swf(4, 2, 5, 3));

        var summary = ReplaySummary.Of(Run(workload, Options(2, "fcfs")));

        summary.Jobs.ShouldBe(2);
        summary.MeanWait.ShouldBe(5);
        summary.MaxWait.ShouldBe(10);
        summary.AvgBoundedSlowdown.ShouldBe(1.25);
        summary.MeanSlowdown.ShouldBe(1.25);
        summary.MeanTurnaround.ShouldBe(20);
        summary.Makespan.ShouldBe(30);
        summary.Utilization.ShouldBe(1);
        summary.UtilizationSaturated.ShouldBeNull();
        summary.Fairness.ShouldBe(6.25 / (2 * 3.25), 1e-12);
        summary.Skipped.ShouldBe([new(SkipReason.NeverRan, 1), new(SkipReason.TooLarge, 1)]);
        (summary.Preemptions, summary.LostWork).ShouldBe((0, 0));
    }

    [Fact]
    public void Utilization_under_saturation_counts_from_the_first_tenth_to_the_last_submission()
    {
        var workload = Traces.Read("a.swf", string.Concat(Enumerable.Range(0, 10).Select(static job => Traces.Swf(job + 1, job * 10, 5, 2))));

        ReplaySummary.Of(Run(workload, Options(4, "easy"))).UtilizationSaturated.ShouldBe(0.25);
    }

    [Fact]
    public void A_replay_can_be_stopped_and_tells_how_far_it_is()
    {
        var told = new List<ReplayProgress>();
        var workload = Traces.Kept("lublin_256.swf.gz");
        using var stop = new CancellationTokenSource();
        var progress = new Told(each =>
        {
            told.Add(each);
            if (each.Ended > 3000)
            {
                stop.Cancel();
            }
        });

        Should.Throw<OperationCanceledException>(() => WorkloadReplay.Run(workload, Options(256, "easy"), progress, stop.Token));

        told.Count.ShouldBeGreaterThan(3);
        told[^1].Ended.ShouldBeInRange(3001, 5000);
        told.ShouldAllBe(static each => each.Jobs == 10_000);
    }

    [Fact]
    public void A_workload_that_the_machine_cannot_run_at_all_is_refused()
    {
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 10, 5));

        Should.Throw<ArgumentException>(() => Run(workload, Options(4, "easy"))).Message.ShouldStartWith("a.swf has no job that a machine of 4 processors could run");
        Should.Throw<ArgumentOutOfRangeException>(() => Run(workload, Options(0, "easy")));
    }

    private static ReplayOptions Options(int processors, string policy) => new() { Processors = processors, Settings = ReplayPolicies.Named(policy)! };

    private static ReplayResult Run(Workload workload, ReplayOptions options) => WorkloadReplay.Run(workload, options, cancellationToken: TestContext.Current.CancellationToken);

    private static IEnumerable<double> Starts(ReplayResult result) => result.Jobs.Select(static job => job.Start.TotalSeconds);

    private sealed class Told(Action<ReplayProgress> tell) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => tell(value);
    }
}
