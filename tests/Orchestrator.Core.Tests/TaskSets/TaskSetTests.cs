using Orchestrator.Core.TaskSets;

namespace Orchestrator.Core.Tests.TaskSets;

public sealed class TaskSetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TaskSet set = new();

    [Fact]
    public void Higher_priorities_start_first_and_equal_ones_in_the_order_of_their_submission()
    {
        var node = set.AddNode(new(2));
        set.Add(new());
        set.Add(new());
        set.Add(new() { Priority = 100 });
        set.Add(new() { Priority = 100 });
        set.Add(new());
        set.Admit();

        Order(node).ShouldBe([2, 3, 0, 1, 4]);
    }

    [Fact]
    public void Equal_priorities_keep_their_order_across_shapes_and_retries()
    {
        var node = set.AddNode(new(1));
        for (var number = 0; number < 6; number++)
        {
            set.Add(new() { RetriesMax = 1, Timeout = TimeSpan.FromSeconds(1 + (number % 3)) });
        }

        set.Admit();
        var first = Lease(node).Single();
        set.End(first, false, TimeSpan.Zero).ShouldBe(TaskEndReply.WillRetry);

        Order(node).ShouldBe([0, 1, 2, 3, 4, 5]);
    }

    [Fact]
    public void What_does_not_fit_is_passed_over_but_not_for_ever()
    {
        var node = set.AddNode(new(4));
        set.Add(new(), 3);
        var wide = set.Add(new() { Demand = new(4) });
        set.Add(new(), 100);
        set.Admit();
        var running = new Queue<TaskLease>(Lease(node));
        running.Count.ShouldBe(4, "a narrow one fills the gap");
        var startedBefore = 4;

        while (true)
        {
            set.End(running.Dequeue(), true, TimeSpan.FromSeconds(1));
            var next = Lease(node);
            if (next.Any(lease => lease.Task == wide))
            {
                break;
            }

            startedBefore += next.Count;
            next.ForEach(running.Enqueue);
            startedBefore.ShouldBeLessThan(20, "the wide one starves");
        }

        running.ShouldBeEmpty("a wide one has the node alone");
        startedBefore.ShouldBe(3 + (TaskSet.PatiencePerCore * 4));
    }

    [Fact]
    public void Behind_one_that_a_node_is_kept_for_only_what_surely_ends_in_time_starts()
    {
        var node = set.AddNode(new(2));
        set.Add(new() { Timeout = TimeSpan.FromSeconds(100) });
        set.Add(new() { Demand = new(2) });
        set.Add(new(), 4);
        var quick = set.Add(new() { Timeout = TimeSpan.FromSeconds(10) });
        set.Admit();
        var running = Lease(node);
        for (var ended = 0; ended < 4; ended++)
        {
            set.End(running[^1], true, TimeSpan.FromSeconds(1));
            running.AddRange(Lease(node));
        }

        running[^1].Task.ShouldBe(quick, "the others have no limit, and would keep the wide one waiting");
        set.CountOf(TaskPhase.Ready).ShouldBe(1);
    }

    [Fact]
    public void A_task_is_tried_again_so_often_as_it_may()
    {
        var node = set.AddNode(new(1));
        set.Add(new() { RetriesMax = 2 });
        set.Admit();

        set.End(Lease(node).Single(), false, TimeSpan.Zero).ShouldBe(TaskEndReply.WillRetry);
        set.End(Lease(node).Single(), false, TimeSpan.Zero).ShouldBe(TaskEndReply.WillRetry);
        var third = Lease(node).Single();
        third.Attempt.ShouldBe(3);
        set.End(third, false, TimeSpan.Zero).ShouldBe(TaskEndReply.Failed);
        set.IsFinished.ShouldBeTrue();
    }

    [Fact]
    public void What_waits_for_a_failed_task_never_runs_and_is_told_once()
    {
        var node = set.AddNode(new(1));
        set.Add(new(), 4);
        set.Connect(0, 1);
        set.Connect(1, 2);
        set.Admit();
        set.End(Lease(node).Single(), false, TimeSpan.Zero).ShouldBe(TaskEndReply.Failed);

        set.TakeNewlySkipped().ShouldBe([1, 2]);
        set.TakeNewlySkipped().ShouldBeEmpty();
        var later = set.Add(new());
        set.Connect(2, later);
        set.Admit();
        set.TakeNewlySkipped().ShouldBe([later]);
        Order(node).ShouldBe([3]);
        set.IsFinished.ShouldBeTrue();
    }

    [Fact]
    public void A_lost_node_gives_its_leases_back_and_its_late_reports_change_nothing()
    {
        var (lost, other) = (set.AddNode(new(2), prefetchCores: 2), set.AddNode(new(1)));
        set.Add(new(), 6);
        set.Admit();
        var leased = Lease(lost);
        leased.Select(static lease => lease.Task).ShouldBe([0, 1]);

        set.LoseNode(lost).ShouldBe([0, 1]);

        set.End(leased[0], true, TimeSpan.Zero).ShouldBe(TaskEndReply.Stale);
        set.FailuresOf(0).ShouldBe(0);
        Order(other).ShouldBe([0, 1, 2, 3, 4, 5]);
    }

    [Fact]
    public void What_was_restored_does_not_run_again_and_its_failures_count()
    {
        var node = set.AddNode(new(4));
        set.Add(new() { RetriesMax = 1 }, 4);
        set.Connect(0, 3);
        set.Restore(0, TaskPhase.Completed, 0);
        set.Restore(1, TaskPhase.Failed, 2);
        set.Restore(2, TaskPhase.Added, 1);
        set.Admit();

        var leased = Lease(node);
        leased.Select(static lease => (lease.Task, lease.Attempt)).ShouldBe([(2, 2), (3, 1)]);
        set.End(leased[0], false, TimeSpan.Zero).ShouldBe(TaskEndReply.Failed);
    }

    [Fact]
    public void Nothing_starts_that_cannot_end_in_time()
    {
        var node = set.AddNode(new(8));
        set.EndsAt = Start.AddSeconds(60);
        set.Add(new() { Timeout = TimeSpan.FromSeconds(61) });
        var fits = set.Add(new() { Timeout = TimeSpan.FromSeconds(60) });
        set.Admit();

        set.IsOutOfTime(Start).ShouldBeFalse();
        var leased = Lease(node);
        leased.Single().Task.ShouldBe(fits);
        set.End(leased[0], true, TimeSpan.FromSeconds(1));
        set.IsOutOfTime(Start).ShouldBeTrue();
    }

    [Fact]
    public void Without_a_limit_the_longest_run_of_its_kind_says_how_long_one_takes()
    {
        var node = set.AddNode(new(1));
        set.EndsAt = Start.AddSeconds(60);
        set.Add(new(), 2);
        set.Admit();
        set.End(Lease(node).Single(), true, TimeSpan.FromSeconds(61));

        Lease(node).ShouldBeEmpty();
    }

    [Fact]
    public void No_more_run_at_once_than_allowed()
    {
        var node = set.AddNode(new(8));
        set.LeasesMax = 2;
        set.Add(new(), 5);
        set.Admit();

        Lease(node).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(0.5, 2)]
    [InlineData(1.5, 0)]
    public void Only_short_tasks_are_leased_ahead_and_only_behind_short_ones(double seconds, int ahead)
    {
        var node = set.AddNode(new(2), prefetchCores: 2);
        set.Add(new(), 4);
        set.Add(new() { RetriesMax = 1 });
        set.Add(new(), 10);
        set.Admit();
        var first = Lease(node);
        Ahead().ShouldBeEmpty("nobody knows yet how long they take");
        set.End(first[0], true, TimeSpan.FromSeconds(seconds));
        set.End(first[1], true, TimeSpan.FromSeconds(seconds));
        var second = Lease(node);
        set.End(second[0], true, TimeSpan.FromSeconds(seconds));
        set.End(second[1], true, TimeSpan.FromSeconds(seconds));

        var third = Lease(node);
        third.Select(static lease => lease.Task).ShouldBe([4, 5]);
        Ahead().Count.ShouldBe(ahead / 2, "one core is behind a task of which nothing is known");
        set.End(third[0], true, TimeSpan.FromSeconds(seconds));
        Lease(node).Count.ShouldBe(ahead == 0 ? 1 : 0);
        Ahead().Count.ShouldBe(ahead);

        List<TaskLease> Ahead()
        {
            var into = new List<TaskLease>();
            set.Lease(node, 100, DateTimeOffset.UnixEpoch, into, isAhead: true);
            return into;
        }
    }

    [Fact]
    public void A_node_that_has_not_enough_is_told_before()
    {
        set.AddNode(new(4, 1, 100));

        set.FitsSomewhere(new(4, 1, 100)).ShouldBeTrue();
        set.FitsSomewhere(new(5)).ShouldBeFalse();
        set.FitsSomewhere(new(1, 2)).ShouldBeFalse();
        set.FitsSomewhere(new(1, 0, 101)).ShouldBeFalse();
    }

    [Fact]
    public void A_million_waiting_tasks_take_few_bytes_each()
    {
        // All that is ever allocated, arrays that were outgrown included: more than what stays.
        Span<byte> name = stackalloc byte[32];
        "task-"u8.CopyTo(name);
        var texts = new CompactTexts();
        var before = GC.GetAllocatedBytesForCurrentThread();
        set.Add(new(), 1_000_000);
        set.Admit();
        for (var number = 0; number < 1_000_000; number++)
        {
            // Not an interpolated text: until it is compiled to the full that boxes each number.
            System.Buffers.Text.Utf8Formatter.TryFormat(number, name[5..], out var digits);
            texts.Add(name[..(5 + digits)], "{\"command\":\"./simulate --case 17\"}"u8);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000_000.0;
        each.ShouldBeLessThan(100);
        texts.Find("task-999999"u8).ShouldBe(999_999);
        texts.Find("task-1000000"u8).ShouldBe(-1);
    }

    [Fact]
    public void Every_cycle_is_named()
    {
        TaskCycles.Find(8, [(0, 1), (1, 2), (2, 3), (3, 1), (5, 4), (4, 5), (6, 6)]).ShouldBe([[1, 2, 3], [4, 5], [6]]);
        TaskCycles.Find(3, [(0, 1), (0, 2), (1, 2)]).ShouldBeEmpty();
    }

    private List<TaskLease> Lease(int node)
    {
        var into = new List<TaskLease>();
        set.Lease(node, int.MaxValue, Start, into);
        set.SanityCheck().ShouldBeEmpty();
        return into;
    }

    /// <summary>Runs everything that is left, each as soon as there is room, one end at a time.</summary>
    private List<int> Order(int node)
    {
        var order = new List<int>();
        var running = new Queue<TaskLease>(Lease(node));
        while (running.TryDequeue(out var lease))
        {
            order.Add(lease.Task);
            set.End(lease, true, TimeSpan.FromSeconds(1));
            Lease(node).ForEach(running.Enqueue);
        }

        return order;
    }
}
