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

    private static SchedulingWorkspace Open() => new(new(), SchedulerParts.Default with { Preemption = new PreemptionPlanner() });

    private static string Text(SchedulingPlan plan) => System.Text.Json.JsonSerializer.Serialize(plan with { Places = [] });
}
