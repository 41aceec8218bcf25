using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class RuntimeModelTests
{
    [Theory]
    [InlineData("easy-oracle-KTH-SP2.csv.gz"), InlineData("easy-oracle-CTC-SP2.csv.gz")]
    public void Predictions_err_less_than_users_and_than_the_mean_of_their_last_two(string trace)
    {
        var jobs = Traces.Kept(trace).Jobs;
        var waits = Traces.Rows(trace).Select(static row => double.Parse(row("wait_easy"), System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        var model = new RuntimeModel();
        var last = new Dictionary<string, (double Older, double Newer)>();
        var ends = new PriorityQueue<WorkloadJob, double>();
        double missed = 0, user = 0, lastTwo = 0, covered = 0;
        for (var at = 0; at < jobs.Length; at++)
        {
            var job = jobs[at];
            while (ends.TryPeek(out var ended, out var when) && when <= job.Submit.TotalSeconds)
            {
                ends.Dequeue();
                model.Ended(Request(ended), ended.Run);
                var run = ended.Run.TotalSeconds;
                last[ended.User] = last.TryGetValue(ended.User, out var runs) ? (runs.Newer, run) : (run, run);
            }

            var (came, limit) = (job.Run.TotalSeconds, job.Limit.TotalSeconds);
            var prediction = model.Predict(Request(job));
            missed += Math.Abs(prediction.Expected.TotalSeconds - came);
            user += limit - came;
            lastTwo += Math.Abs((last.TryGetValue(job.User, out var two) ? Math.Min(limit, (two.Older + two.Newer) / 2) : limit) - came);
            covered += job.Run >= prediction.Lower && job.Run <= prediction.Upper ? 1 : 0;
            ends.Enqueue(job, job.Submit.TotalSeconds + waits[at] + came);
        }

        missed.ShouldBeLessThan(user);
        missed.ShouldBeLessThan(lastTwo);
        (covered / jobs.Length).ShouldBeInRange(0.8, 0.97);
    }

    [Theory]
    [InlineData("KTH-SP2", 100, 63.5)]
    [InlineData("CTC-SP2", 338, 47)]
    public void Easy_by_predictions_slows_jobs_down_less_than_was_published(string machine, int processors, double published)
    {
        var workload = Traces.Kept($"easy-oracle-{machine}.csv.gz");

        var result = WorkloadReplay.Run(workload, new ReplayOptions { Processors = processors, Settings = ReplayPolicies.Named("easy-sjbf")!, Predicts = true }, cancellationToken: TestContext.Current.CancellationToken);

        result.Jobs.Length.ShouldBe(workload.Jobs.Length);
        ReplaySummary.Of(result).AvgBoundedSlowdown.ShouldBeLessThan(published);
    }

    [Fact]
    public void Without_any_run_the_estimate_is_all_there_is()
    {
        var prediction = new RuntimeModel().Predict(new RuntimeRequest { User = "ann", Size = 4, Estimate = TimeSpan.FromHours(2) });

        prediction.Expected.ShouldBe(TimeSpan.FromHours(2));
        prediction.Upper.ShouldBe(TimeSpan.FromHours(2));
        prediction.Runs.ShouldBe(0);
        prediction.Basis.ShouldBe("the estimate");
    }

    [Fact]
    public void With_nothing_known_at_all_the_answer_says_so()
    {
        var prediction = new RuntimeModel().Predict(new RuntimeRequest { User = "ann", Size = 4 });

        prediction.Basis.ShouldBe("nothing is known");
        prediction.Upper.ShouldBeGreaterThan(prediction.Expected);
    }

    [Fact]
    public void Two_programs_of_one_user_are_told_apart()
    {
        var model = new RuntimeModel();
        for (var at = 0; at < 20; at++)
        {
            model.Ended(Of("short"), TimeSpan.FromMinutes(1));
            model.Ended(Of("long"), TimeSpan.FromHours(3));
        }

        model.Predict(Of("short")).Expected.ShouldBe(TimeSpan.FromMinutes(1));
        model.Predict(Of("long")).Expected.ShouldBe(TimeSpan.FromHours(3));
        model.Predict(Of("long")).Upper.ShouldBeInRange(TimeSpan.FromHours(3), TimeSpan.FromHours(4));

        static RuntimeRequest Of(string program) => new() { User = "ann", Program = program, Size = 8, Estimate = TimeSpan.FromHours(4) };
    }

    private static RuntimeRequest Request(WorkloadJob job) => new() { User = job.User, Program = "", Size = job.Processors, Estimate = job.Limit };
}
