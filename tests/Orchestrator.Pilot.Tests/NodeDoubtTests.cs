using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Arrays;

namespace Orchestrator.Pilot.Tests;

/// <summary>Whether it is the node that tasks fail on, or the tasks.</summary>
public sealed class NodeDoubtTests
{
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(5);

    private readonly SteppedClock clock = new();

    [Fact]
    public void Many_different_failures_with_no_success_between_make_it_doubtful()
    {
        var doubt = Doubt();
        Fail(doubt, 7);
        doubt.Failed(0, 6);
        doubt.IsAsking.ShouldBeFalse("that one had failed before");
        doubt.Completed();
        Fail(doubt, 7);
        doubt.IsAsking.ShouldBeFalse();

        doubt.Failed(1, 0);

        doubt.IsAsking.ShouldBeTrue();
        Doubt(cores: 64).ShouldSatisfyAllConditions(wide => Fail(wide, 63), static wide => wide.IsAsking.ShouldBeFalse("so many began before one had failed"));
        Doubt(workers: 1).ShouldSatisfyAllConditions(alone => Fail(alone, 1000), static alone => alone.IsAsking.ShouldBeFalse("nobody is there to compare with"));
    }

    [Fact]
    public void Where_others_complete_tasks_meanwhile_it_is_the_node()
    {
        var doubt = Doubt();
        Fail(doubt, 8);
        Look(doubt, new() { Waiting = 90, Completed = 10 }, new() { Waiting = 100 });
        doubt.Next.ShouldBeNull("it has just looked");
        doubt.Hear(0, new() { Completed = 1000 });
        doubt.IsSure.ShouldBeFalse("nobody was asked");
        clock.Step(Each);
        Look(doubt, new() { Waiting = 90, Completed = 10 }, new() { Waiting = 97, Completed = 3 });
        doubt.IsSure.ShouldBeFalse("three may be chance");
        clock.Step(Each);

        Look(doubt, new() { Waiting = 88, Completed = 12 }, new() { Waiting = 96, Completed = 3, Failed = 1 });

        doubt.IsSure.ShouldBeTrue();
        doubt.Next.ShouldBeNull();
    }

    [Fact]
    public void Where_those_of_others_fail_too_it_is_the_tasks_and_far_more_of_them_are_tried()
    {
        var doubt = Doubt();
        Fail(doubt, 8);
        Look(doubt, new() { Waiting = 100 }, new() { Waiting = 100 });
        clock.Step(Each);

        Look(doubt, new() { Waiting = 91, Completed = 5, Failed = 4 }, new() { Waiting = 100 });

        doubt.ShouldSatisfyAllConditions(static it => it.IsSure.ShouldBeFalse(), static it => it.IsAsking.ShouldBeFalse());
        Fail(doubt, 31);
        doubt.IsAsking.ShouldBeFalse();
        doubt.Failed(1, 0);
        doubt.IsAsking.ShouldBeTrue();
    }

    [Fact]
    public void Where_nothing_happens_elsewhere_it_goes_on_after_a_minute()
    {
        var doubt = Doubt();
        Fail(doubt, 8);

        for (var look = 0; look <= 12; look++)
        {
            doubt.IsAsking.ShouldBeTrue();
            Look(doubt, new() { Waiting = 100 }, new() { Waiting = 50, Given = 50 });
            clock.Step(Each);
        }

        doubt.ShouldSatisfyAllConditions(static it => it.IsSure.ShouldBeFalse(), static it => it.IsAsking.ShouldBeFalse());
    }

    private NodeDoubt Doubt(int workers = 2, int cores = 2) => new(workers, cores, segments: 2, Each, clock);

    private static void Fail(NodeDoubt doubt, int tasks)
    {
        for (var task = 0; task < tasks; task++)
        {
            doubt.Failed(0, task);
        }
    }

    private static void Look(NodeDoubt doubt, params TaskCounts[] counts)
    {
        for (var segment = 0; segment < counts.Length; segment++)
        {
            doubt.Next.ShouldBe(segment);
            doubt.Hear(segment, counts[segment]);
        }
    }
}
