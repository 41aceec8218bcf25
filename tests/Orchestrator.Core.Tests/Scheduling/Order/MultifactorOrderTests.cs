using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class MultifactorOrderTests
{
    private static readonly PendingRequest Plain = new() { DurationEstimate = TimeSpan.FromHours(1), QueuedSince = Make.Now };

    [Fact]
    public void The_higher_class_goes_first_and_inside_a_class_the_earlier_submission()
    {
        var view = View.Of(Request(1, PriorityClass.Low), Request(2, PriorityClass.Critical), Request(3, PriorityClass.High), Request(4, PriorityClass.Critical), Request(5, PriorityClass.Background));

        view.Turns().ShouldBe([2, 4, 3, 1, 5]);
    }

    [Fact]
    public void Every_factor_is_visible_and_lies_between_0_and_1()
    {
        var request = Request(1, PriorityClass.High) with
        {
            QueuedSince = Make.Now - TimeSpan.FromDays(3.5),
            Deadline = Make.Now + TimeSpan.FromDays(30),
            Resources = new() { Threads = 25 },
            Promise = 0.7,
        };

        var ranked = View.Of(request).With(new OrderSettings { RaiseAfter = null, AgeHalf = TimeSpan.FromDays(3.5) }).Ranked().ShouldHaveSingleItem();

        ranked.Factors.Class.ShouldBe(0.5);
        ranked.Factors.Age.ShouldBe(0.5, 0.01);
        ranked.Factors.FairShare.ShouldBe(1);
        ranked.Factors.Deadline.ShouldBeInRange(0.01, 0.5);
        ranked.Factors.Size.ShouldBeInRange(0, 1);
        ranked.Factors.Promise.ShouldBe(0.7);
        ranked.Priority.ShouldBeInRange(0, 1);
        ranked.Class.ShouldBe(PriorityClass.High);
        ranked.Source.ShouldBe(PrioritySource.Computed);
    }

    [Theory]
    [InlineData(PriorityClass.Critical, 1)]
    [InlineData(PriorityClass.High, 0.5)]
    [InlineData(PriorityClass.Medium, 0.2)]
    [InlineData(PriorityClass.Low, 0.1)]
    [InlineData(PriorityClass.Background, 0.05)]
    public void Classes_count_10_5_2_1_and_a_half(PriorityClass priority, double factor) =>
        View.Of(Request(1, priority)).Ranked()[0].Factors.Class.ShouldBe(factor);

    [Theory]
    [InlineData(PriorityClass.Medium, 59, PriorityClass.Medium)]
    [InlineData(PriorityClass.Medium, 60, PriorityClass.High)]
    [InlineData(PriorityClass.Medium, 6000, PriorityClass.High)]
    [InlineData(PriorityClass.Background, 60, PriorityClass.Low)]
    [InlineData(PriorityClass.Background, 120, PriorityClass.Medium)]
    [InlineData(PriorityClass.Critical, 120, PriorityClass.Critical)]
    public void Who_waits_five_times_twelve_hours_rises_one_class_but_never_to_critical(PriorityClass priority, int hours, PriorityClass expected)
    {
        var request = Request(1, priority) with { QueuedSince = Make.Now - TimeSpan.FromHours(hours) };

        View.Of(request).Ranked()[0].Class.ShouldBe(expected);
    }

    [Fact]
    public void Of_equal_priority_the_earliest_deadline_goes_first_whatever_was_submitted_first_and_however_long_it_is()
    {
        var far = Request(1) with { Deadline = Make.Now + TimeSpan.FromDays(20), DurationEstimate = TimeSpan.FromDays(15) };
        var near = Request(2) with { Deadline = Make.Now + TimeSpan.FromDays(10), DurationEstimate = TimeSpan.FromHours(1) };
        var none = Request(3);

        View.Of(far, near, none).Turns().ShouldBe([2, 1, 3]);
    }

    [Theory]
    [InlineData(PriorityClass.Medium, 23, 1, PriorityClass.High)]
    [InlineData(PriorityClass.Low, 23, 1, PriorityClass.Medium)]
    [InlineData(PriorityClass.Low, 47, 1, PriorityClass.Medium)]
    [InlineData(PriorityClass.Medium, 47, 1, PriorityClass.Medium)]
    [InlineData(PriorityClass.Low, 49, 1, PriorityClass.Low)]
    [InlineData(PriorityClass.High, 10, 8, PriorityClass.Critical)]
    [InlineData(PriorityClass.High, 10, 7, PriorityClass.High)]
    [InlineData(PriorityClass.Background, 100, 98, PriorityClass.Low)]
    public void A_near_deadline_and_one_at_risk_raise_the_class(PriorityClass priority, int hoursLeft, int hoursOfWork, PriorityClass expected)
    {
        var request = Request(1, priority) with { Deadline = Make.Now + TimeSpan.FromHours(hoursLeft), WorkAhead = TimeSpan.FromHours(hoursOfWork) };

        View.Of(request).Ranked()[0].Class.ShouldBe(expected);
    }

    [Fact]
    public void A_deadline_at_risk_is_more_urgent_than_an_earlier_one_that_is_safe()
    {
        var safe = Request(1) with { Deadline = Make.Now + TimeSpan.FromHours(72) };
        var atRisk = Request(2) with { Deadline = Make.Now + TimeSpan.FromHours(90), WorkAhead = TimeSpan.FromHours(89) };

        var ranked = View.Of(safe, atRisk).Ranked();

        ranked[0].Request.ShouldBe(atRisk);
        ranked[0].Factors.Deadline.ShouldBeGreaterThan(0.5);
        ranked[1].Factors.Deadline.ShouldBeLessThan(0.5);
    }

    [Fact]
    public void The_tasks_of_a_project_whose_deadline_comes_nearer_overtake_with_the_next_ranking()
    {
        PendingRequest[] pending = [.. Enumerable.Range(1, 20).Select(number => Request(number, project: number <= 10 ? "a" : "b") with { Deadline = Make.Now + TimeSpan.FromDays(30) })];
        View.Of(pending).Turns().Take(10).ShouldBe([1, 11, 2, 12, 3, 13, 4, 14, 5, 15]);

        var moved = pending.Select(request => request.SubmissionOrder > 10 ? request with { Deadline = Make.Now + TimeSpan.FromHours(20) } : request).ToArray();

        View.Of(moved).Turns().Take(10).ShouldBe(Enumerable.Range(11, 10), ignoreOrder: true);
    }

    [Fact]
    public void Who_waited_as_long_as_anybody_should_goes_before_all_but_critical_work_whatever_its_class_and_share()
    {
        var (old, older) = (Request(2, PriorityClass.Background) with { QueuedSince = Make.Now.AddDays(-14) }, Request(1, PriorityClass.Low) with { QueuedSince = Make.Now.AddDays(-20) });
        var view = View.Of(Request(5, PriorityClass.High, project: "b"), Request(4, PriorityClass.Critical, project: "b"), Request(3, project: "b") with { QueuedSince = Make.Now.AddDays(-13) }, old, older);

        view.With(new OrderSettings { RaiseAfter = null }).Turns().Take(2).ShouldBe([4, 5]);
        view.With(new OrderSettings { RaiseAfter = null, LongestWait = TimeSpan.FromDays(14) }).Turns().Take(3).ShouldBe([4, 1, 2]);
    }

    [Fact]
    public void Critical_work_goes_before_who_waited_too_long_however_much_its_project_used()
    {
        var starved = Request(1, PriorityClass.Low, project: "idle") with { QueuedSince = Make.Now.AddDays(-14) };
        var critical = Request(9999, PriorityClass.Critical, project: "busy");
        PendingRequest[] pending = [starved, .. Enumerable.Range(2, 2000).Select(number => Request(number, project: "idle")), critical];
        var running = new RunningLease { Attempt = Make.Attempt(10_000), Owner = critical.Owner, StartedAt = Make.Now.AddDays(-9), EndsBy = Make.Now.AddDays(9), Shares = [new() { Node = Make.Id(1), Cores = [.. Enumerable.Range(0, 100)] }] };
        var view = new View { Pending = pending, Running = [running] };

        view.With(new OrderSettings { RaiseAfter = null, LongestWait = TimeSpan.FromDays(14) }).Turns().Take(2).ShouldBe([9999, 1]);
    }

    [Fact]
    public void The_class_of_those_that_wait_for_it_is_inherited()
    {
        var inheriting = Request(3, PriorityClass.Low) with { Inherited = PriorityClass.Critical };

        View.Of(Request(1), Request(2, PriorityClass.High), inheriting).Turns().ShouldBe([3, 2, 1]);
    }

    [Theory]
    [InlineData(PriorityClass.Medium, 0.9, PriorityClass.High)]
    [InlineData(PriorityClass.High, 0.9, PriorityClass.High)]
    [InlineData(PriorityClass.Medium, 0.5, PriorityClass.Medium)]
    [InlineData(PriorityClass.Medium, 0.1, PriorityClass.Low)]
    [InlineData(PriorityClass.Critical, 0.1, PriorityClass.Critical)]
    [InlineData(PriorityClass.Background, 0.1, PriorityClass.Background)]
    public void Much_promise_raises_and_little_lowers_the_class(PriorityClass priority, double promise, PriorityClass expected) =>
        View.Of(Request(1, priority) with { Promise = promise }).Ranked()[0].Class.ShouldBe(expected);

    [Fact]
    public void An_override_goes_before_the_hook_and_the_hook_before_what_is_computed()
    {
        var hook = new HookVerdicts
        {
            Verdicts = HookVerdicts.None.Verdicts
                .Add(Make.Attempt(1).ToString(), new() { Priority = 0 })
                .Add(Make.Attempt(2).ToString(), new() { Priority = 1 })
                .Add(Make.Attempt(3).ToString(), new() { Veto = true }),
        };
        var overridden = Request(1) with { PriorityOverride = 0.95 };

        var ranked = View.Of(overridden, Request(2), Request(3)).With(new SchedulingContext { Hook = hook }).Ranked();

        ranked.Select(item => (item.Request.SubmissionOrder, item.Source)).ShouldBe([(2, PrioritySource.Hook), (1, PrioritySource.Override), (3, PrioritySource.Computed)]);
        ranked[1].Priority.ShouldBe(0.95);
    }

    [Theory]
    [InlineData(QueuePolicy.Fifo, "1 2 3 4")]
    [InlineData(QueuePolicy.Priority, "2 4 1 3")]
    [InlineData(QueuePolicy.Deadline, "3 4 1 2")]
    [InlineData(QueuePolicy.Fair, "4 1 2 3")]
    public void Each_queue_policy_goes_by_its_own_rule(QueuePolicy policy, string turns)
    {
        var view = View.Of(
            Request(1, user: "a"),
            Request(2, PriorityClass.Critical, user: "a"),
            Request(3, user: "a") with { Deadline = Make.Now + TimeSpan.FromDays(5) },
            Request(4, PriorityClass.High, user: "b") with { Deadline = Make.Now + TimeSpan.FromDays(6) });
        var used = new SchedulingContext { Accounts = new SchedulingContext().Accounts.Add("p-i.x", new() { Usage = new AccountStanding().Usage.Add("a", 1e6), UsageAt = Make.Now }) };

        string.Join(' ', view.With(new OrderSettings { Policy = policy }).With(used).Turns()).ShouldBe(turns);
    }

    [Fact]
    public void What_is_equal_in_all_goes_in_the_order_of_submission_and_then_of_ids_however_it_is_listed()
    {
        PendingRequest[] pending = [.. Enumerable.Range(1, 50).Select(number => Request(number) with { SubmissionOrder = number / 2 })];
        var expected = View.Of(pending).Ranked().Select(ranked => ranked.Request.Attempt).ToArray();
        var random = new Random(7);
        for (var round = 0; round < 10; round++)
        {
            random.Shuffle(pending);

            View.Of(pending).Ranked().Select(ranked => ranked.Request.Attempt).ShouldBe(expected);
        }
    }

    [Fact]
    public void Why_one_goes_before_another_is_told_to_the_last_tie()
    {
        var noon = Make.Now + TimeSpan.FromDays(20);
        var ranked = View.Of(
            Request(1, PriorityClass.High), Request(2) with { PriorityOverride = 0.1, Deadline = noon }, Request(3) with { PriorityOverride = 0.1, Deadline = noon + TimeSpan.FromDays(1) },
            Request(4) with { PriorityOverride = 0.1 }, Request(5) with { PriorityOverride = 0.1 }, Request(6) with { PriorityOverride = 0.1, SubmissionOrder = 5 }, Request(7, PriorityClass.Low)).Ranked();
        var settings = new OrderSettings();
        string Between(int first, int second) => OrderExplanation.Between(
            ranked.Single(item => item.Request.Attempt == Make.Attempt(first)), ranked.Single(item => item.Request.Attempt == Make.Attempt(second)), settings);

        Between(1, 7).ShouldContain("most of it by class: 0.500 against 0.100, weight 8");
        Between(1, 2).ShouldContain("over 0.1000 (set)");
        Between(2, 3).ShouldBe("equal priority; the earlier deadline: 2026-03-21 12:00:00Z before 2026-03-22 12:00:00Z");
        Between(3, 4).ShouldStartWith("equal priority; it has a deadline");
        Between(4, 5).ShouldBe("equal priority and deadline; it was submitted earlier");
        Between(5, 6).ShouldBe("equal priority, deadline and submission; its id is the smaller one");
    }

    [Fact]
    public void Background_work_goes_first_one_day_however_much_medium_work_keeps_coming()
    {
        var background = Request(1, PriorityClass.Background);
        var days = 0;
        for (var first = false; !first; days++)
        {
            days.ShouldBeLessThan(30);
            var now = Make.Now + TimeSpan.FromDays(days);
            PendingRequest[] fresh = [.. Enumerable.Range(2, 50).Select(number => Request(number, user: $"u{number % 5}") with { QueuedSince = now })];

            first = View.Of([background, .. fresh]).Turns(now)[0] == 1;
        }

        days.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void A_number_out_of_its_range_is_named()
    {
        var view = View.Of(Request(1));

        Should.Throw<ArgumentException>(() => view.With(new OrderSettings { AgeHalf = TimeSpan.Zero }).Ranked()).ParamName.ShouldBe("AgeHalf");
        Should.Throw<ArgumentException>(() => view.With(new OrderSettings { Weights = new() { Class = -1 } }).Ranked()).ParamName.ShouldBe("Weights.Class");
        Should.Throw<ArgumentException>(() => view.With(new OrderSettings { Weights = new() { Class = 0, Age = 0, FairShare = 0, Deadline = 0, Size = 0, Promise = 0 } }).Ranked())
            .ParamName.ShouldBe("Weights");
    }

    private static PendingRequest Request(int number, PriorityClass priority = PriorityClass.Medium, string project = "x", string user = "u") => Plain with
    {
        Attempt = Make.Attempt(number),
        Priority = priority,
        SubmissionOrder = number,
        Owner = new() { Institution = "i", Project = project, User = user, Account = new AccountId($"p-i.{project}") },
    };
}
