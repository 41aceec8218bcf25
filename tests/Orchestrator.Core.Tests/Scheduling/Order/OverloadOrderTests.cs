using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class OverloadOrderTests
{
    [Fact]
    public void On_a_cluster_that_is_overloaded_the_lowest_quarter_counts_one_class_less_where_the_policy_says_so()
    {
        var ranked = Loaded(95, on: true).Ranked();

        Classes(ranked).ShouldBe([PriorityClass.High, PriorityClass.High, PriorityClass.High, PriorityClass.High, PriorityClass.Medium, PriorityClass.Medium, PriorityClass.Low, PriorityClass.Low]);
        ranked.Where(static one => one.Class == PriorityClass.Low).ShouldAllBe(static one => one.Factors.Class == 0.1);
        ranked[^1].Priority.ShouldBeLessThan(Loaded(95, on: false).Ranked()[^1].Priority);
    }

    [Theory, InlineData(95, false), InlineData(85, true), InlineData(0, true)]
    public void Otherwise_everybody_keeps_his_class(int cores, bool on) =>
        Classes(Loaded(cores, on).Ranked()).ShouldBe([.. Enumerable.Repeat(PriorityClass.High, 4), .. Enumerable.Repeat(PriorityClass.Medium, 4)]);

    [Fact]
    public void What_is_critical_is_never_lowered_and_nothing_below_background()
    {
        Full(Request(1, PriorityClass.Critical), Request(2, PriorityClass.Critical)).Ranked().ShouldAllBe(static one => one.Class == PriorityClass.Critical);
        Full(Request(1, PriorityClass.Background)).Ranked().ShouldHaveSingleItem().Class.ShouldBe(PriorityClass.Background);
        Full(Request(1, PriorityClass.Medium)).Ranked().ShouldHaveSingleItem().Class.ShouldBe(PriorityClass.Low);
    }

    /// <summary>Four of high and four of medium class, by submission.</summary>
    private static View Loaded(int cores, bool on) =>
        Of(cores, on, [.. Enumerable.Range(1, 8).Select(static number => Request(number, number <= 4 ? PriorityClass.High : PriorityClass.Medium))]);

    private static View Full(params PendingRequest[] pending) => Of(100, on: true, pending);

    private static View Of(int cores, bool on, PendingRequest[] pending) => new()
    {
        Pending = pending,
        Running = [new() { Attempt = Make.Attempt(999), Shares = [new() { Node = Make.Id(1), Cores = [.. Enumerable.Range(0, cores)] }] }],
        Settings = new() { Order = new OrderSettings { Overload = on } },
    };

    private static PendingRequest Request(int number, PriorityClass priority) => new()
    {
        Attempt = Make.Attempt(number),
        Priority = priority,
        SubmissionOrder = number,
        QueuedSince = Make.Now,
        DurationEstimate = TimeSpan.FromHours(1),
    };

    private static IEnumerable<PriorityClass> Classes(IReadOnlyList<RankedRequest> ranked) => ranked.OrderBy(static one => one.Request.SubmissionOrder).Select(static one => one.Class);
}
