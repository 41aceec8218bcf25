using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Explanations;

public sealed class CountedClassTests
{
    private static readonly RunningLease Full = new() { Attempt = Make.Attempt(9), Shares = [new() { Node = Make.Id(1), Cores = [0, 1, 2, 3] }], EndsBy = Make.Now.AddHours(9) };

    [Fact]
    public void Who_waited_is_told_in_which_class_it_counts_and_since_when()
    {
        var counted = Explain(Request() with { QueuedSince = Make.Now.AddHours(-61) }).Class.ShouldNotBeNull();

        (counted.Own, counted.Counted, counted.Since).ShouldBe((PriorityClass.Medium, PriorityClass.High, Make.Now.AddHours(-1)));
        counted.Because.ShouldBe("of its wait, a class for each 60 hours");
    }

    [Fact]
    public void Who_counts_in_his_own_class_is_told_no_reason()
    {
        var counted = Explain(Request()).Class.ShouldNotBeNull();

        (counted.Own, counted.Counted, counted.Since, counted.Because).ShouldBe((PriorityClass.Medium, PriorityClass.Medium, null, ""));
    }

    [Fact]
    public void A_near_deadline_what_is_inherited_and_what_is_promised_are_reasons()
    {
        var near = Explain(Request() with { QueuedSince = Make.Now.AddHours(-1), Deadline = Make.Now.AddHours(20) }).Class.ShouldNotBeNull();
        var inherited = Explain(Request() with { Inherited = PriorityClass.Critical }).Class.ShouldNotBeNull();
        var promised = Explain(Request() with { Promise = 0.1 }).Class.ShouldNotBeNull();

        (near.Counted, near.Since, near.Because).ShouldBe((PriorityClass.High, Make.Now.AddHours(-1), "its deadline is near"));
        (inherited.Counted, inherited.Because).ShouldBe((PriorityClass.Critical, "critical work waits for it"));
        (promised.Counted, promised.Because).ShouldBe((PriorityClass.Low, "its scenario promises little"));
    }

    [Fact]
    public void Since_when_it_counts_so_is_when_all_that_raises_it_had_come_together()
    {
        var margin = Make.Plain.Order.DeadlineMargin;
        var risk = Explain(Request() with { Deadline = Make.Now.AddHours(30), WorkAhead = TimeSpan.FromHours(30.5) - margin, QueuedSince = Make.Now.AddHours(-50) }).Class.ShouldNotBeNull();
        var both = Explain(Request() with { Priority = PriorityClass.Low, Deadline = Make.Now.AddHours(38), QueuedSince = Make.Now.AddHours(-75) }).Class.ShouldNotBeNull();

        (risk.Counted, risk.Since, risk.Because).ShouldBe((PriorityClass.High, Make.Now.AddMinutes(-30), "its deadline is at risk"));
        (both.Counted, both.Since).ShouldBe((PriorityClass.High, Make.Now.AddHours(-10)), "it had waited long enough for medium 15 hours ago, and only 10 hours ago its deadline came as near as makes that high");
    }

    [Fact]
    public void Whom_the_rule_of_overload_lowers_is_told_so()
    {
        var counted = Explain(Request(), Make.Plain with { Order = Make.Plain.Order with { Overload = true } }).Class.ShouldNotBeNull();

        (counted.Own, counted.Counted, counted.Since).ShouldBe((PriorityClass.Medium, PriorityClass.Low, null));
        counted.Because.ShouldStartWith("the cluster is overloaded: more than 0.85");
    }

    [Fact]
    public void Between_equal_priorities_it_is_told_what_decides()
    {
        var problem = Make.Problem([Make.Node(1)], [Request(), Request() with { Attempt = Make.Attempt(2), SubmissionOrder = 2 }]) with { Running = [Full] };

        var explained = new Explainer(Make.PlainParts).Explain(new Scheduler(Make.Plain, Make.PlainParts).Fill(problem), Make.Attempt(2), Make.Now).ShouldNotBeNull();

        explained.Ahead.ShouldHaveSingleItem().Because.ShouldBe("equal priority and deadline; it was submitted earlier");
    }

    [Fact]
    public void Work_that_is_put_off_is_told_what_its_energy_costs_now_and_then()
    {
        var request = Request() with { Resources = new() { Threads = 4 }, Priority = PriorityClass.Low, DurationEstimate = TimeSpan.FromHours(3), QueuedSince = Make.Now };
        var settings = Make.Plain with { Energy = new() { Mode = EnergyMode.Efficiency } };

        var cost = Explain(request, settings, []).Energy.ShouldNotBeNull();

        cost.Start.ShouldBe(Make.Now.AddHours(8), "from 20:00 on it is cheaper");
        cost.KilowattHours.ShouldBe(0.12, 1e-9);
        cost.Now.ShouldBe(0.12 * 0.15, 1e-9);
        cost.Then.ShouldBe(0.12 * 0.08, 1e-9);
        Explain(request).Energy.ShouldBeNull("energy decides nothing");
    }

    [Fact]
    public void Ten_hours_from_ten_on_cost_more_than_from_the_night_on()
    {
        var ten = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

        var cost = DeferredCost.Of(new SchedulingWorkspace(new(), Make.PlainParts), Request() with { Resources = new() { Threads = 100 }, DurationEstimate = TimeSpan.FromHours(10) }, ten, ten.AddHours(12)).ShouldNotBeNull();

        cost.Now.ShouldBe(1.5, 1e-9);
        cost.Then.ShouldBe(0.8, 1e-9);
    }

    private static PendingRequest Request() => Make.Cores(1, 4) with { DurationEstimate = TimeSpan.FromHours(1), QueuedSince = Make.Now };

    private static AttemptExplanation Explain(PendingRequest request, SchedulingSettings? settings = null, RunningLease[]? running = null)
    {
        var problem = Make.Problem([Make.Node(1)], [request]) with { Running = [.. running ?? [Full]] };
        return new Explainer(Make.PlainParts).Explain(new Scheduler(settings ?? Make.Plain, Make.PlainParts).Fill(problem), request.Attempt, Make.Now).ShouldNotBeNull();
    }
}
