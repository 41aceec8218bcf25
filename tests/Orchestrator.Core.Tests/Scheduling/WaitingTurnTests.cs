using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Tests.Scheduling;

public sealed class WaitingTurnTests
{
    private static readonly WaitReason Shared = new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 4, NodesLeft = 1, For = "s-1/run@1", PlannedStart = Make.Now.AddHours(9), Ahead = 7 };

    [Fact]
    public void The_reason_has_its_own_turn_and_the_place_that_is_kept_for_it()
    {
        var waits = new WaitingTurn(new() { Attempt = Make.Attempt(2) }, Shared, 3, Make.Now.AddHours(1).UtcTicks);

        waits.Reason.ShouldBe(Shared with { Ahead = 3, PlannedStart = Make.Now.AddHours(1) });
        waits.ShouldSatisfyAllConditions(
            it => it.Ahead.ShouldBe(3), it => it.PlannedStart.ShouldBe(Make.Now.AddHours(1)), it => it.Constraint.ShouldBe(PlacementConstraint.FreeCores), it => it.Attempt.ShouldBe(Make.Attempt(2)));
    }

    [Fact]
    public void Where_no_place_is_kept_the_rule_that_keeps_it_back_says_when()
    {
        var waits = new WaitingTurn(new() { Attempt = Make.Attempt(2) }, Shared, 3, 0);

        waits.Reason.ShouldBe(Shared with { Ahead = 3 });
        waits.PlannedStart.ShouldBe(Make.Now.AddHours(9));
    }
}
