using Orchestrator.Core.Events;
using Orchestrator.Core.Scenarios;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class ScenarioEvaluationTests
{
    [Fact]
    public void A_metric_is_summarized_over_the_members_that_reported_it()
    {
        var state = After(
            Define("control: a b c d"),
            Observed("a", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 2))),
            Observed("b", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 4))),
            Observed("c", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 9))),
            Observed("d", Event(1, EventKinds.StageProgressed, 0.1, ("tas", double.NaN), ("pr", 1))),
            new ScenarioInput.Evaluate());

        var summary = state.Evaluation.ShouldHaveSingleItem().Metrics["tas"];
        summary.Count.ShouldBe(3);
        summary.Mean.ShouldBe(5, 1e-12);
        summary.StandardDeviation.ShouldBe(Math.Sqrt(13), 1e-12);
        (summary.Minimum, summary.Maximum).ShouldBe((2, 9));
        state.Evaluation[0].Metrics["pr"].Count.ShouldBe(1);
        state.Evaluation[0].Metrics["pr"].StandardDeviation.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, "c a b d")]
    [InlineData(false, "a b c d")]
    public void Variants_rank_by_the_mean_of_the_objective_then_by_name_and_those_without_it_come_last(bool higher, string order)
    {
        var state = After(
            Define("d: m4; b: m2; a: m1; c: m3", higher: higher),
            Observed("m1", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 1))),
            Observed("m2", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 1))),
            Observed("m3", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 5))),
            new ScenarioInput.Evaluate());

        string.Join(' ', state.Evaluation.Select(static variant => variant.Name)).ShouldBe(order);
        state.Evaluation.Select(static variant => variant.Rank).ShouldBe([1, 2, 3, 0]);
    }

    [Fact]
    public void Without_an_objective_nothing_is_ranked()
    {
        var state = After(Define("b: m1; a: m2", by: null), Observed("m1", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 1))), new ScenarioInput.Evaluate());

        state.Evaluation.Select(static variant => (variant.Name, variant.Rank)).ShouldBe([("a", 0), ("b", 0)]);
    }

    [Theory]
    [InlineData(new[] { 1e308, 1e308, -1e308 }, 1e308 / 3, 1.1547005383792515e308)]
    [InlineData(new[] { 1e9 + 1, 1e9 + 2, 1e9 + 3 }, 1e9 + 2, 1.0)]
    [InlineData(new[] { 0.0, 0.0 }, 0.0, 0.0)]
    public void Extreme_and_close_values_keep_their_digits(double[] values, double mean, double deviation)
    {
        var summary = ScenarioEvaluation.Summarize(values);

        summary.Mean.ShouldBe(mean, (Math.Abs(mean) * 1e-12) + double.Epsilon);
        summary.StandardDeviation.ShouldBe(deviation, (Math.Abs(deviation) * 1e-6) + double.Epsilon);
    }
}
