using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>A workspace that is told what changed makes the plans of one that is told everything.</summary>
public sealed class ClusterFeedTests
{
    private static readonly ImmutableDictionary<AttemptId, DateTimeOffset> NoCheckpoints = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;

    [Fact]
    public void Plans_on_changes_are_the_plans_on_everything_over_random_histories()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var workspace = Open();
            ClusterFeed.Fill(workspace, new(), ClusterPlanning.Context(new()), NoCheckpoints);
            var changes = new ClusterChanges();
            var told = 0;
            ClusterHistoryTests.Play(new Random(seed), steps: 80, seed, story =>
            {
                foreach (var (fact, _) in story.Ledger.Skip(told))
                {
                    changes.Note(fact);
                }

                told = story.Ledger.Count;
                if (story.Ledger.Count % 3 != 0)
                {
                    return;
                }

                ClusterFeed.Apply(workspace, story.State, changes, changes.Context ? ClusterPlanning.Context(story.State) : null, NoCheckpoints);
                changes = new();
                var fresh = Open();
                ClusterFeed.Fill(fresh, story.State, ClusterPlanning.Context(story.State), NoCheckpoints);
                Text(workspace.Plan(story.Now)).ShouldBe(Text(fresh.Plan(story.Now)), $"seed {seed}, version {story.State.Version}");
            });
        }
    }

    [Fact]
    public void Work_goes_to_the_node_that_holds_what_it_reads()
    {
        var story = With(nodes: 2);
        story.Request(1, cores: 1);
        var state = story.State;
        var (key, queued) = state.Queue.Single();
        var holder = state.Nodes[Node(2).Value];
        state = state with
        {
            Queue = state.Queue.SetItem(key, queued with { Request = queued.Request with { Data = ["era5"] } }),
            Nodes = state.Nodes.SetItem(Node(2).Value, holder with { Inventory = holder.Inventory with { Capabilities = holder.Inventory.Capabilities with { Holds = ["era5", "ocean"] } } }),
        };
        var workspace = Open();

        ClusterFeed.Fill(workspace, state, ClusterPlanning.Context(state), NoCheckpoints);

        workspace.Plan(story.Now).Placements.ShouldHaveSingleItem().Shares.ShouldHaveSingleItem().Node.ShouldBe(Node(2));
    }

    [Fact]
    public void What_was_set_of_work_later_reaches_the_workspace()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        story.Request(2, cores: 4);
        story.Request(3, cores: 4);
        var workspace = Open();
        ClusterFeed.Fill(workspace, story.State, ClusterPlanning.Context(story.State), NoCheckpoints);
        workspace.Plan(story.Now).Waiting[0].Attempt.ShouldBe(Attempt(2));
        var changes = new ClusterChanges();

        foreach (var fact in story.Step(new ClusterInput.PrioritySet(new() { Target = "s-3", Value = 1 })))
        {
            changes.Note(fact);
        }

        ClusterFeed.Apply(workspace, story.State, changes, null, NoCheckpoints);
        workspace.Plan(story.Now).Waiting[0].Attempt.ShouldBe(Attempt(3));
    }

    [Fact]
    public void A_run_that_confirms_what_was_expected_costs_those_who_wait_nothing_and_another_is_told_to_all_of_its_user_that_asked_for_the_same()
    {
        var story = With(nodes: 1);
        foreach (var number in Enumerable.Range(1, 8))
        {
            story.Request(number, cores: 4, user: "ada");
        }

        story.Request(9, cores: 4, user: "bob");
        story.Plan();
        var workspace = new Counting(Open());
        ClusterFeed.Fill(workspace, story.State, ClusterPlanning.Context(story.State), NoCheckpoints);
        workspace.Enqueued.Clear();

        Ended(1, hours: 1);
        workspace.Enqueued.ShouldBe(Enumerable.Range(2, 7).Select(static number => Attempt(number)), ignoreOrder: true);
        workspace.Pending.Where(static pending => pending.Owner.User == "ada").ShouldAllBe(static pending => pending.DurationExpected == TimeSpan.FromHours(1));
        Ended(2, hours: 1);
        workspace.Enqueued.ShouldBeEmpty();
        var last = 2;
        while (workspace.Enqueued.Count == 0)
        {
            // One that takes longer is an outlier; when more do, that is what is expected.
            last.ShouldBeLessThan(7);
            Ended(++last, hours: 3);
        }

        workspace.Enqueued.Count.ShouldBe(8 - last);
        workspace.Pending.Single(static pending => pending.Owner.User == "bob").DurationExpected.ShouldBeNull();

        void Ended(int number, int hours)
        {
            story.Plan();
            story.Status(number).State.ShouldBe(LeaseState.Granted);
            var changes = new ClusterChanges();
            var told = story.Ledger.Count;
            story.Pass(TimeSpan.FromHours(hours));
            story.Step(new ClusterInput.Released(Attempt(number), new() { End = Core.Simulations.AttemptEnd.Completed, Held = TimeSpan.FromHours(hours) }));
            story.See(1, done: long.MaxValue);
            foreach (var (fact, _) in story.Ledger.Skip(told))
            {
                changes.Note(fact);
            }

            workspace.Withdraw(Attempt(number));
            workspace.Enqueued.Clear();
            ClusterFeed.Apply(workspace, story.State, changes, ClusterPlanning.Context(story.State), NoCheckpoints);
        }
    }

    /// <summary>Notes who is told anew.</summary>
    private sealed class Counting(SchedulingWorkspace inner) : ISchedulingWorkspace
    {
        public List<AttemptId> Enqueued { get; } = [];

        public IReadOnlyCollection<PendingRequest> Pending => inner.Pending;

        public void SetNode(SchedulableNode node) => inner.SetNode(node);

        public void RemoveNode(NodeId node) => inner.RemoveNode(node);

        public void Enqueue(PendingRequest request)
        {
            Enqueued.Add(request.Attempt);
            inner.Enqueue(request);
        }

        public void Withdraw(AttemptId attempt) => inner.Withdraw(attempt);

        public void SetRunning(RunningLease lease) => inner.SetRunning(lease);

        public void End(AttemptId attempt) => inner.End(attempt);

        public void SetContext(SchedulingContext context) => inner.SetContext(context);

        public SchedulingPlan Plan(DateTimeOffset now) => inner.Plan(now);
    }

    private static SchedulingWorkspace Open() => new(new(), SchedulerParts.Default with { Preemption = new PreemptionPlanner() });

    private static string Text(SchedulingPlan plan) => System.Text.Json.JsonSerializer.Serialize(plan with { Places = [] });
}
