using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

public sealed class PlacementTests
{
    [Fact]
    public void The_first_node_by_id_with_room_is_taken_and_cores_are_disjoint()
    {
        var plan = Make.Problem([Make.Node(2), Make.Node(1)], [Make.Cores(1, 3), Make.Cores(2, 2), Make.Cores(3, 1)]).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(1));
        plan.Share(1).Cores.ShouldBe([0, 1, 2]);
        plan.Share(2).Node.ShouldBe(Make.Id(2));
        plan.Share(3).Node.ShouldBe(Make.Id(1));
        plan.Share(3).Cores.ShouldBe([3]);
    }

    [Fact]
    public void Priority_goes_before_submission_and_submission_decides_inside_a_class()
    {
        var plan = Make.Problem(
            [Make.Node(1)],
            [Make.Cores(1, 4, priority: PriorityClass.Low), Make.Cores(3, 4, priority: PriorityClass.High), Make.Cores(2, 4, priority: PriorityClass.High)]).Plan();

        plan.Placements.Select(placement => placement.Attempt).ShouldBe([Make.Attempt(2)]);
        plan.Waiting.Select(waiting => waiting.Attempt).ShouldBe([Make.Attempt(3), Make.Attempt(1)]);
    }

    [Fact]
    public void A_gang_takes_distinct_nodes()
    {
        var plan = Make.Problem([Make.Node(1), Make.Node(2), Make.Node(3)], [Make.Cores(1, 1, nodes: 3)]).Plan();

        plan.Shares(1).Select(share => share.Node).ShouldBe([Make.Id(1), Make.Id(2), Make.Id(3)]);
    }

    [Fact]
    public void A_gang_that_lacks_a_node_takes_nothing_and_leaves_the_room_to_others()
    {
        var plan = Make.Problem(
            [Make.Node(1), Make.Node(2)],
            [Make.Cores(1, 3, nodes: 2), Make.Cores(2, 4)],
            new NodeShare { Node = Make.Id(1), Cores = [0, 1] }).Plan();

        plan.Reason(1).ShouldBe(new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 2, NodesLeft = 1 });
        plan.Reason(1).NotEnoughFreeNow.ShouldBeTrue();
        plan.Share(2).Node.ShouldBe(Make.Id(2));
    }

    [Fact]
    public void What_is_leased_is_not_given_again()
    {
        var plan = Make.Problem(
            [Make.Node(1).WithGpus(("a", 8), ("a", 8))],
            [Make.Request(1, new() { GpusPerNode = 1, MemoryPerNode = 60 }), Make.Request(2, new() { MemoryPerNode = 1 })],
            new NodeShare { Node = Make.Id(1), Cores = [0, 2], Gpus = [0], Memory = 40 }).Plan();

        plan.Share(1).Cores.ShouldBe([1]);
        plan.Share(1).Gpus.ShouldBe([1]);
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.FreeMemory);
    }

    [Fact]
    public void Only_GPUs_of_the_model_and_memory_asked_for_count()
    {
        var plan = Make.Problem(
            [Make.Node(1).WithGpus(("small", 8), ("big", 40), ("big", 80))],
            [
                Make.Request(1, new() { GpusPerNode = 1, GpuModel = "big", GpuMemory = 60 }),
                Make.Request(2, new() { GpusPerNode = 2, GpuModel = "big" }),
                Make.Request(3, new() { GpusPerNode = 2, GpuModel = "small" }),
            ]).Plan();

        plan.Share(1).Gpus.ShouldBe([2]);
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.FreeGpus);
        plan.Reason(3).Constraint.ShouldBe(PlacementConstraint.Gpus);
    }

    [Fact]
    public void An_exclusive_attempt_wants_an_idle_node_and_keeps_others_off_it()
    {
        var plan = Make.Problem(
            [Make.Node(1), Make.Node(2)],
            [Make.Request(1, new() { Exclusive = true }), Make.Cores(2, 4), Make.Cores(3, 1, nodes: 2)],
            new NodeShare { Node = Make.Id(1), Cores = [0] }).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(2));
        plan.Reason(2).ShouldBe(new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 1, NodesLeft = 0, Ahead = 1 });
        plan.Reason(3).ShouldBe(new() { Constraint = PlacementConstraint.Exclusivity, NodesNeeded = 2, NodesLeft = 1, Ahead = 2 });
    }

    [Fact]
    public void Nothing_starts_that_cannot_end_before_the_allocation_does()
    {
        var node = Make.Node(1) with { AllocationEnd = Make.Now.AddHours(1) };
        var plan = Make.Problem(
            [node],
            [
                Make.Cores(1, 1) with { DurationEstimate = TimeSpan.FromHours(1) },
                Make.Cores(2, 1) with { DurationEstimate = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) },
                Make.Cores(3, 1),
            ]).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(1));
        plan.Reason(2).OutlastsAllocation.ShouldBeTrue();
        plan.Reason(3).OutlastsAllocation.ShouldBeTrue();
    }

    [Fact]
    public void An_allocation_that_has_ended_takes_nothing() =>
        Make.Problem([Make.Node(1) with { AllocationEnd = Make.Now }], [Make.Cores(1, 1) with { DurationEstimate = TimeSpan.Zero }])
            .Plan().Reason(1).OutlastsAllocation.ShouldBeTrue();

    [Fact]
    public void Draining_and_avoided_nodes_get_nothing_new()
    {
        var plan = Make.Problem(
            [Make.Node(1) with { Draining = true }, Make.Node(2)],
            [Make.Cores(1, 1) with { Avoid = [Make.Id(2)] }, Make.Cores(2, 1), Make.Cores(3, 1, nodes: 2)]).Plan();

        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.NotDraining);
        plan.Share(2).Node.ShouldBe(Make.Id(2));
        plan.Reason(3).ShouldBe(new() { Constraint = PlacementConstraint.NotDraining, NodesNeeded = 2, NodesLeft = 1, Ahead = 2 });
    }

    [Fact]
    public void What_no_empty_node_could_hold_never_fits()
    {
        var plan = Make.Problem(
            [Make.Node(1), Make.Node(2, memory: 200)],
            [
                Make.Cores(1, 1, nodes: 3),
                Make.Cores(2, 5),
                Make.Request(3, new() { Nodes = 2, MemoryPerNode = 150 }),
                Make.Request(4, new() { GpusPerNode = 1 }),
                Make.Request(5, new() { RanksPerNode = 65_536, Threads = 65_536 }),
                Make.Request(6, new() { Nodes = 0 }),
            ]).Plan();

        plan.Waiting.Select(waiting => waiting.Reason.Constraint).ShouldBe(
        [
            PlacementConstraint.NodeCount,
            PlacementConstraint.Cores,
            PlacementConstraint.Memory,
            PlacementConstraint.Gpus,
            PlacementConstraint.Cores,
            PlacementConstraint.ValidRequest,
        ]);
        plan.Waiting.ShouldAllBe(waiting => waiting.Reason.NeverFits);
        plan.Reason(3).ToString().ShouldBe("never fits, too few nodes have the memory: 1 of 2 nodes");
    }

    [Fact]
    public void A_problem_that_contradicts_itself_is_refused()
    {
        Should.Throw<ArgumentException>(() => Make.Problem([Make.Node(1), Make.Node(1)], []).Plan());
        Should.Throw<ArgumentException>(() => Make.Problem([], [Make.Cores(1, 1), Make.Cores(1, 1)]).Plan());
        Should.Throw<ArgumentException>(() => Make.Problem([], [], new NodeShare { Node = Make.Id(1) }).Plan());
    }
}
