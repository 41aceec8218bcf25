using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Explanations;

namespace Orchestrator.Core.Tests.Scheduling.Explanations;

public sealed class ExplainerTests
{
    [Fact]
    public void One_that_waits_is_told_who_is_ahead_and_when_it_starts_alone_and_in_turn()
    {
        var explanation = Explain(2, [Make.Node(1)], [Hours(1, 4, 5), Hours(2, 4, 1)], Running(3, 1, cores: 4, hours: 2));

        explanation.StartsNow.ShouldBeFalse();
        explanation.Reason.Constraint.ShouldBe(PlacementConstraint.FreeCores);
        explanation.Ahead.ShouldHaveSingleItem().Attempt.ShouldBe(Make.Attempt(1));
        explanation.Ahead[0].PlannedStart.ShouldBe(Make.Now.AddHours(2));
        explanation.EarliestStart.ShouldBe(Make.Now.AddHours(2));
        explanation.ExpectedStart.ShouldBe(Make.Now.AddHours(7));
        explanation.ExpectedUntil.ShouldBe(Make.Now.AddHours(7));
        explanation.Factors.Select(factor => factor.Name).ShouldBe(["age", "class", "deadline", "fair share", "promise", "size"]);
        explanation.Decision.ShouldContain("2 of 2");
    }

    [Fact]
    public void What_was_learned_gives_the_expected_start_and_estimates_the_end_of_its_interval()
    {
        var explanation = Explain(
            2,
            [Make.Node(1)],
            [Hours(1, 4, 8) with { DurationExpected = TimeSpan.FromHours(3) }, Hours(2, 4, 1)],
            Running(3, 1, cores: 4, hours: 6) with { EndExpected = Make.Now.AddHours(1) });

        explanation.ExpectedFrom.ShouldBe(Make.Now.AddHours(1));
        explanation.ExpectedStart.ShouldBe(Make.Now.AddHours(4));
        explanation.ExpectedUntil.ShouldBe(Make.Now.AddHours(14));
    }

    [Fact]
    public void A_walltime_short_enough_to_slip_in_before_the_place_of_one_ahead_is_found_to_the_minute()
    {
        var explanation = Explain(2, [Make.Node(1)], [Hours(1, 4, 8), Hours(2, 2, 5)], Running(3, 1, cores: 2, hours: 2));

        explanation.Reason.Constraint.ShouldBe(PlacementConstraint.NotAhead);
        explanation.Reason.For.ShouldBe(Make.Attempt(1).ToString());
        var change = explanation.Changes.Single(change => change.Kind == SoonerKind.ShorterWalltime);
        change.Value.ShouldBe(7200);
        change.Start.ShouldBe(Make.Now);
        change.Words.ShouldContain(Make.Attempt(1).ToString());
    }

    [Fact]
    public void The_largest_number_of_nodes_and_ranks_that_starts_now_is_found()
    {
        SchedulableNode[] nodes = [Make.Node(1), Make.Node(2), Make.Node(3), Make.Node(4)];

        Explain(1, nodes, [Hours(1, 4, 1, nodes: 4)], Running(3, 2, cores: 1, hours: 9)).Changes
            .Single(change => change.Kind == SoonerKind.FewerNodes).ShouldBe(new() { Kind = SoonerKind.FewerNodes, Value = 3, Start = Make.Now, Words = "ask for at most 3 nodes" });
        Explain(1, [Make.Node(1)], [Make.Request(1, new() { RanksPerNode = 4 }) with { DurationEstimate = TimeSpan.FromHours(1) }], Running(3, 1, cores: 1, hours: 9)).Changes
            .Single(change => change.Kind == SoonerKind.FewerRanks).Value.ShouldBe(3);
    }

    [Fact]
    public void Another_model_of_GPU_sharing_and_any_topology_are_advised_where_they_help()
    {
        var gpu = Explain(
            1,
            [Make.Node(1).WithGpus(("a", 8)), Make.Node(2).WithGpus(("b", 8))],
            [Make.Request(1, new() { GpusPerNode = 1, GpuModel = "a" }) with { DurationEstimate = TimeSpan.FromHours(1) }],
            Running(3, 1, cores: 1, hours: 9, gpus: [0]));
        var shared = Explain(1, [Make.Node(1)], [Make.Request(1, new() { Exclusive = true })], Running(3, 1, cores: 1, hours: 9));
        var together = Explain(
            1,
            [Make.Node(1) with { Topology = ["rack=a"] }, Make.Node(2) with { Topology = ["rack=a"] }, Make.Node(3) with { Topology = ["rack=b"] }],
            [Make.Request(1, new() { Nodes = 2, Threads = 4, Within = "rack" })],
            Running(3, 1, cores: 1, hours: 9));

        gpu.Changes.Single(change => change.Kind == SoonerKind.OtherGpu).Name.ShouldBe("b");
        shared.Changes.ShouldContain(change => change.Kind == SoonerKind.SharedNodes && change.Start == Make.Now);
        together.Reason.Constraint.ShouldBe(PlacementConstraint.Together);
        together.Changes.ShouldContain(change => change.Kind == SoonerKind.AnyTopology && change.Start == Make.Now);
    }

    [Fact]
    public void Before_a_window_cancelling_it_a_checkpoint_and_a_shorter_walltime_help()
    {
        var context = new SchedulingContext { Windows = [new() { Id = "cooling", Start = Make.Now.AddHours(2), End = Make.Now.AddHours(3) }] };

        var explanation = Explain(1, [Make.Node(1)], [Hours(1, 1, 5)], null, context);

        explanation.Reason.Constraint.ShouldBe(PlacementConstraint.Maintenance);
        explanation.Reason.For.ShouldBe("cooling");
        explanation.ExpectedStart.ShouldBe(Make.Now.AddHours(3));
        explanation.Changes.Where(change => change.Start == Make.Now).Select(change => change.Kind)
            .ShouldBe([SoonerKind.ShorterWalltime, SoonerKind.Checkpoints, SoonerKind.CancelWindow]);
    }

    [Fact]
    public void One_that_starts_and_one_that_does_not_wait_are_told_apart()
    {
        var problem = Make.Problem([Make.Node(1)], [Hours(1, 1, 1)]);

        var explanation = new Explainer(Make.PlainParts).Explain(new Scheduler(Make.Plain, Make.PlainParts).Fill(problem), Make.Attempt(1), Make.Now).ShouldNotBeNull();

        explanation.StartsNow.ShouldBeTrue();
        explanation.ExpectedStart.ShouldBe(Make.Now);
        new Explainer(Make.PlainParts).Explain(new Scheduler(Make.Plain, Make.PlainParts).Fill(problem), Make.Attempt(9), Make.Now).ShouldBeNull();
    }

    /// <summary>Each promise is kept when the change is made.</summary>
    [Fact]
    public void What_is_said_to_start_it_now_does()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var problem = RandomWorld.Of(seed);
            var workspace = new Scheduler(Make.Plain, Make.PlainParts).Fill(problem);
            foreach (var request in problem.Pending.Take(4))
            {
                var explanation = new Explainer(Make.PlainParts).Explain(workspace, request.Attempt, Make.Now).ShouldNotBeNull();
                foreach (var change in explanation.Changes.Where(change => change.Start == Make.Now && change.Kind is SoonerKind.FewerNodes or SoonerKind.ShorterWalltime))
                {
                    var changed = change.Kind == SoonerKind.FewerNodes
                        ? request with { Resources = request.Resources with { Nodes = (int)change.Value } }
                        : request with { DurationEstimate = TimeSpan.FromSeconds(change.Value) };
                    (problem with { Pending = problem.Pending.Replace(request, changed) }).Plan().Placements.ShouldContain(placement => placement.Attempt == request.Attempt, $"seed {seed} {change.Words}");
                }
            }
        }
    }

    private static AttemptExplanation Explain(int attempt, SchedulableNode[] nodes, PendingRequest[] pending, RunningLease? running, SchedulingContext? context = null)
    {
        var problem = Make.Problem(nodes, pending) with { Running = running is null ? [] : [running], Context = context ?? new() };
        return new Explainer(Make.PlainParts).Explain(new Scheduler(Make.Plain, Make.PlainParts).Fill(problem), Make.Attempt(attempt), Make.Now).ShouldNotBeNull();
    }

    private static PendingRequest Hours(int number, int cores, int hours, int nodes = 1) =>
        Make.Cores(number, cores, nodes) with { DurationEstimate = TimeSpan.FromHours(hours) };

    private static RunningLease Running(int number, int node, int cores, int hours, ImmutableArray<int>? gpus = null) => new()
    {
        Attempt = Make.Attempt(number),
        Shares = [new() { Node = Make.Id(node), Cores = [.. Enumerable.Range(0, cores)], Gpus = gpus ?? [] }],
        EndsBy = Make.Now.AddHours(hours),
    };
}
