using System.Collections.Immutable;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;
using static Orchestrator.Core.Tests.Workflows.Graphs.WorkflowGraphTests;

namespace Orchestrator.Core.Tests.Workflows.Graphs;

public sealed class WorkflowTemplateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_sequence_of_three_has_two_edges_and_its_instance_goes_through_them_in_order()
    {
        var instance = Run(WorkflowTemplates.Sequential(Stage("A"), Stage("B"), Stage("C")));

        instance.Stages.ShouldBe(new Dictionary<string, string> { ["A"] = "i-A", ["B"] = "i-B", ["C"] = "i-C" });
        instance.Tracker.Graph.EdgeCount.ShouldBe(2);
        (instance.Status, instance.Progress, instance.Total, instance.Completed).ShouldBe((WorkflowStatus.Scheduled, 0, 3, 0));
        instance.Next.ShouldBe(["A"]);
        instance.Update("A", StageStatus.Running, Noon);
        (instance.Status, instance.StartedAt).ShouldBe((WorkflowStatus.Running, Noon));
        instance.Update("A", StageStatus.Completed, Noon.AddHours(1));
        instance.EndOf("A").ShouldBe(Noon.AddHours(1));
        (instance.Completed, instance.Progress).ShouldBe((1, 1 / 3.0));
        instance.Next.ShouldBe(["B"]);
        instance.Update("B", StageStatus.Completed, Noon.AddHours(2));
        instance.Update("C", StageStatus.Completed, Noon.AddHours(3));
        (instance.Status, instance.EndedAt).ShouldBe((WorkflowStatus.Completed, Noon.AddHours(3)));
    }

    [Fact]
    public void Parallel_stages_stand_between_a_start_and_an_end()
    {
        var instance = Run(WorkflowTemplates.Parallel(Stage("X"), Stage("Y"), Stage("Z")));

        (instance.Total, instance.Tracker.Graph.EdgeCount).ShouldBe((5, 6));
        instance.Next.ShouldBe(["X", "Y", "Z"]);
    }

    [Fact]
    public void A_decision_takes_one_branch_and_both_meet_again()
    {
        var instance = Run(WorkflowTemplates.Conditional(Stage("check"), "check.metrics.err > 0.1", [Stage("refine"), Stage("again")], [Stage("publish")]));

        var change = instance.Update("check", new StageFacts { Status = StageStatus.Completed, Metrics = StageFacts.None.Metrics.Add("err", 0.01) }, Noon);

        change.Ready.ShouldBe(["i-publish"]);
        change.Skipped.ShouldBe(["i-refine", "i-again"]);
        instance.Update("publish", StageStatus.Completed, Noon).Passed.ShouldBe(["i-End"]);
        instance.Status.ShouldBe(WorkflowStatus.Completed);
    }

    [Fact]
    public void A_loop_ends_when_its_condition_is_true_and_a_failure_breaks_it()
    {
        var loop = WorkflowTemplates.Iterative(Stage("fit") with { Run = "fit {iteration}" }, 5, "this.metrics.err < 0.1");
        var instance = Run(loop);

        loop[1].Run.ShouldBe("fit 2");
        instance.Update("fit-1", Facts(0.5), Noon).Ready.ShouldBe(["i-fit-2"]);
        var end = instance.Update("fit-2", Facts(0.05), Noon);
        end.Skipped.ShouldBe(["i-fit-3", "i-fit-4", "i-fit-5"]);
        end.Passed.ShouldBe(["i-fit"]);

        var broken = Run(loop);
        broken.Update("fit-1", Facts(0.5), Noon);
        broken.Update("fit-2", StageStatus.Failed, Noon).Skipped.ShouldContain("i-fit");
        broken.Status.ShouldBe(WorkflowStatus.Failed);

        static StageFacts Facts(double error) => new() { Status = StageStatus.Completed, Metrics = StageFacts.None.Metrics.Add("err", error) };
    }

    [Fact]
    public void A_sweep_has_a_stage_for_each_point_and_an_ensemble_a_chain_for_each_date_and_member()
    {
        var sweep = WorkflowTemplates.Sweep(Stage("run") with { Run = "run -T {T} -p {p}" }, [new("T", ["300", "350"]), new("p", ["1", "2", "3"])]);
        var ensemble = WorkflowTemplates.Ensemble(Stage("sim") with { Run = "sim {date} {member} {chunk}/{chunks}" }, ["20260101", "20260201"], ["1", "2"], 3);

        sweep.Length.ShouldBe(7);
        sweep.Select(stage => stage.Run).Distinct().Count().ShouldBe(7);
        sweep[5].Run.ShouldBe("run -T 350 -p 3");
        ensemble.Length.ShouldBe(2 * 2 * 3 + 1);
        ensemble[2].Run.ShouldBe("sim 20260101 1 3/3");
        var instance = Run(ensemble);
        instance.Next.ShouldBe(["sim-20260101-1-1", "sim-20260101-2-1", "sim-20260201-1-1", "sim-20260201-2-1"]);
        instance.Update("sim-20260101-1-1", StageStatus.Completed, Noon).Ready.ShouldBe(["i-sim-20260101-1-2"]);
    }

    [Fact]
    public void A_template_that_is_no_graph_is_refused_with_every_problem() =>
        WorkflowInstance.Of("i", [Stage("a", "b"), Stage("b", "a")], Noon).Problems.ShouldHaveSingleItem().ShouldContain("cycle");

    private static WorkflowInstance Run(ImmutableArray<StageDefinition> template)
    {
        var (instance, problems) = WorkflowInstance.Of("i", template, Noon);
        problems.ShouldBeEmpty();
        return instance!;
    }
}
