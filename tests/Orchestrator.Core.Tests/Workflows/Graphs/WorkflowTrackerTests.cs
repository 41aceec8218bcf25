using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;
using static Orchestrator.Core.Tests.Workflows.Graphs.WorkflowGraphTests;

namespace Orchestrator.Core.Tests.Workflows.Graphs;

public sealed class WorkflowTrackerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal static StageFacts Completed => new() { Status = StageStatus.Completed, Progress = 1, ExitStatus = 0 };

    private static StageFacts Failed => new() { Status = StageStatus.Failed, ExitStatus = 3 };

    [Fact]
    public void A_stage_is_ready_once_all_that_it_waits_for_has_completed()
    {
        var tracker = Track(Stage("1"), Stage("2", "1"), Stage("3", "1", "2"));

        tracker.Ready.ShouldBe(["1"]);
        tracker.Report("1", Completed, Noon).Ready.ShouldBe(["2"]);
        tracker.EdgesOf("3").ShouldBe([EdgeState.Satisfied, EdgeState.Pending]);
        tracker.BlockedBy("3").ShouldBe(["2"]);
        tracker.Why("3", Noon).ShouldBe(["waits for 2 to complete"]);
    }

    [Fact]
    public void A_failure_breaks_the_edge_and_takes_the_error_way_where_there_is_one()
    {
        var tracker = Track(Stage("run"), Stage("plot", "run"), Stage("report", "plot"), After("rescue", new Dependency { Stage = "run", Condition = DependencyCondition.Failure }));

        var change = tracker.Report("run", Failed, Noon);

        change.Ready.ShouldBe(["rescue"]);
        change.Skipped.ShouldBe(["plot", "report"]);
        tracker.EdgesOf("plot").ShouldBe([EdgeState.Failed]);
        tracker.Why("plot", Noon).ShouldBe(["run failed"]);
    }

    [Fact]
    public void A_bypass_records_who_did_it_and_lets_the_stage_run_even_after_it_was_skipped()
    {
        var tracker = Track(Stage("1"), Stage("2", "1"), Stage("3", "2"));
        tracker.Report("1", Failed, Noon);

        var change = tracker.Bypass("1", "2", "anna", "results of last year do", Noon);

        change.Ready.ShouldBe(["2"]);
        tracker.EdgesOf("2").ShouldBe([EdgeState.Bypassed]);
        tracker.MarksOf("2").ShouldHaveSingleItem().ShouldSatisfyAllConditions(mark => mark.BypassedBy.ShouldBe("anna"), mark => mark.Why.ShouldBe("results of last year do"));
        tracker.FactsOf("3").Status.ShouldBe(StageStatus.Waiting);
        Should.Throw<ArgumentException>(() => tracker.Bypass("1", "3", "anna", null, Noon));
    }

    [Fact]
    public void Progress_files_delays_approvals_and_expressions_open_edges_when_they_come_true()
    {
        var tracker = Track(
            Stage("x"),
            After("early", new Dependency { Stage = "x", Condition = DependencyCondition.Progress, Progress = 0.5 }),
            After("data", new Dependency { Stage = "x", Condition = DependencyCondition.Artifact, Artifact = "frames/*.nc" }),
            After("late", new Dependency { Stage = "x", Delay = TimeSpan.FromHours(2) }),
            After("asked", new Dependency { Stage = "x", Approval = "anna" }),
            After("good", new Dependency { Stage = "x", When = "x.metrics.err < 0.1" }),
            After("bad", new Dependency { Stage = "x", When = "x.metrics.err >= 0.1" }));
        var running = new StageFacts { Status = StageStatus.Running, Progress = 0.5 };

        tracker.Report("x", running, Noon).Ready.ShouldBe(["early"]);
        tracker.Report("x", running with { Artifacts = [new() { Path = "frames/0001.nc" }] }, Noon).Ready.ShouldBe(["data"]);
        var change = tracker.Report("x", Completed with { Artifacts = [new() { Path = "frames/0001.nc" }], Metrics = running.Metrics.Add("err", 0.05) }, Noon);
        change.Ready.ShouldBe(["good"]);
        change.Skipped.ShouldBe(["bad"]);
        tracker.DueAt.ShouldBe(Noon.AddHours(2));
        tracker.Advance(Noon.AddHours(1)).Ready.ShouldBeEmpty();
        tracker.Advance(Noon.AddHours(2)).Ready.ShouldBe(["late"]);
        tracker.Why("asked", Noon).ShouldBe(["waits for anna to approve to go on after x"]);
        tracker.Approve("asked", "anna", null, Noon).Ready.ShouldBe(["asked"]);
    }

    [Fact]
    public void Triggers_hold_a_stage_after_its_dependencies_are_satisfied()
    {
        var tracker = Track(
            Stage("x"),
            Stage("manual", "x") with { Trigger = new() { Kind = TriggerKind.Manual } },
            Stage("timed") with { Trigger = new() { Kind = TriggerKind.Timed, At = Noon.AddMinutes(5) } },
            Stage("data") with { Trigger = new() { Kind = TriggerKind.Data, Artifact = "go" } },
            Stage("expression") with { Trigger = new() { Kind = TriggerKind.Expression, When = "x.progress > 0.2" } });

        tracker.Ready.ShouldBe(["x"]);
        tracker.Report("x", new() { Status = StageStatus.Running, Progress = 0.3 }, Noon).Ready.ShouldBe(["expression"]);
        tracker.Advance(Noon.AddMinutes(5)).Ready.ShouldBe(["timed"]);
        tracker.Report("x", Completed with { Artifacts = [new() { Path = "go" }] }, Noon).Ready.ShouldBe(["data"]);
        tracker.Approve("manual", "bert", null, Noon).Ready.ShouldBe(["manual"]);
    }

    [Fact]
    public void Joins_need_all_some_or_the_branches_that_were_taken()
    {
        var two = After("any", new Dependency { Stage = "a" }, new Dependency { Stage = "b" }, new Dependency { Stage = "c" }) with { Join = JoinRule.Any, JoinCount = 2 };
        var tracker = Track(Stage("a"), Stage("b"), Stage("c"), two, two with { Name = "settled", Join = JoinRule.Settled });

        tracker.Report("a", Completed, Noon).Ready.ShouldBeEmpty();
        tracker.Report("b", Completed, Noon).Ready.ShouldBe(["any"]);
        tracker.Report("c", new() { Status = StageStatus.Skipped }, Noon).Ready.ShouldBe(["settled"]);
    }

    [Fact]
    public void An_edge_on_what_another_stage_holds_is_satisfied_by_any_end()
    {
        var tracker = Track(Stage("a"), After("b", new Dependency { Stage = "a", Kind = DependencyKind.Resource }));

        tracker.Report("a", new() { Status = StageStatus.Cancelled }, Noon).Ready.ShouldBe(["b"]);
    }

    [Fact]
    public void Stages_and_edges_can_be_added_while_it_runs()
    {
        var tracker = Track(Stage("1"), Stage("2", "1"), Stage("3"));
        tracker.Report("1", Completed, Noon);

        tracker.Graph.Connect("3", new() { Stage = "1", Kind = DependencyKind.Data }).ShouldBeNull();
        tracker.Graph.Add(Stage("4", "2", "3")).ShouldBeNull();
        tracker.Grow(Noon, "3");

        tracker.Graph.To("3").ShouldHaveSingleItem().Kind.ShouldBe(DependencyKind.Data);
        tracker.Ready.ShouldBe(["2", "3"]);
        tracker.Report("2", Completed, Noon);
        tracker.Report("3", Completed, Noon).Ready.ShouldBe(["4"]);
    }

    [Fact]
    public void A_fan_out_to_seven_thousand_and_back_costs_what_it_has_edges()
    {
        string[] names = [.. Enumerable.Range(0, 7000).Select(i => $"m{Name(i)}")];
        var tracker = Track([Stage("first"), .. names.Select(name => Stage(name, "first")), Stage("last", names)]);
        var before = tracker.Work;

        tracker.Report("first", Completed, Noon).Ready.Length.ShouldBe(7000);
        foreach (var name in names)
        {
            tracker.Report(name, Completed, Noon);
        }

        tracker.Ready.ShouldBe(["last"]);
        (tracker.Work - before).ShouldBe(14_000);
    }

    [Fact]
    public void A_barrier_of_a_thousand_by_a_thousand_has_two_thousand_edges()
    {
        StageDefinition[] first = [.. Enumerable.Range(0, 1000).Select(i => Stage($"a{Name(i)}"))];
        var tracker = Track([.. first, WorkflowTemplates.Barrier("wall", [.. first]), .. Enumerable.Range(0, 1000).Select(i => Stage($"b{Name(i)}", "wall"))]);
        var before = tracker.Work;

        foreach (var stage in first)
        {
            tracker.Report(stage.Name, Completed, Noon);
        }

        tracker.FactsOf("wall").Status.ShouldBe(StageStatus.Completed);
        tracker.Ready.Count().ShouldBe(1000);
        tracker.Graph.EdgeCount.ShouldBe(2000);
        (tracker.Work - before).ShouldBe(2000);
    }

    [Fact]
    public void A_chain_of_ten_thousand_costs_the_same_at_its_end_as_at_its_beginning()
    {
        var tracker = Track([.. Enumerable.Range(0, 10_000).Select(i => i == 0 ? Stage("0") : Stage(Name(i), Name(i - 1)))]);
        var costs = new HashSet<long>();

        for (var i = 0; i < 9_999; i++)
        {
            var before = tracker.Work;
            tracker.Report(Name(i), Completed, Noon).Ready.ShouldBe([Name(i + 1)]);
            costs.Add(tracker.Work - before);
        }

        costs.ShouldBe([1]);
    }

    /// <summary>Random graphs, in which stages end in random order and ways, against the rules read off edge by edge.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_is_ready_is_what_the_rules_say_of_all_edges_at_once(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var stages = Enumerable.Range(0, random.Next(1, 25)).Select(i => RandomStage(random, i)).ToArray();
            var tracker = Track(stages);
            while (tracker.Ready.ToArray() is { Length: > 0 } ready)
            {
                Expected(tracker).ShouldBe(ready);
                var next = ready[random.Next(ready.Length)];
                tracker.Report(next, random.Next(4) switch { 0 => Failed, 1 => new() { Status = StageStatus.SoftFailed }, _ => Completed with { Metrics = Completed.Metrics.Add("m", random.NextDouble()) } }, Noon);
            }

            tracker.HasEnded.ShouldBeTrue($"seed {seed}, round {round}: {string.Join("; ", tracker.Graph.Stages.Where(stage => !tracker.FactsOf(stage.Name).IsFinal).Select(stage => stage.Name))}");
        }
    }

    private static string[] Expected(WorkflowTracker tracker) =>
    [
        .. tracker.Graph.Stages.Where(stage =>
        {
            if (tracker.FactsOf(stage.Name).Status != StageStatus.Waiting)
            {
                return false;
            }

            var edges = stage.After.Select(edge => EdgeRules.Judge(edge, null, tracker.FactsOf, Noon)).ToArray();
            return JoinRules.Of(
                stage, edges.Count(edge => edge.IsOpen), edges.Count(edge => edge.State == EdgeState.Pending), edges.Count(edge => edge.State == EdgeState.Failed), edges.Count(edge => edge.IsBrokenByFailure)) == JoinVerdict.Open;
        }).Select(stage => stage.Name),
    ];

    private static StageDefinition RandomStage(Random random, int number)
    {
        var edges = Enumerable.Range(0, number == 0 ? 0 : random.Next(4)).Select(_ => random.Next(number)).Distinct().Select(other => random.Next(6) switch
        {
            0 => new Dependency { Stage = $"s{Name(other)}", Condition = DependencyCondition.Failure },
            1 => new Dependency { Stage = $"s{Name(other)}", Condition = DependencyCondition.End },
            2 => new Dependency { Stage = $"s{Name(other)}", When = $"s{Name(other)}.metrics.m > 0.5" },
            3 => new Dependency { Stage = $"s{Name(other)}", Kind = DependencyKind.Resource },
            _ => new Dependency { Stage = $"s{Name(other)}" },
        });
        return new() { Name = $"s{Name(number)}", Run = "true", After = [.. edges], Join = (JoinRule)random.Next(4), Kind = random.Next(5) == 0 ? StageKind.Barrier : StageKind.Work };
    }

    private static StageDefinition After(string name, params Dependency[] edges) => Stage(name) with { After = [.. edges] };

    private static WorkflowTracker Track(params StageDefinition[] stages) => new(Make([.. stages]), Noon);
}
