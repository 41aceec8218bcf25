using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Criteria;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class OutsideEvaluationTests
{
    private static readonly HashSet<string> Known = ["a", "b"];

    [Fact]
    public void The_question_says_what_is_known_and_leaves_out_what_is_no_number()
    {
        var question = OutsideEvaluation.Question([Judge.Facts("a", ("tas", 287), ("broken", double.NaN)).Along("tas", 1, 2)]);

        using var json = JsonDocument.Parse(question);
        var scenario = json.RootElement.GetProperty("scenarios")[0];
        scenario.GetProperty("id").GetString().ShouldBe("a");
        scenario.GetProperty("metrics").EnumerateObject().Select(static metric => metric.Name).ShouldBe(["tas"]);
        scenario.GetProperty("history").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void Scores_take_the_place_of_their_criterion_and_who_is_not_named_has_no_data()
    {
        var (scores, ignored) = OutsideEvaluation.Read("""{"scores":[{"scenario":"a","criterion":"novelty","score":0.7,"confidence":0.5,"reason":"rare"},{"scenario":"a","criterion":"Novelty","score":0.8}]}""", Known);
        ignored.ShouldBeEmpty();
        var state = After(Define("a: a1; b: b1"), Observed("a1", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 1))), Observed("b1", Event(1, EventKinds.StageProgressed, 0.1, ("tas", 2))));

        var after = Step(state, new ScenarioInput.Scored(scores));

        var novelty = ScenarioMachine.Assess(after, Noon).Select(static one => one.Of(Criterion.Novelty)!).ToArray();
        (novelty[0].Score, novelty[0].Reason).ShouldBe((0.8, "the site's evaluator says so"));
        (novelty[1].Score, novelty[1].Confidence).ShouldBe((null, 0));
        Step(after, new ScenarioInput.Scored(OutsideEvaluation.Read("""{"scores":[{"scenario":"a","criterion":"novelty","score":0.8}]}""", Known).Scores)).ShouldBeSameAs(after);
        Step(after, new ScenarioInput.Scored(ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>.Empty)).OutsideScores.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense", "no JSON")]
    [InlineData("[]", "no list \"scores\"")]
    [InlineData("""{"scores":[3]}""", "scores[0].scenario")]
    [InlineData("""{"scores":[{"scenario":"x","criterion":"novelty","score":0.5}]}""", "none of the question")]
    [InlineData("""{"scores":[{"scenario":"a","criterion":"beauty","score":0.5}]}""", "novelty")]
    [InlineData("""{"scores":[{"scenario":"a","criterion":"3","score":0.5}]}""", "criterion")]
    [InlineData("""{"scores":[{"scenario":"a","criterion":"novelty","score":1.5}]}""", "0 to 1")]
    [InlineData("""{"scores":[{"scenario":"a","criterion":"novelty","score":0.5,"confidence":"high"}]}""", "confidence")]
    public void What_cannot_be_used_is_named_and_ignored(string answer, string problem)
    {
        var (scores, ignored) = OutsideEvaluation.Read(answer, Known);

        scores.ShouldBeEmpty();
        ignored.ShouldHaveSingleItem().ShouldContain(problem);
    }
}
