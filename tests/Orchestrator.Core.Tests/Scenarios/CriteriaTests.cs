using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Scenarios.Judge;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class CriteriaTests
{
    [Fact]
    public void An_objective_has_to_do_with_what_carries_one_of_its_metrics_as_a_tag()
    {
        var objective = new ResearchObjective { TargetMetrics = ["accuracy"] };

        objective.IsRelevantTo(["ocean", "accuracy"]).ShouldBeTrue();
        objective.IsRelevantTo(["ocean"]).ShouldBeFalse();
    }

    [Fact]
    public void A_single_metric_of_nine_tenths_scores_so_and_the_time_is_kept()
    {
        var assessment = Assess(Facts("a", ("accuracy", 0.9)))[0];
        assessment.Of(Criterion.Accuracy)!.Score.ShouldBe(0.9);

        var priorities = new ScenarioPriorities().Follow(assessment, Noon.AddHours(1));
        priorities.Priorities["a"].UpdatedAt.ShouldBe(Noon.AddHours(1));
    }

    [Fact]
    public void Simulations_are_counted_by_the_statuses_that_there_are_and_their_progress_is_the_mean()
    {
        var facts = new ScenarioFacts { Simulations = [(SimulationStatus.Running, 0.25), (SimulationStatus.Running, 0.75), (SimulationStatus.Completed, 0.5)] };

        facts.Counts().ShouldBe([new(SimulationStatus.Running, 2), new(SimulationStatus.Completed, 1)]);
        facts.TotalProgress().ShouldBe(0.5);
        new ScenarioFacts().TotalProgress().ShouldBe(0);
    }

    [Fact]
    public void All_nine_criteria_are_asked_and_their_weights_sum_to_one()
    {
        CriterionWeights.Evaluation.Count.ShouldBe(9);
        CriterionWeights.Evaluation.Values.Sum().ShouldBe(1, 1e-12);
        CriterionWeights.Comparison.Values.Sum().ShouldBe(1, 1e-12);
        Assess(Facts("a"))[0].Criteria.Select(static score => score.Criterion).ShouldBe(Enum.GetValues<Criterion>().Skip(1));
    }

    [Theory]
    [InlineData(0.95, Recommendation.Continue, 0.7)]
    [InlineData(0.6, Recommendation.Continue, 0.5)]
    [InlineData(0.4, Recommendation.Adjust, 0.4)]
    [InlineData(0.1, Recommendation.Deprioritize, 0.2)]
    public void The_score_says_what_to_do(double value, Recommendation recommendation, double priority)
    {
        var assessment = Assess(Facts("a", ("accuracy", value), ("explainability", value), ("consistency", value)))[0];

        assessment.Score.ShouldBeInRange(0, 1);
        assessment.Recommendation.ShouldBe(recommendation);
        assessment.SuggestedPriority.ShouldBe(priority, 1e-9);
        assessment.Reasons.ShouldNotBeEmpty();
        assessment.Criteria.Sum(static score => score.Weight).ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Without_data_the_score_is_the_prior_that_changes_no_priority_and_says_so()
    {
        var assessment = new ScenarioEvaluator().Evaluate(
            Facts("a") with { Tags = ["new"], Objectives = [new() { Name = "o", TargetMetrics = ["new"] }] }, new([]), 0.8, Noon);

        (assessment.Score, assessment.Confidence, assessment.SuggestedPriority).ShouldBe((0.5, 0, 0.8));
        assessment.Reasons[0].ShouldContain("no data");
        assessment.Criteria.ShouldAllBe(static score => score.Score == null && score.Weight == 0 && score.Reason.Length > 0);
        new ScenarioPriorities().Follow(assessment, Noon).Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_criterion_without_data_leaves_its_weight_to_the_others()
    {
        var assessment = Assess(Facts("a", ("accuracy", 1), ("novelty", 0)))[0];

        assessment.Of(Criterion.Robustness)!.Weight.ShouldBe(0);
        (assessment.Of(Criterion.Accuracy)!.Weight / assessment.Of(Criterion.Novelty)!.Weight).ShouldBe(0.2 / 0.15, 1e-9);
        assessment.Criteria.Sum(static score => score.Weight).ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Numbers_that_are_none_and_metrics_without_direction_are_named_and_not_used()
    {
        var assessment = Assess(Facts("a", ("loss", double.NaN), ("skill", 0.7)) with
        {
            Targets = [new() { Metric = "loss", Direction = MetricDirection.Lower }, new() { Metric = "skill" }],
        })[0];

        assessment.Of(Criterion.Accuracy)!.Score.ShouldBeNull();
        assessment.Reasons.ShouldContain(static reason => reason.Contains("loss is no finite number"));
        assessment.Reasons.ShouldContain(static reason => reason.Contains("direction: that of skill"));
    }

    [Theory]
    [InlineData(MetricDirection.Higher, 8, 10, 0.8)]
    [InlineData(MetricDirection.Higher, 12, 10, 1)]
    [InlineData(MetricDirection.Lower, 20, 10, 0.5)]
    [InlineData(MetricDirection.Lower, -3, -2, 1)]
    [InlineData(MetricDirection.Higher, -4, -2, 0.5)]
    [InlineData(MetricDirection.Lower, -8, -10, 0.8)]
    [InlineData(MetricDirection.Higher, 1e308, double.MaxValue, 0.5562684646268003)]
    public void A_target_is_reached_in_parts(MetricDirection direction, double value, double target, double score) =>
        MetricScores.Of(new() { Metric = "m", Direction = direction, Target = target }, value, [value]).Score!.Value.ShouldBe(score, 1e-9);

    [Fact]
    public void A_target_of_zero_says_nothing_of_one_alone_and_ranks_several_by_how_far_they_are_off()
    {
        var target = new MetricTarget { Metric = "bias", Direction = MetricDirection.Lower, Target = 0 };

        MetricScores.Of(target, 2, [2]).Score.ShouldBeNull();
        MetricScores.Of(target, 2, [2, 2]).Score.ShouldBeNull();
        MetricScores.Of(target, 2, [2, 8]).Score.ShouldBe(0.75);
        MetricScores.Of(target, 8, [2, 8]).Score.ShouldBe(0);
        MetricScores.Of(target, 0, [0]).Score.ShouldBe(1);
    }

    [Fact]
    public void Without_a_target_the_range_of_all_counts_and_alone_it_says_nothing()
    {
        var target = new MetricTarget { Metric = "tas", Direction = MetricDirection.Lower };

        MetricScores.Of(target, 287, [287, 290, 289]).Score.ShouldBe(1);
        MetricScores.Of(target, 289, [287, 290, 289]).Score!.Value.ShouldBe(1 / 3.0, 1e-9);
        MetricScores.Of(target, 289, [289]).Score.ShouldBeNull();
        MetricScores.Of(target, -double.MaxValue, [double.MaxValue, -double.MaxValue]).Score.ShouldBe(1);
    }

    [Fact]
    public void Every_criterion_gives_a_score_a_reason_and_a_confidence_and_the_same_ones_again()
    {
        ScenarioFacts[] all =
        [
            Rich("a", 1, 0.9, 0.89, 0.91), Rich("b", 4, 0.6, 0.2, 0.99), Rich("c", 5, 0.5, 0.5, 0.5),
        ];

        var first = Assess(all);

        foreach (var score in first.SelectMany(static one => one.Criteria))
        {
            score.Score.ShouldNotBeNull(score.Criterion.ToString()).ShouldBeInRange(0, 1);
            score.Confidence.ShouldBeInRange(0, 1);
            score.Reason.ShouldNotBeEmpty();
        }

        first.Select(static one => string.Join(' ', one.Criteria)).ShouldBe(Assess(all).Select(static one => string.Join(' ', one.Criteria)));
        first[0].Of(Criterion.Robustness)!.Score!.Value.ShouldBeGreaterThan(first[1].Of(Criterion.Robustness)!.Score!.Value);
        first[0].Of(Criterion.Novelty)!.Score!.Value.ShouldBeGreaterThan(first[2].Of(Criterion.Novelty)!.Score!.Value);

        static ScenarioFacts Rich(string id, double forcing, double value, params double[] members) => Facts(id, ("skill", value), ("rain", value / 2)).Along("skill", 0.1, 0.3, 0.4, value) with
        {
            Members = [.. members.Select(static member => ImmutableSortedDictionary<string, double>.Empty.Add("skill", member))],
            Parameters = ImmutableSortedDictionary<string, double>.Empty.Add("forcing", forcing),
            Objectives = [new() { Name = "skill", TargetMetrics = ["skill"] }, new() { Name = "other", TargetMetrics = ["other"] }],
            Progress = 0.5,
            CoreHours = 100,
            Attempts = 4,
            FailedAttempts = 1,
        };
    }

    [Fact]
    public void What_settles_has_converged_and_what_jumps_is_not_stable()
    {
        var settled = Assess(Facts("a", ("loss", 1)).Along("loss", 9, 5, 3, 2, 1.2, 1.1, 1.05, 1))[0];
        var falling = Assess(Facts("a", ("loss", 1)).Along("loss", 8, 7, 6, 5, 4, 3, 2, 1))[0];
        var jumping = Assess(Facts("a", ("loss", 1)).Along("loss", 1, 9, 1, 9, 1, 9, 1, 9))[0];

        settled.Of(Criterion.Convergence)!.Score!.Value.ShouldBeGreaterThan(falling.Of(Criterion.Convergence)!.Score!.Value);
        falling.Of(Criterion.Stability)!.Score!.Value.ShouldBe(1, 1e-9);
        jumping.Of(Criterion.Stability)!.Score!.Value.ShouldBeLessThan(0.2);
        Assess(Facts("a", ("loss", 1)).Along("loss", 2, 1, 1))[0].Of(Criterion.Convergence)!.Score.ShouldBeNull();
    }

    [Fact]
    public void An_evaluator_of_the_caller_takes_the_place_of_the_one_for_its_criterion_and_nonsense_of_it_is_no_data()
    {
        var evaluator = new ScenarioEvaluator([new Fixed(Criterion.Novelty, 0.25, 0.5), new Fixed(Criterion.Accuracy, 7, 1)]);

        var assessment = evaluator.Evaluate([Facts("a", ("accuracy", 0.9))], static _ => 0.5, Noon)[0];

        assessment.Of(Criterion.Novelty)!.Score.ShouldBe(0.25);
        assessment.Of(Criterion.Accuracy)!.Score.ShouldBeNull();
        assessment.Of(Criterion.Accuracy)!.Reason.ShouldContain("0 to 1 is allowed");
    }

    [Fact]
    public void Evaluations_are_kept_and_two_of_them_can_be_compared()
    {
        var history = new AssessmentHistory();
        foreach (var value in new[] { 0.5, 0.7, 0.9 })
        {
            history = history.Add(Assess(Facts("a", ("accuracy", value))));
        }

        history.Of("a").Length.ShouldBe(3);
        history.Latest("a")!.Metrics["accuracy"].ShouldBe(0.9);
        (history.Latest("b"), history.Of("b").Length).ShouldBe((null, 0));
        var (differences, refusal) = history.Compare("a", 0, 1);
        refusal.ShouldBeNull();
        differences["accuracy"].ShouldBe(0.2, 1e-9);
        differences.ShouldContainKey("overall");
        history.Compare("a", 0, 10).Refusal.ShouldBe("second: there is no assessment 10 of \"a\"; 0 to 2 are allowed.");
        history.Compare("b", 0, 1).Refusal!.ShouldContain("never judged");
    }

    [Theory]
    [InlineData(0.25, 0.8, 1)]
    [InlineData(-0.25, 0.8, -1)]
    [InlineData(0.1, 0.8, 0)]
    [InlineData(0.3, 0.6, 0)]
    public void A_winner_is_clear_by_difference_and_confidence(double difference, double confidence, int winner) =>
        ScenarioComparison.ClearWinner(difference, confidence).ShouldBe(winner);

    private sealed class Fixed(Criterion criterion, double score, double confidence) : ICriterionEvaluator
    {
        public Criterion Criterion => criterion;

        public CriterionScore Evaluate(ScenarioFacts facts, ScenarioField field) => new() { Criterion = criterion, Score = score, Confidence = confidence, Reason = "fixed" };
    }
}
