using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class HeadStartTests
{
    [Fact]
    public void While_the_queue_is_short_the_longest_wait_decides_and_when_it_is_deep_small_work_goes_ahead()
    {
        var large = Request(1, cores: 20, hours: 2, waited: 2);
        var small = Request(2, cores: 1, hours: 1, waited: 1);
        var learned = Enumerable.Range(0, 100).Aggregate(LearnedWork.Empty, (work, number) => work.Submitted(TimeSpan.FromHours(1 + (number % 24)), 1 + (number % 50)));
        var deep = Enumerable.Range(3, 400).Select(number => Request(number, cores: 90, hours: 20, waited: 0));

        View.Of(large, small).With(new SchedulingContext { Work = learned }).Turns().ShouldBe([1, 2]);
        View.Of([large, small, .. deep]).With(new SchedulingContext { Work = learned }).Turns().Take(2).ShouldBe([2, 1]);
    }

    [Fact]
    public void Work_of_one_class_that_nobody_shares_goes_by_wait_and_head_start_alone_in_both_orders()
    {
        var random = new Random(3);
        PendingRequest[] pending = [.. Enumerable.Range(1, 300).Select(number => Request(number, cores: 1 + random.Next(64), hours: 1 + random.Next(48), waited: random.Next(400)))];
        var learned = pending.Aggregate(LearnedWork.Empty, (work, request) => work.Submitted(request.DurationEstimate!.Value, request.Resources.Threads));
        var drain = pending.Sum(Area) / 100;
        var length = pending.Sum(request => Area(request) * request.DurationEstimate!.Value.TotalSeconds) / pending.Sum(Area);
        double Counted(PendingRequest request, double small, double large, double depth)
        {
            var saturation = drain / (drain + (depth * length));
            var smaller = WorkScale.Of(learned).Smaller(Area(request));
            return (Make.Now - request.QueuedSince).TotalSeconds + (length * saturation * ((small / (1 + (smaller / 0.03))) + (large * saturation * smaller)));
        }

        var ranked = View.Of(pending).With(new SchedulingContext { Work = learned }).Ranked();

        ranked.Select(item => item.Request.SubmissionOrder).ShouldBe(pending.OrderByDescending(request => Counted(request, 2, 0, 1)).Select(request => request.SubmissionOrder));
        ranked.OrderBy(item => item.BackfillTurn).Select(item => item.Request.SubmissionOrder)
            .ShouldBe(pending.OrderByDescending(request => Counted(request, 8, 32, 2)).Select(request => request.SubmissionOrder));
    }

    [Fact]
    public void Among_those_that_slip_in_each_project_and_class_keeps_its_places()
    {
        var random = new Random(5);
        PendingRequest[] pending =
        [
            .. Enumerable.Range(1, 200).Select(number => Request(number, cores: 1 + random.Next(64), hours: 1 + random.Next(48), waited: random.Next(40)) with
            {
                Priority = (PriorityClass)(1 + random.Next(5)),
                Owner = new() { Account = new AccountId($"p-i.q{random.Next(3)}"), User = "u" },
                Deadline = random.Next(10) == 0 ? Make.Now + TimeSpan.FromDays(30) : null,
            }),
        ];

        var ranked = View.Of(pending).Ranked();
        var slipping = ranked.OrderBy(item => item.BackfillTurn).ToArray();

        slipping.Select(item => item.BackfillTurn).ShouldBe(Enumerable.Range(0, 200));
        slipping.Select(item => (item.Request.Owner.Account, item.Request.Priority)).ShouldBe(ranked.Select(item => (item.Request.Owner.Account, item.Request.Priority)));
        slipping.Index().Where(item => item.Item.Request.Deadline is not null).ShouldAllBe(item => ranked[item.Index].Request == item.Item.Request);
    }

    [Fact]
    public void The_next_run_of_a_user_is_expected_to_take_as_long_as_his_last_two_that_asked_for_the_same()
    {
        var hour = TimeSpan.FromHours(1);
        var learned = LearnedWork.Empty.Ended("ann", 5 * hour, 8, 1 * hour).Ended("ann", 5 * hour, 8, 2 * hour).Ended("ann", 5 * hour, 8, 3 * hour).Ended("ann", 9 * hour, 1, 9 * hour);

        learned.Expected("ann", 5 * hour, 8).ShouldBe(2.5 * hour);
        learned.Expected("ann", 7 * hour, 7).ShouldBe(6 * hour);
        learned.Expected("ann", 2 * hour, 7).ShouldBe(2 * hour);
        learned.Expected("bob", 7 * hour, 7).ShouldBe(7 * hour);
        learned.Expected("bob", null, 7).ShouldBeNull();
    }

    [Fact]
    public void Only_the_last_fifty_runs_of_a_user_are_remembered()
    {
        var learned = Enumerable.Range(1, 80).Aggregate(LearnedWork.Empty, (work, number) => work.Ended("ann", null, number, TimeSpan.FromMinutes(number)));

        learned.Users["ann"].Select(run => run.Cores).ShouldBe(Enumerable.Range(31, 50).Select(number => (long)number));
    }

    private static double Area(PendingRequest request) => request.Resources.Threads * request.DurationEstimate!.Value.TotalSeconds;

    private static PendingRequest Request(int number, int cores, int hours, int waited) => new()
    {
        Attempt = Make.Attempt(number),
        SubmissionOrder = number,
        Resources = new() { Threads = cores },
        DurationEstimate = TimeSpan.FromHours(hours),
        QueuedSince = Make.Now - TimeSpan.FromHours(waited),
    };
}
