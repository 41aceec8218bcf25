using Orchestrator.Core.Replay;
using Orchestrator.Core.Scenarios.Curves;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Scenarios;

/// <summary>What steering is worth, on learning curves that were measured elsewhere.</summary>
public sealed class CurveTests
{
    private const string Small = "config,lr,v0,v1,v2,v3\na,0.1,9,5,4,3\nb,0.2,9,6,,2\nc,0.3,9,7,6,1\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Equal_shares_take_turns_and_fifo_does_not()
    {
        var curves = Read(Small);
        var order = CurveReplay.Shuffle(curves, 7);

        var equal = CurveReplay.Run(curves, CurveReplay.EqualShare, 7, 3, cancellationToken: Token);
        var fifo = CurveReplay.Run(curves, CurveReplay.Fifo, 7, 3, cancellationToken: Token);

        (equal.Best, equal.Spent, equal.EndedEarly).ShouldBe((5, 3, null));
        equal.ReachedAt.ShouldBe(Array.FindIndex(order, static curve => curve.Name == "a") + 1);
        fifo.Best.ShouldBe(order[0].Losses[3]);
        fifo.Improvements.Select(static one => one.Best).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public void The_same_seed_gives_the_same_and_every_policy_trains_everything_in_the_end()
    {
        var curves = LearningCurvesReader.ReadFile(Traces.PathOf("curves-imdb_patch32_LSTM128_bs128.csv.gz"));
        foreach (var policy in CurveReplay.Policies)
        {
            var one = CurveReplay.Run(curves, policy, 3, 60_000, cancellationToken: Token);

            (one.Spent, one.Best).ShouldBe((50_000, 0.52244), policy);
            one.EndedEarly!.ShouldContain("the budget was 60000");
            CurveReplay.Run(curves, policy, 3, 60_000, cancellationToken: Token).Improvements.ShouldBe(one.Improvements);
        }
    }

    [Fact]
    public void A_target_ends_it_and_one_that_is_not_reached_says_so()
    {
        var curves = Read(Small);

        CurveReplay.Run(curves, CurveReplay.EqualShare, 1, 100, 4, Token).ShouldSatisfyAllConditions(
            static result => result.Best.ShouldBe(4),
            static result => result.ReachedAt.ShouldBe(result.Spent),
            static result => result.EndedEarly!.ShouldContain("target"));
        CurveReplay.Run(curves, CurveReplay.EqualShare, 1, 100, 0.5, Token).ShouldSatisfyAllConditions(
            static result => result.ReachedAt.ShouldBeNull(),
            static result => result.Best.ShouldBe(1),
            static result => result.EndedEarly!.ShouldContain("trained to the end"));
    }

    [Fact]
    public void Curves_without_a_finite_loss_give_no_best()
    {
        var result = CurveReplay.Run(Read("config,v0,v1\na,1,\nb,1,nan\n"), CurveReplay.Default, 1, 9, cancellationToken: Token);

        (result.Best, result.ReachedAt, result.Spent).ShouldBe((null, null, 2));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("lr,v0,v1\n", "no column config")]
    [InlineData("config,lr\n", "no columns v0")]
    [InlineData("config,v0,v2\na,1,2\n", "v1 is expected")]
    [InlineData("config,v0,v1\n", "no configuration")]
    [InlineData("config,v0,v1\na,1\nb,1,x\nc,1,2\nc,1,2\n", "c.csv:2: 2 fields; the heading has 3\nc.csv:3: v1: \"x\" is no number; a loss, or nothing where training gave none, is allowed\nc.csv:5: config: \"c\" is there twice")]
    public void A_bad_file_is_refused_with_all_that_is_wrong(string text, string problem) =>
        Should.Throw<WorkloadException>(() => Read(text)).Message.ShouldContain(problem);

    [Fact]
    public void A_bad_request_is_refused()
    {
        var curves = Read(Small);

        Should.Throw<ArgumentException>(() => CurveReplay.Run(curves, "best", 1, 1, cancellationToken: Token)).Message.ShouldContain("fifo, equal-share");
        Should.Throw<ArgumentException>(() => CurveReplay.Run(curves, "fifo", 1, 0, cancellationToken: Token));
        Should.Throw<ArgumentException>(() => CurveReplay.Run(curves, "fifo", 1, 1, double.NaN, Token));
    }

    /// <summary>
    /// (Epochs that equal shares need to the loss of the default policy at a budget) / budget, over 100 shuffles: at least 1.5 in the median and 1.0 in the tenth percentile. Where the
    /// table's least loss is one that equal shares find early, no policy can have so much: then it must have all that there is.
    /// </summary>
    [Theory]
    [InlineData("imdb_patch128_LSTM128_bs64")]
    [InlineData("imdb_patch32_GRU64_avg_bs128")]
    [InlineData("imdb_patch32_LSTM128_bs128")]
    [InlineData("imdb_patch32_VRNN64_tanh_avg_bs128")]
    public void Steering_takes_half_again_less_compute_than_equal_shares(string task)
    {
        var curves = LearningCurvesReader.ReadFile(Traces.PathOf($"curves-{task}.csv.gz"));

        foreach (var comparison in CurveComparison.Run(curves, CurveReplay.Default, [1_000, 5_000, 20_000], 100, Token))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{task} {comparison.Budget}: median {comparison.Median:F2}, p10 {comparison.Tenth:F2}, at most {comparison.MedianBound:F2}"));
            comparison.Median.ShouldBeGreaterThanOrEqualTo(Math.Min(1.5, comparison.MedianBound), $"{task} at {comparison.Budget}");
            comparison.Tenth.ShouldBeGreaterThanOrEqualTo(Math.Min(1.0, comparison.MedianBound * 0.95), $"{task} at {comparison.Budget}");
        }
    }

    private static LearningCurves Read(string text) => LearningCurvesReader.Read(new StringReader(text), "c.csv");
}
