using System.Collections.Immutable;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Core.Tests.Workflows.Graphs;

public sealed class WorkflowGraphTests
{
    /// <summary>1→2→3, 2→4.</summary>
    private static ImmutableArray<StageDefinition> Fork => [Stage("1"), Stage("2", "1"), Stage("3", "2"), Stage("4", "2")];

    [Fact]
    public void A_stage_and_an_edge_can_be_added()
    {
        var graph = Make(Fork);

        graph.Add(Stage("5")).ShouldBeNull();
        graph.Connect("4", new() { Stage = "3" }).ShouldBeNull();

        graph.IndexOf("5").ShouldBe(4);
        var edge = graph.To("4").Single(one => one.From == "3");
        edge.Kind.ShouldBe(DependencyKind.Sequential);
        edge.To.ShouldBe("4");
        new WorkflowTracker(graph, default).EdgesOf("4").ShouldBe([EdgeState.Pending, EdgeState.Pending]);
    }

    [Fact]
    public void An_edge_that_closes_a_cycle_is_refused_and_the_cycle_is_named()
    {
        var graph = Make(Fork);

        graph.Connect("1", new() { Stage = "3" }).ShouldBe("stages.1.after: a cycle: 1 → 2 → 3 → 1.");
        graph.EdgeCount.ShouldBe(3);
        graph.Add(Stage("6", "6"))!.ShouldContain("cycle");
        graph.Add(Stage("6", "9"))!.ShouldContain("'9'");
        graph.Connect("2", new() { Stage = "1" })!.ShouldContain("already");
    }

    [Fact]
    public void Edges_can_be_asked_for_and_taken_away()
    {
        var graph = Make(Fork);

        graph.From("2").Count.ShouldBe(2);
        graph.To("2").ShouldHaveSingleItem().From.ShouldBe("1");
        graph.Disconnect("2", "3").ShouldBeTrue();
        graph.Disconnect("2", "3").ShouldBeFalse();
        graph.From("2").ShouldHaveSingleItem().To.ShouldBe("4");
        graph.Roots.ShouldBe(["1", "3"]);
    }

    [Fact]
    public void Roots_leaves_levels_and_what_is_ready_follow_from_the_edges()
    {
        var graph = Make(Fork);

        graph.Roots.ShouldBe(["1"]);
        graph.Leaves.ShouldBe(["3", "4"]);
        graph.Ready(new HashSet<string>()).ShouldBe(["1"]);
        graph.Ready(new HashSet<string> { "1" }).ShouldBe(["2"]);
        graph.Ready(new HashSet<string> { "1", "2" }).ShouldBe(["3", "4"]);
        graph.BlockedBy("2", new HashSet<string>()).ShouldBe(["1"]);
        graph.BlockedBy("2", new HashSet<string> { "1" }).ShouldBeEmpty();
        Make([Stage("1"), Stage("2", "1"), Stage("3", "2")]).Levels().Select(level => string.Join(' ', level)).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public void Every_cycle_every_missing_stage_and_the_unreachable_part_are_named_at_once()
    {
        var (graph, problems) = WorkflowGraph.Of([Stage("a", "b"), Stage("b", "a"), Stage("c", "d"), Stage("d", "e"), Stage("e", "c"), Stage("f", "nowhere"), Stage("g", "f", "a"), Stage("ok"), Stage("ok")]);

        graph.ShouldBeNull();
        problems.ShouldContain(problem => problem.Contains("two stages"));
        problems.Count(problem => problem.Contains("cycle: stages")).ShouldBe(2);
        problems.ShouldContain(problem => problem.StartsWith("stages.f.after: there is no stage 'nowhere'"));
        problems.ShouldContain(problem => problem.Contains("f, g can never start"));
        Make(Fork).Count.ShouldBe(4);
    }

    [Fact]
    public void Expressions_and_joins_are_checked_with_the_graph()
    {
        var (_, problems) = WorkflowGraph.Of(
        [
            Stage("a"),
            new() { Name = "b", After = [new() { Stage = "a", When = "a.metrics.x <" }] },
            new() { Name = "c", After = [new() { Stage = "a", When = "z.exit == 0" }], Join = JoinRule.Any, JoinCount = 2 },
        ]);

        problems.Length.ShouldBe(3);
        problems[0].ShouldStartWith("stages.b.after.a.when: it ends where");
        problems[1].ShouldContain("'z'");
        problems[2].ShouldContain("2 of 1");
    }

    [Fact]
    public void A_document_carries_the_graph_and_where_it_stands()
    {
        var tracker = new WorkflowTracker(Make(Fork), default);
        tracker.Report("1", WorkflowTrackerTests.Completed, default);
        tracker.Bypass("2", "4", "anna", "not needed", default);

        var again = WorkflowDocument.Read(WorkflowDocument.Of("w", tracker).Write());
        var restored = again.Track(default);

        again.Id.ShouldBe("w");
        restored.Graph.Count.ShouldBe(4);
        restored.Graph.EdgeCount.ShouldBe(3);
        restored.Ready.ShouldBe(["2", "4"]);
        restored.MarksOf("4").ShouldHaveSingleItem().BypassedBy.ShouldBe("anna");
    }

    [Fact]
    public void The_critical_path_goes_by_learned_durations_and_the_rest_has_slack()
    {
        var graph = Make([Stage("mesh"), Stage("air", "mesh"), Stage("sea", "mesh"), Stage("join", "air", "sea")]);

        var timing = WorkflowTiming.Of(graph, new Dictionary<string, TimeSpan> { ["mesh"] = Minutes(10), ["air"] = Minutes(20), ["sea"] = Minutes(50), ["join"] = Minutes(5) });

        timing.CriticalPath.ShouldBe(["mesh", "sea", "join"]);
        timing.Duration.ShouldBe(Minutes(65));
        timing.Slack("air").ShouldBe(Minutes(30));
        timing.Slack("sea").ShouldBe(TimeSpan.Zero);
        timing.LatestStart("join").ShouldBe(Minutes(60));
    }

    [Fact]
    public void A_hundred_thousand_stages_are_validated_by_looking_at_each_edge_a_few_times()
    {
        const int Count = 100_000;
        StageDefinition[] stages = [.. Enumerable.Range(0, Count).Select(i => i == 0 ? Stage("0") : Stage(Name(i), Name(i / 2), Name(i - 1)))];

        var (graph, problems) = WorkflowGraph.Of(stages);

        problems.ShouldBeEmpty();
        graph!.Work.ShouldBeLessThan(6L * (graph.Count + graph.EdgeCount));
    }

    [Fact]
    public void Stages_are_added_one_by_one_at_a_cost_that_does_not_grow()
    {
        var graph = WorkflowGraph.Empty();
        for (var i = 0; i < 10_000; i++)
        {
            graph.Add(i == 0 ? Stage("0") : Stage(Name(i), Name(i - 1))).ShouldBeNull();
        }

        graph.Work.ShouldBeLessThanOrEqualTo(2 * 10_000);
    }

    internal static string Name(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal static StageDefinition Stage(string name, params string[] after) => new() { Name = name, Run = "true", After = [.. after.Select(other => new Dependency { Stage = other })] };

    internal static WorkflowGraph Make(ImmutableArray<StageDefinition> stages)
    {
        var (graph, problems) = WorkflowGraph.Of(stages);
        problems.ShouldBeEmpty();
        return graph!;
    }

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);
}
