using System.Reflection;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Tests.Failures;

public sealed class EventLevelsTests
{
    private static readonly string[] Kinds = [.. typeof(EventKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void A_failure_among_normal_work_stands_out_by_its_level()
    {
        EventLevels.Of(EventKinds.StageStarted).ShouldBe(EventLevel.Info);
        EventLevels.Of(EventKinds.FailureDetected).ShouldBe(EventLevel.Warning);
        EventLevels.Of(EventKinds.NodeLost).ShouldBe(EventLevel.Error);
        EventLevels.Of("a kind of a newer release").ShouldBe(EventLevel.Info);
    }

    [Fact]
    public void Whoever_asks_for_a_level_gets_every_kind_of_it_and_above_and_no_other()
    {
        EventLevels.KindsFrom(EventLevel.Info).ShouldBeEmpty();
        EventLevels.KindsFrom(EventLevel.Warning).ShouldBe(Kinds.Where(static kind => EventLevels.Of(kind) >= EventLevel.Warning), ignoreOrder: true);
        EventLevels.KindsFrom(EventLevel.Error).ShouldBe(Kinds.Where(static kind => EventLevels.Of(kind) == EventLevel.Error), ignoreOrder: true);
    }
}
