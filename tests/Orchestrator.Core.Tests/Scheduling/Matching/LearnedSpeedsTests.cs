using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Matching;

public sealed class LearnedSpeedsTests
{
    private static readonly ResourceRequest Plain = new();

    [Fact]
    public void Thirty_seconds_a_frame_move_1_8_a_fifth_of_the_way_to_2()
    {
        var before = LearnedSpeeds.Empty with { Speeds = LearnedSpeeds.Empty.Speeds.Add("vfx|gpu", 1.8) };

        var after = before.Learn("vfx", Plain, "gpu", LearnedSpeeds.SpeedOfUnit(TimeSpan.FromSeconds(30)));

        after.Of("vfx", "gpu").ShouldBe(0.8 * 1.8 + 0.2 * 2.0, 1e-12);
    }

    [Fact]
    public void What_was_never_seen_has_the_usual_speed()
    {
        LearnedSpeeds.Empty.Of("vfx", "gpu").ShouldBe(1);
        LearnedSpeeds.Empty.Learn("vfx", Plain, "gpu", 2).Of("vfx", "cpu").ShouldBe(1);
        LearnedSpeeds.Empty.Learn("vfx", Plain, "gpu", 2).Of("vfx", "gpu").ShouldBe(1.2, 1e-12);
    }

    [Theory]
    [InlineData(0.001, 10)]
    [InlineData(10_000, 0.1)]
    public void Observations_are_taken_to_the_limits(double seconds, double expected) =>
        LearnedSpeeds.Empty.Learn("x", Plain, "n", LearnedSpeeds.SpeedOfUnit(TimeSpan.FromSeconds(seconds)), rate: 1).Of("x", "n").ShouldBe(expected);

    [Fact]
    public void However_much_is_observed_a_speed_stays_in_its_limits()
    {
        var speeds = LearnedSpeeds.Empty;
        for (var time = 0; time < 200; time++)
        {
            speeds = speeds.Learn("x", Plain, "n", 1e9);
        }

        speeds.Of("x", "n").ShouldBeInRange(9.99, 10);
    }

    [Fact]
    public void Work_of_an_unknown_kind_has_the_speed_of_work_that_needs_the_like()
    {
        var gpu = new ResourceRequest { GpusPerNode = 1, MemoryPerNode = 20L << 30 };
        var speeds = LearnedSpeeds.Empty.Learn("vfx", gpu, "gpu", 4, rate: 1);

        speeds.Of("never-seen", new() { GpusPerNode = 2 }, "gpu").ShouldBe(4);
        speeds.Of("never-seen", new() { MemoryPerNode = 63L << 30 }, "gpu").ShouldBe(4);
        speeds.Of("never-seen", new() { MemoryPerNode = 64L << 30 }, "gpu").ShouldBe(1);
        speeds.Of("never-seen", Plain, "gpu").ShouldBe(1);
    }

    [Fact]
    public void Speeds_fade_to_the_usual_one_and_are_forgotten()
    {
        var speeds = LearnedSpeeds.Empty.Learn("x", Plain, "n", 4, rate: 1).Learn("y", Plain, "n", 0.25, rate: 1);

        speeds.Decay(0.5).Of("x", "n").ShouldBe(2, 1e-12);
        speeds.Decay(0.5).Of("y", "n").ShouldBe(0.5, 1e-12);
        speeds.Decay(0.001).Speeds.ShouldBeEmpty();
        speeds.Decay(1).Speeds.ShouldBe(speeds.Speeds);
    }

    [Fact]
    public void What_is_kept_is_bounded_and_what_says_the_most_stays()
    {
        var many = LearnedSpeeds.Empty.Speeds.ToBuilder();
        for (var kind = 0; kind < LearnedSpeeds.Most; kind++)
        {
            many[$"k{kind}|n"] = 1.01;
        }

        var speeds = (LearnedSpeeds.Empty with { Speeds = many.ToImmutable() }).Learn("x", Plain, "n", 5);

        speeds.Speeds.Count.ShouldBe(LearnedSpeeds.Most);
        speeds.Of("x", "n").ShouldBe(1.8, 1e-12);
    }

    [Fact]
    public void An_impossible_observation_is_refused_by_name()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => LearnedSpeeds.Empty.Learn("x", Plain, "n", 0)).ParamName.ShouldBe("observed");
        Should.Throw<ArgumentOutOfRangeException>(() => LearnedSpeeds.Empty.Learn("x", Plain, "n", double.NaN)).ParamName.ShouldBe("observed");
        Should.Throw<ArgumentOutOfRangeException>(() => LearnedSpeeds.Empty.Learn("x", Plain, "n", 1, rate: 2)).ParamName.ShouldBe("rate");
        Should.Throw<ArgumentOutOfRangeException>(() => LearnedSpeeds.Empty.Decay(-1)).ParamName.ShouldBe("kept");
        Should.Throw<ArgumentOutOfRangeException>(() => LearnedSpeeds.SpeedOfUnit(TimeSpan.Zero)).ParamName.ShouldBe("taken");
        Should.Throw<ArgumentException>(() => LearnedSpeeds.Empty.Learn("x", Plain, "", 1)).ParamName.ShouldBe("nodeKind");
    }

    [Fact]
    public void The_report_has_one_map_for_each_node_with_the_kinds_of_work_its_kind_has_seen()
    {
        var farm = Farm.Of(Farm.Gpu(1), Farm.Gpu(2), Farm.Cpu(1));
        var speeds = LearnedSpeeds.Empty.Learn("vfx", new() { GpusPerNode = 1, MemoryPerNode = 5 }, "gpu/rtx", 3, rate: 1).Learn("animation", Plain, "gpu/rtx", 2, rate: 1);

        var report = EfficiencyReport.Of(farm.Machines, speeds);

        report.Nodes.Keys.ShouldBe(farm.Machines.Select(node => node.Id).Order());
        report.Nodes[farm.Machines[0].Id].ShouldBe([new("animation", 2), new("vfx", 3)]);
        report.Nodes[farm.Machines[2].Id].ShouldBeEmpty();
        report.Kinds.Keys.ShouldBe(["cpu", "gpu/rtx"]);
    }
}
