using System.Text.Json;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Tests.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Hooks;

public sealed class HookTests
{
    private static readonly HookQuestion Question = Ask(10);

    [Fact]
    public void The_question_names_the_waiting_attempts_in_their_turn_with_all_that_their_priority_is_made_of()
    {
        using var question = JsonDocument.Parse(Question.Json);

        var root = question.RootElement;
        root.GetProperty("version").GetInt32().ShouldBe(1);
        root.GetProperty("waiting_in_all").GetInt32().ShouldBe(3);
        var waiting = root.GetProperty("waiting").EnumerateArray().ToArray();
        waiting.Select(item => item.GetProperty("attempt").GetString()).ShouldBe([Make.Attempt(2).ToString(), Make.Attempt(1).ToString(), Make.Attempt(3).ToString()]);
        waiting[0].GetProperty("class").GetString().ShouldBe("high");
        waiting[0].GetProperty("factors").EnumerateObject().Select(factor => factor.Name).ShouldBe(["class", "age", "fair_share", "deadline", "size", "promise"]);
        waiting[0].GetProperty("estimate").GetDouble().ShouldBe(3600);
        waiting[0].TryGetProperty("deadline", out _).ShouldBeFalse();
    }

    [Fact]
    public void No_more_than_so_many_are_told_and_only_of_those_an_answer_is_taken()
    {
        var question = Ask(1);

        question.Attempts.ShouldBe([Make.Attempt(2).ToString()]);
        HookAnswer.Read($$"""{"attempts":[{"attempt":"{{Make.Attempt(1)}}","veto":true}]}""", question, HookVerdicts.None, Make.Now).Verdicts.ShouldBeEmpty();
    }

    [Fact]
    public void An_answer_moves_and_vetoes()
    {
        var said = Read($$"""{"attempts":[{"attempt":"{{Make.Attempt(1)}}","priority":0.9,"reason":"a paper is due"},{"attempt":"{{Make.Attempt(2)}}","veto":true}]}""");

        said.Verdicts[Make.Attempt(1).ToString()].ShouldBe(new() { Priority = 0.9, Reason = "a paper is due" });
        said.Verdicts[Make.Attempt(2).ToString()].ShouldBe(new() { Veto = true });
        said.SaidAt.ShouldBe(Make.Now);
        said.FailedAt.ShouldBeNull();
        said.Ignored.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"attempt":"s-9/run@1","priority":0.5}""", "attempts[0].attempt: \"s-9/run@1\" was not asked about")]
    [InlineData("""{"attempt":"s-1/run@1","priority":1.5}""", "attempts[0].priority of s-1/run@1: 1.5 is not allowed; allowed: 0 to 1")]
    [InlineData("""{"attempt":"s-1/run@1","priority":"high"}""", "attempts[0].priority of s-1/run@1: \"high\" is not allowed; allowed: 0 to 1")]
    [InlineData("""{"attempt":"s-1/run@1","veto":1}""", "attempts[0].veto of s-1/run@1: 1 is not allowed; allowed: true, false")]
    [InlineData("""{"priority":1}""", "attempts[0].attempt: it is missing, or no text")]
    [InlineData("7", "attempts[0]: it is no object")]
    public void An_item_that_is_wrong_is_named_and_ignored_and_the_others_count(string item, string problem)
    {
        var said = Read($$"""{"attempts":[{{item}},{"attempt":"s-3/run@1","priority":0}]}""");

        said.Ignored.ShouldBe([problem]);
        said.Verdicts.Keys.ShouldBe(["s-3/run@1"]);
    }

    [Theory]
    [InlineData("", "the answer is no JSON (line 1)")]
    [InlineData("Traceback (most recent call last):", "the answer is no JSON (line 1)")]
    [InlineData("[]", "the answer is no object with a list \"attempts\"")]
    [InlineData("""{"attempts":{}}""", "the answer is no object with a list \"attempts\"")]
    public void What_is_no_answer_leaves_the_last_verdicts_and_says_why(string text, string problem)
    {
        var last = Read("""{"attempts":[{"attempt":"s-3/run@1","priority":0}]}""");

        var said = HookAnswer.Read(text, Question, last, Make.Now.AddMinutes(1));

        said.ShouldBe(last with { FailedAt = Make.Now.AddMinutes(1), Error = problem });
    }

    [Fact]
    public void What_is_vetoed_does_not_start_and_the_hooks_words_are_the_reason()
    {
        var problem = Make.Problem([Make.Node(1)], [Make.Cores(1, 1), Make.Cores(2, 1)]);
        var hook = new HookVerdicts { Verdicts = HookVerdicts.None.Verdicts.Add(Make.Attempt(1).ToString(), new() { Veto = true, Reason = "no more of these today" }) };

        var plan = new Scheduler().Plan(problem with { Context = new() { Hook = hook } }, Make.Now);

        plan.Placements.Select(placement => placement.Attempt).ShouldBe([Make.Attempt(2)]);
        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.Hook);
        plan.Reason(1).For.ShouldBe("no more of these today");
    }

    private static HookVerdicts Read(string text) => HookAnswer.Read(text, Question, HookVerdicts.None, Make.Now);

    private static HookQuestion Ask(int most)
    {
        PendingRequest Request(int number, PriorityClass priority) =>
            Make.Cores(number, 1, priority: priority) with { QueuedSince = Make.Now, DurationEstimate = TimeSpan.FromHours(1) };
        return HookQuestion.Of(View.Of(Request(1, PriorityClass.Medium), Request(2, PriorityClass.High), Request(3, PriorityClass.Low)).Ranked(), Make.Now, most);
    }
}
