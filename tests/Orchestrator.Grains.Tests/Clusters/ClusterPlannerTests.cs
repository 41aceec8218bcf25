using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Grains.Clusters;

namespace Orchestrator.Grains.Tests.Clusters;

public sealed class ClusterPlannerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableDictionary<AttemptId, DateTimeOffset> NoCheckpoints = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;

    [Fact]
    public async Task A_plan_that_was_given_up_and_ends_late_leaves_nothing_behind()
    {
        var token = TestContext.Current.CancellationToken;
        using var slow = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = 0;
        var planner = new ClusterPlanner(new PlanRunner(settings => new Gated(new SchedulingWorkspace(settings, SchedulerParts.Default), Interlocked.Increment(ref opened) == 1 ? Waiting : null)), new());
        var state = Seen(new(), "n-1");
        var late = planner.PlanAsync(state, NoCheckpoints, Noon, token);
        await begun.Task.WaitAsync(token);
        var fact = new ClusterFact.Requested { Request = new() { Attempt = new(new SimulationId("s-1"), "run", 1), SubmittedAt = Noon } };
        state = ClusterMachine.Apply(state, fact, Noon);
        planner.Note([fact], state);
        var second = await planner.PlanAsync(state, NoCheckpoints, Noon, token);

        slow.Set();
        await Should.ThrowAsync<OperationCanceledException>(late);

        planner.Plan.ShouldBe(second);
        (await planner.PlanAsync(state, NoCheckpoints, Noon, token)).Placements.ShouldHaveSingleItem().Attempt.ShouldBe(fact.Request.Attempt);

        void Waiting()
        {
            begun.SetResult();
            slow.Wait(token);
        }
    }

    private static ClusterState Seen(ClusterState state, string node) => ClusterMachine.Apply(
        state, new ClusterFact.NodeChanged { Inventory = new() { Id = new NodeId(node), Version = 1, Status = NodeStatus.Alive, Capabilities = new() { Cores = 4 } } }, Noon);

    /// <summary>Plans only once its gate lets it.</summary>
    private sealed class Gated(SchedulingWorkspace inner, Action? gate) : ISchedulingWorkspace
    {
        public IReadOnlyCollection<PendingRequest> Pending => inner.Pending;

        public void SetNode(SchedulableNode node) => inner.SetNode(node);

        public void RemoveNode(NodeId node) => inner.RemoveNode(node);

        public void Enqueue(PendingRequest request) => inner.Enqueue(request);

        public void Withdraw(AttemptId attempt) => inner.Withdraw(attempt);

        public void SetRunning(RunningLease lease) => inner.SetRunning(lease);

        public void End(AttemptId attempt) => inner.End(attempt);

        public void SetContext(SchedulingContext context) => inner.SetContext(context);

        public SchedulingPlan Plan(DateTimeOffset now)
        {
            gate?.Invoke();
            return inner.Plan(now);
        }
    }
}
