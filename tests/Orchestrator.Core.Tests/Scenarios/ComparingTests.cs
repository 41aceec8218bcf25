using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using static Orchestrator.Core.Tests.Scenarios.Judge;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class ComparingTests
{
    public static TheoryData<ComparisonMethod> Methods => [.. Enum.GetValues<ComparisonMethod>().Skip(1)];

    public static TheoryData<RankingMethod> Rankings => [.. Enum.GetValues<RankingMethod>().Skip(1)];

    [Theory, MemberData(nameof(Methods))]
    public void The_better_one_is_above_by_every_method_and_below_when_turned(ComparisonMethod method)
    {
        var comparison = ScenarioComparer.Compare(Flat("a", 0.8), Flat("c", 0.3), method, Noon);

        (comparison.One, comparison.Other).ShouldBe(("a", "c"));
        comparison.Difference.ShouldBeInRange(0.2, 1);
        comparison.Confidence.ShouldBeInRange(0.7, 1);
        comparison.Winner.ShouldBe("a");
        comparison.Recommendation.ShouldStartWith("a is clearly better than c");
        comparison.Criteria.ShouldContain(static one => one.Criterion == Criterion.Accuracy && one.Difference > 0);
        comparison.Criteria.ShouldContain(static one => one.Criterion == Criterion.Efficiency);
        ScenarioComparer.Compare(Flat("c", 0.3), Flat("a", 0.8), method, Noon).Difference.ShouldBe(-comparison.Difference, 1e-12);
        comparison.Turned().Difference.ShouldBe(-comparison.Difference);
        comparison.Turned().Winner.ShouldBe("a");
        comparison.Turned().Recommendation.ShouldBe(comparison.Recommendation);
    }

    [Fact]
    public void The_history_of_two_is_found_from_either_side()
    {
        var history = new ComparisonHistory()
            .Add(ScenarioComparer.Compare(Flat("a", 0.8), Flat("b", 0.6), ComparisonMethod.Weighted, Noon))
            .Add(ScenarioComparer.Compare(Flat("b", 0.6), Flat("c", 0.3), ComparisonMethod.Weighted, Noon));

        history.Of("a", "b").ShouldHaveSingleItem().Difference.ShouldBe(0.2, 1e-9);
        var there = history.Of("b", "c").ShouldHaveSingleItem();
        history.Of("c", "b").ShouldHaveSingleItem().Difference.ShouldBe(-there.Difference);
        history.Of("a", "c").ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Rankings))]
    public void Of_three_each_gets_a_score_and_the_best_is_first(RankingMethod method)
    {
        var ranking = ScenarioRanking.Rank([Flat("c", 0.3), Flat("a", 0.8), Flat("b", 0.6)], method);

        ranking.Select(static one => (one.Scenario, one.Rank)).ShouldBe([("a", 1), ("b", 2), ("c", 3)]);
        ranking[0].Score.ShouldBe(1);
        ranking[2].Score.ShouldBeInRange(0, 0.99);
    }

    [Theory, MemberData(nameof(Rankings))]
    public void Members_of_one_ensemble_share_a_place_and_who_has_no_data_gets_none(RankingMethod method)
    {
        var ranking = ScenarioRanking.Rank([Flat("a1", 0.9, "a"), Flat("a2", 0.5, "a"), Flat("b", 0.2), Assess(Facts("none"))[0]], method);

        ranking.Single(static one => one.Scenario == "a1").Rank.ShouldBe(1);
        ranking.Single(static one => one.Scenario == "a2").Rank.ShouldBe(1);
        ranking[^1].ShouldBe(new RankedScenario { Scenario = "none", Rank = 0, Score = 0.5 });
        ScenarioComparer.Compare(Flat("a1", 0.9, "a"), Flat("a2", 0.5, "a"), ComparisonMethod.Direct, Noon).Refusal!.ShouldContain("members of one ensemble");
    }

    [Fact]
    public void What_is_not_dominated_is_on_the_front()
    {
        Assessment[] all =
        [
            Scores("fast", "", (Criterion.Efficiency, 0.9), (Criterion.Accuracy, 0.4)),
            Scores("good", "", (Criterion.Efficiency, 0.3), (Criterion.Accuracy, 0.9)),
            Scores("bad", "", (Criterion.Efficiency, 0.2), (Criterion.Accuracy, 0.4)),
        ];

        ScenarioRanking.ParetoFront(all).ShouldBe(["fast", "good"]);
        ScenarioComparer.Compare(all[0], all[1], ComparisonMethod.Pareto, Noon).Difference.ShouldBe(0);
    }

    [Fact]
    public void Pairs_complement_each_other_where_each_is_strong_and_one_alone_is_refused()
    {
        Assessment[] all =
        [
            Scores("fast", "", (Criterion.Efficiency, 0.9), (Criterion.Accuracy, 0.3)),
            Scores("good", "", (Criterion.Efficiency, 0.3), (Criterion.Accuracy, 0.9)),
            Scores("best", "", (Criterion.Efficiency, 0.95), (Criterion.Accuracy, 0.95)),
        ];

        var (pairs, refusal) = Complementarity.Pairs(all);

        refusal.ShouldBeNull();
        pairs.Length.ShouldBe(3);
        (pairs[0].One, pairs[0].Other, pairs[0].IsComplementary).ShouldBe(("fast", "good", true));
        (pairs[0].OneIsStronger[0], pairs[0].OtherIsStronger[0]).ShouldBe((Criterion.Efficiency, Criterion.Accuracy));
        pairs.Skip(1).ShouldAllBe(static pair => !pair.IsComplementary);
        Complementarity.Pairs(all[..1]).Refusal.ShouldBe("scenarios: there are 1; at least two are needed.");
    }

    [Fact]
    public void Alike_scenarios_make_a_group() =>
        Complementarity.Groups([Facts("a", ("tas", 287)), Facts("far", ("pr", 3)), Facts("b", ("tas", 288))])
            .Select(static group => string.Join(' ', group)).ShouldBe(["a b", "far"]);

    [Fact]
    public void Without_shared_data_nothing_follows()
    {
        var comparison = ScenarioComparer.Compare(Scores("a", "", (Criterion.Accuracy, 1)), Scores("b", "", (Criterion.Novelty, 0)), ComparisonMethod.Ensemble, Noon);

        (comparison.Difference, comparison.Confidence, comparison.Winner).ShouldBe((0, 0, null));
        comparison.Recommendation.ShouldContain("nothing follows");
        ScenarioComparer.Compare(Flat("a", 1), Flat("a", 1), ComparisonMethod.Direct, Noon).Refusal.ShouldNotBeNull();
        ScenarioComparer.Compare(Flat("a", 1), Flat("b", 1), ComparisonMethod.Absent, Noon).Refusal!.ShouldStartWith("method:");
    }
}
