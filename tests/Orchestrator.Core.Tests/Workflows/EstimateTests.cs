using System.Collections.Immutable;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Workflows;

public sealed class EstimateTests
{
    private static readonly ImmutableArray<StageDefinition> Diamond =
    [
        Stage("mesh", 10), Stage("air", 30, cores: 4, after: ["mesh"]), Stage("sea", 50, after: ["mesh"]), Stage("join", 5, after: ["air", "sea"]),
    ];

    [Fact]
    public void The_critical_path_is_the_longest_one_and_core_time_counts_all_cores()
    {
        var estimate = WorkflowEstimate.Of(Diamond);

        estimate.CriticalPath.ShouldBe(["mesh", "sea", "join"]);
        estimate.CriticalPathDuration.ShouldBe(TimeSpan.FromMinutes(65));
        estimate.CoreTime.ShouldBe(TimeSpan.FromMinutes(10 + 120 + 50 + 5));
        estimate.Levels.Select(level => string.Join(' ', level)).ShouldBe(["mesh", "air sea", "join"]);
    }

    [Fact]
    public void A_dependency_on_progress_is_satisfied_before_the_end()
    {
        var early = new StageDefinition { Name = "plot", EstimatedDuration = TimeSpan.FromMinutes(10), After = [new() { Stage = "run", Condition = DependencyCondition.Progress, Progress = 0.5 }] };

        WorkflowEstimate.Of([Stage("run", 40), early]).CriticalPathDuration.ShouldBe(TimeSpan.FromMinutes(40));
        MakespanEstimate.Of([[Stage("run", 40), early with { EstimatedDuration = TimeSpan.FromMinutes(30) }]], 2, 1).Duration.ShouldBe(TimeSpan.FromMinutes(50));
    }

    [Fact]
    public void Stages_that_wait_for_each_other_are_refused() =>
        Should.Throw<ArgumentException>(() => WorkflowEstimate.Of([Stage("a", 1, after: ["b"]), Stage("b", 1, after: ["a"])]));

    [Theory]
    [InlineData(1, 4, 95)]
    [InlineData(2, 4, 65)]
    [InlineData(1, 5, 65)]
    public void The_end_depends_on_the_nodes(int nodes, int cores, int minutes) =>
        MakespanEstimate.Of([Diamond], nodes, cores).Duration.ShouldBe(TimeSpan.FromMinutes(minutes));

    [Fact]
    public void Twelve_simulations_on_four_nodes_take_three_rounds() =>
        MakespanEstimate.Of([.. Enumerable.Repeat(ImmutableArray.Create(Stage("only", 15)), 12)], 4, 1).Duration.ShouldBe(TimeSpan.FromMinutes(45));

    [Fact]
    public void A_stage_that_fits_nowhere_is_named()
    {
        var estimate = MakespanEstimate.Of([Diamond], 1000, 3);

        estimate.Duration.ShouldBeNull();
        estimate.Misfit!.Name.ShouldBe("air");
    }

    [Fact]
    public void What_is_too_much_to_play_through_gets_a_bound()
    {
        var estimate = MakespanEstimate.Of([.. Enumerable.Repeat(ImmutableArray.Create(Stage("only", 10)), 10_000)], 10_000, 1);

        estimate.IsBound.ShouldBeTrue();
        estimate.Duration.ShouldBe(TimeSpan.FromMinutes(10));
    }

    private static StageDefinition Stage(string name, int minutes, int cores = 1, params string[] after) => new()
    {
        Name = name,
        EstimatedDuration = TimeSpan.FromMinutes(minutes),
        Resources = new() { Threads = cores },
        After = [.. after.Select(other => new Dependency { Stage = other })],
    };
}
