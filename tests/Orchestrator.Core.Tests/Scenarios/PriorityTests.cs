using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Priorities;
using static Orchestrator.Core.Tests.Scenarios.Judge;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class PriorityTests
{
    [Theory]
    [InlineData(0.8, 0.6, 0.05, true)]
    [InlineData(0.8, 0.79, 0.05, false)]
    [InlineData(0.8, 0.75, 0.01, true)]
    public void A_difference_counts_from_the_threshold_on(double present, double wanted, double threshold, bool adjusts) =>
        ScenarioPriorities.ShouldAdjust(present, wanted, threshold).ShouldBe(adjusts);

    [Fact]
    public void A_small_change_is_none_but_the_time_is_kept_unless_it_is_forced()
    {
        var assessment = Flat("a", 0.9) with { SuggestedPriority = 0.51, Reasons = ["a little better"] };

        var after = new ScenarioPriorities().Follow(assessment, Noon);
        (after.Of("a"), after.Changes.Length, after.Priorities["a"].UpdatedAt).ShouldBe((0.5, 0, Noon));

        var forced = new ScenarioPriorities().Follow(assessment, Noon, force: true);
        forced.Of("a").ShouldBe(0.51);
        forced.Changes.ShouldHaveSingleItem().Reason.ShouldBe(PriorityReason.EvaluationChanged);
    }

    [Fact]
    public void A_ranking_becomes_priorities_where_it_changes_them_enough()
    {
        RankedScenario[] ranking = [One("a", 1, 0.9), One("b", 2, 0.7), One("c", 3, 0.5)];

        var after = new ScenarioPriorities().Follow(ranking, Noon);

        after.Changes.Select(static change => (change.Scenario, change.Reason)).ShouldBe([("a", PriorityReason.RelativeComparison), ("b", PriorityReason.RelativeComparison)]);
        (after.Of("a"), after.Of("b"), after.Of("c")).ShouldBe((0.9, 0.7, 0.5));
        new ScenarioPriorities().Follow(ranking[..1], Noon).ShouldBe(new());
    }

    [Theory]
    [InlineData(0.95, 0.95)]
    [InlineData(1.5, 1.0)]
    [InlineData(-0.5, 0.0)]
    public void A_person_sets_a_priority_within_its_bounds_and_evaluations_leave_it(double value, double kept)
    {
        var after = new ScenarioPriorities().Override("a", value, "ada", "the review is on Friday", Noon);

        after.Of("a").ShouldBe(kept);
        var change = after.Changes.ShouldHaveSingleItem();
        (change.Reason, change.Note, change.By).ShouldBe((PriorityReason.ManualOverride, "the review is on Friday", "ada"));
        var followed = after.Follow(Flat("a", 0.1) with { SuggestedPriority = 0.2 }, Noon.AddHours(4), force: true);
        followed.Of("a").ShouldBe(kept);
        followed.Changes[^1].Reason.ShouldBe(PriorityReason.ManualOverride);
        followed.TakeBack("a", "ada", "", Noon).Follow(Flat("a", 0.1) with { SuggestedPriority = 0.2 }, Noon, force: true).Of("a").ShouldBe(0.2);
        after.Override("a", value, "ada", "again", Noon).ShouldBeSameAs(after);
        Should.Throw<ArgumentOutOfRangeException>(() => after.Override("a", double.NaN, "", "", Noon)).Message.ShouldContain("0 to 1");
    }

    [Fact]
    public void Changes_are_found_by_scenario_by_time_and_by_count()
    {
        var after = new ScenarioPriorities().Override("a", 0.1, "", "", Noon.AddDays(-2)).Override("b", 0.9, "", "", Noon.AddHours(-1));

        after.ChangesOf("a").ShouldHaveSingleItem();
        after.ChangesOf(since: Noon.AddDays(-1)).ShouldHaveSingleItem().Scenario.ShouldBe("b");
        after.ChangesOf(limit: 1).ShouldHaveSingleItem().Scenario.ShouldBe("b");
    }

    [Fact]
    public void The_trend_is_in_the_order_of_time_and_within_its_window()
    {
        var after = new ScenarioPriorities();
        for (var day = 10; day >= 1; day--)
        {
            after = after.Override("a", 1 - (day / 10.0), "", "", Noon.AddDays(-day));
        }

        var (points, slope) = after.Trend("a", TimeSpan.FromDays(30), Noon);
        points.Length.ShouldBe(10);
        (points[0].Value, points[^1].Value).ShouldBe((0, 0.9));
        slope.ShouldBe(0.1, 1e-9);
        after.Trend("a", TimeSpan.FromDays(3), Noon).Points.Length.ShouldBe(3);
        after.Trend("b", TimeSpan.FromDays(3), Noon).PerDay.ShouldBe(0);
    }

    private static RankedScenario One(string scenario, int rank, double score) => new() { Scenario = scenario, Rank = rank, Score = score, Confidence = 0.8 };
}
