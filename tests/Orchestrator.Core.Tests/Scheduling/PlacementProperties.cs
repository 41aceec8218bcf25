using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>What holds for every problem, checked by counting anew, without the policy's own books.</summary>
public sealed class PlacementProperties
{
    private static readonly Config Tries = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void No_node_is_given_more_than_it_has() => ForAll(problem =>
    {
        var shares = problem.Running.SelectMany(lease => lease.Shares).Concat(problem.Plan().Placements.SelectMany(placement => placement.Shares));

        foreach (var node in shares.GroupBy(share => share.Node))
        {
            var has = problem.Nodes.Single(candidate => candidate.Id == node.Key);
            var cores = node.SelectMany(share => share.Cores).ToList();
            var gpus = node.SelectMany(share => share.Gpus).ToList();
            cores.ShouldBeUnique();
            cores.ShouldAllBe(core => core >= 0 && core < has.Cores);
            gpus.ShouldBeUnique();
            gpus.ShouldAllBe(gpu => gpu >= 0 && gpu < has.Gpus.Length);
            node.Sum(share => share.Memory).ShouldBeLessThanOrEqualTo(has.Memory);
            (node.Count() == 1 || !node.Any(share => share.Exclusive)).ShouldBeTrue();
        }
    });

    [Fact]
    public void Every_attempt_is_placed_whole_or_waits_with_a_reason() => ForAll(problem =>
    {
        var plan = problem.Plan();

        plan.Placements.Select(placement => placement.Attempt).Concat(plan.Waiting.Select(waiting => waiting.Attempt))
            .ShouldBe(problem.Pending.Select(request => request.Attempt), ignoreOrder: true);
        plan.Waiting.ShouldAllBe(waiting => waiting.Reason.Constraint != PlacementConstraint.Absent && waiting.Reason.NodesLeft < waiting.Reason.NodesNeeded);
        foreach (var placement in plan.Placements)
        {
            var request = problem.Pending.Single(pending => pending.Attempt == placement.Attempt);
            placement.Shares.Select(share => share.Node).Distinct().Count().ShouldBe(request.Resources.Nodes);
            placement.Shares.Length.ShouldBe(request.Resources.Nodes);
            placement.Shares.ShouldAllBe(share => share.Cores.Length == request.Resources.CoresPerNode
                && share.Gpus.Length == request.Resources.GpusPerNode
                && share.Memory == request.Resources.MemoryPerNode);
            placement.Shares.ShouldAllBe(share => MayUse(problem.Nodes.Single(node => node.Id == share.Node), request));
        }
    });

    [Fact]
    public void The_same_problem_in_any_order_gives_the_same_plan() => ForAll(problem =>
    {
        var turned = problem with
        {
            Nodes = [.. problem.Nodes.Reverse()],
            Pending = [.. problem.Pending.Reverse()],
            Running = [.. problem.Running.Reverse()],
        };

        problem.Plan().Text().ShouldBe(problem.Plan().Text());
        turned.Plan().Text().ShouldBe(problem.Plan().Text());
    });

    [Fact]
    public void Nobody_that_fits_is_skipped_for_one_that_comes_later_but_where_it_would_delay_one_that_came_before() => ForAll(problem =>
    {
        var plan = problem.Plan();

        foreach (var request in problem.Pending.Where(pending => plan.Waiting.Any(waiting => waiting.Attempt == pending.Attempt)))
        {
            if (plan.Waiting.Single(waiting => waiting.Attempt == request.Attempt).Reason.Constraint == PlacementConstraint.NotAhead)
            {
                plan.Places.ShouldContain(place => ComesBefore(problem.Pending.Single(other => other.Attempt == place.Attempt), request));
                continue;
            }

            var before = problem.Pending.Where(other => ComesBefore(other, request)).Select(other => other.Attempt).ToHashSet();
            var taken = problem.Running.SelectMany(lease => lease.Shares).Concat(plan.Placements.Where(placement => before.Contains(placement.Attempt)).SelectMany(placement => placement.Shares)).ToList();
            problem.Nodes.Count(node => MayUse(node, request) && HasRoom(node, [.. taken.Where(share => share.Node == node.Id)], request.Resources))
                .ShouldBeLessThan(request.Resources.Nodes);
        }
    });

    private static bool ComesBefore(PendingRequest one, PendingRequest other) =>
        one.Priority > other.Priority || one.Priority == other.Priority && one.SubmissionOrder < other.SubmissionOrder;

    private static bool MayUse(SchedulableNode node, PendingRequest request) =>
        !node.Draining && !request.Avoid.Contains(node.Id)
        && (node.AllocationEnd is null || request.DurationEstimate is { } estimate && Make.Now + estimate <= node.AllocationEnd);

    private static bool HasRoom(SchedulableNode node, NodeShare[] taken, ResourceRequest wanted) =>
        node.Cores - taken.Sum(share => share.Cores.Length) >= wanted.CoresPerNode
        && node.Memory - taken.Sum(share => share.Memory) >= wanted.MemoryPerNode
        && node.Gpus.Where((gpu, number) => !taken.Any(share => share.Gpus.Contains(number))
            && (wanted.GpuModel is null || gpu.Model == wanted.GpuModel) && gpu.Memory >= wanted.GpuMemory).Count() >= wanted.GpusPerNode
        && !taken.Any(share => share.Exclusive) && !(wanted.Exclusive && taken.Length > 0);

    private static void ForAll(Action<SchedulingProblem> holds) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).Select(RandomProblem.Of).ToArbitrary(), holds).Check(Tries);
}
