using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Core.Tests.TaskSets;

public sealed class TaskSegmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableSortedDictionary<int, int> Nobody = ImmutableSortedDictionary<int, int>.Empty;

    private TaskSegmentState state = new();

    [Fact]
    public void Higher_priorities_are_given_first_and_equals_by_their_number()
    {
        Open(new() { First = 0, Last = 4 }, new() { First = 5, Last = 6, Priority = 10 }, new() { First = 7, Last = 9 });

        Numbers(Ask(cores: 4)).ShouldBe([0, 1, 5, 6]);
        Numbers(Ask(cores: 100, sequence: 2)).ShouldBe([2, 3, 4, 7, 8, 9]);
        state.Counts.ShouldBe(new TaskCounts { Given = 10 });
    }

    [Fact]
    public void A_wide_task_is_waited_for_and_one_that_never_fits_here_is_left_to_others()
    {
        Open(new() { First = 0, Last = 1 }, new() { First = 2, Last = 2, Cores = 4 }, new() { First = 3, Last = 3, Gpus = 1 }, new() { First = 4, Last = 9 });

        Numbers(Ask(cores: 4)).ShouldBe([0, 1]);
        Numbers(Ask(cores: 3, sequence: 2)).ShouldBeEmpty();
        Numbers(Ask(cores: 5, sequence: 2)).ShouldBe([2, 4]);
        Numbers(Ask(cores: 2, worker: 2, gpus: 1)).ShouldBe([3, 5]);
    }

    [Fact]
    public void No_more_is_given_than_GPUs_and_memory_allow_and_what_needs_none_of_them_passes()
    {
        Open(new() { First = 0, Last = 9, Gpus = 1 }, new() { First = 10, Last = 19, Memory = 16 }, new() { First = 20, Last = 24 });

        var first = Exchange(Of(1, 1, 1, cores: 10) with { Gpus = 4, FreeGpus = 2, Memory = 64, FreeMemory = 33 });

        Numbers(first).ShouldBe([0, 1, 10, 11, 20, 21, 22, 23, 24]);
        first.WaitsForCores.ShouldBeFalse();
        Numbers(Exchange(Of(1, 1, 2, cores: 8) with { Gpus = 4, FreeGpus = 0, Memory = 64, FreeMemory = 15 })).ShouldBeEmpty();
        Numbers(Exchange(Of(1, 1, 2, cores: 2) with { Gpus = 4, FreeGpus = 1, Memory = 64, FreeMemory = 64 })).ShouldBe([2, 12]);
        Numbers(Exchange(Of(1, 1, 3, cores: 8) with { Gpus = -1, FreeGpus = -1, Memory = -1, FreeMemory = -1 })).ShouldBeEmpty();
    }

    [Fact]
    public void A_worker_hears_that_a_wide_task_waits_for_its_cores()
    {
        Open(new() { First = 0, Last = 0, Cores = 4 }, new() { First = 1, Last = 9 });

        Exchange(Of(1, 1, 1, cores: 3)).ShouldSatisfyAllConditions(static reply => reply.Given.ShouldBeNull(), static reply => reply.WaitsForCores.ShouldBeTrue());
        Exchange(Of(1, 1, 1, cores: 5)).ShouldSatisfyAllConditions(static reply => Numbers(reply).ShouldBe([0, 1]), static reply => reply.WaitsForCores.ShouldBeFalse());
    }

    [Fact]
    public void Whoever_closes_a_segment_that_is_finished_gets_nothing_of_it_any_more_even_when_failed_tasks_wait_again()
    {
        Open(new TaskRow { First = 0, Last = 1 });
        var given = Ask(cores: 2);
        Exchange(Of(1, 1, 2, 0, Ended(given.Given!.Serial, completed: [0])) with { Closes = true }).Counts.Given.ShouldBe(1);
        state.Workers[1].OverTo.ShouldBe(0, "a task runs still");

        var closing = Of(1, 1, 3, 2, Ended(given.Given.Serial, failed: [1])) with { Closes = true };
        Exchange(closing).Counts.IsFinished.ShouldBeTrue();
        state.Workers[1].OverTo.ShouldBe(1);
        Exchange(closing).ShouldSatisfyAllConditions(static repeat => repeat.Outcome.ShouldBe(TaskExchangeOutcome.Over), static repeat => repeat.Counts.ShouldBe(new TaskCounts { Completed = 1, Failed = 1 }));

        Apply(TaskSegmentMachine.Retry(state, Nobody));
        Exchange(Of(1, 1, 4, 2)).Outcome.ShouldBe(TaskExchangeOutcome.Over);
        Numbers(Exchange(Of(1, 2, 1, 2))).ShouldBe([1]);
    }

    [Fact]
    public void What_attempts_had_that_are_over_waits_again_with_what_failed()
    {
        Open(new TaskRow { First = 0, Last = 9 });
        Ask(cores: 3);

        Apply(TaskSegmentMachine.Retry(state, Nobody.Add(1, 1).Add(2, 7)));

        state.Counts.ShouldBe(new TaskCounts { Waiting = 10 });
        TaskSegmentMachine.Retry(state, Nobody.Add(1, 1)).ShouldBeEmpty();
    }

    [Fact]
    public void The_time_of_what_is_said_again_counts_once()
    {
        Open(new TaskRow { First = 0, Last = 3 });
        var given = Ask(cores: 4);
        Exchange(Of(1, 1, 2, 0, Ended(given.Given!.Serial, completed: [0, 1, 2]) with { TaskTime = TimeSpan.FromSeconds(30) }));

        Exchange(Of(1, 1, 3, 0, Ended(given.Given.Serial, completed: [0, 1, 2, 3]) with { TaskTime = TimeSpan.FromSeconds(40) }));

        state.TaskTime.ShouldBe(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void A_lost_answer_is_given_again_and_what_else_the_repeat_says_must_be_said_again()
    {
        Open(new TaskRow { First = 0, Last = 9 });
        var first = Ask(cores: 2);

        var again = Exchange(Of(1, 1, 1, 2, Ended(first.Given!.Serial, completed: [0])));

        again.Outcome.ShouldBe(TaskExchangeOutcome.Repeated);
        again.Given!.Serial.ShouldBe(first.Given.Serial);
        Numbers(again).ShouldBe([0, 1]);
        state.Completed.ShouldBe(0);
        Exchange(Of(1, 1, 2, 0, Ended(first.Given.Serial, completed: [0]))).Outcome.ShouldBe(TaskExchangeOutcome.Accepted);
        state.Completed.ShouldBe(1);
    }

    [Fact]
    public void What_failed_is_kept_for_another_worker_for_a_while_where_there_is_one()
    {
        Open(new TaskRow { First = 0, Last = 3, RetriesMax = 9 });
        var one = Ask(cores: 1);
        Exchange(Of(1, 1, 2, 0, Ended(one.Given!.Serial, failed: [0])));
        Numbers(Exchange(Of(1, 1, 3, 1))).ShouldBe([0], "nobody else is there");
        Numbers(Ask(cores: 1, worker: 2)).ShouldBe([1]);
        Exchange(Of(1, 1, 4, 0, Ended(state.Serial - 1, failed: [0])));

        Numbers(Exchange(Of(1, 1, 5, 1))).ShouldBe([2]);

        Numbers(Exchange(Of(2, 1, 2, 1))).ShouldBe([0]);
        Exchange(Of(2, 1, 3, 0, Ended(state.Serial, failed: [0])));
        Numbers(Exchange(Of(2, 1, 4, 9))).ShouldBe([3]);
        TaskSegmentMachine.Decide(state, Of(2, 1, 5, 9), Nobody, Now + TaskSegmentMachine.RetriedElsewhereFor, out var later);
        Numbers(later).ShouldBe([0], "nobody took it");
        Exchange(Of(1, 1, 6, 1)).Given.ShouldNotBeNull();
        Exchange(Of(1, 1, 7, 0, Ended(state.Serial, completed: [0])));
        state.Retries.ShouldBeEmpty();
    }

    [Fact]
    public void What_failed_is_kept_for_workers_that_were_never_here_too_since_one_bad_node_would_use_up_all_retries_of_a_segment()
    {
        Open(new TaskRow { First = 0, Last = 3, RetriesMax = 1 });
        var one = Ask(cores: 1);
        var ended = Of(1, 1, 2, 1, Ended(one.Given!.Serial, failed: [0]));

        Apply(TaskSegmentMachine.Decide(state, ended, Nobody, Now, out var reply, hasOthers: true));

        Numbers(reply).ShouldBe([1]);
        Numbers(Exchange(Of(2, 1, 1, 1))).ShouldBe([0]);
    }

    [Fact]
    public void What_failed_by_a_clock_that_was_set_back_since_is_kept_for_nobody()
    {
        Open(new TaskRow { First = 0, Last = 1, RetriesMax = 9 });
        var one = Ask(cores: 1);
        Numbers(Ask(cores: 1, worker: 2)).ShouldBe([1]);
        Exchange(Of(1, 1, 2, 0, Ended(one.Given!.Serial, failed: [0])));
        Exchange(Of(1, 1, 3, 1)).Given.ShouldBeNull("it is the other one's");

        TaskSegmentMachine.Decide(state, Of(1, 1, 3, 1), Nobody, Now - TimeSpan.FromHours(5), out var reply);

        Numbers(reply).ShouldBe([0]);
    }

    [Fact]
    public void A_late_repeat_gives_nothing_and_takes_nothing()
    {
        Open(new TaskRow { First = 0, Last = 9 });
        var first = Of(1, 1, 1, 2);
        Exchange(first);
        Exchange(Of(1, 1, 2, 2));
        var before = state;

        var late = Exchange(first);

        late.Given.ShouldBeNull();
        state.ShouldBeSameAs(before);
    }

    [Fact]
    public void What_changes_nothing_takes_no_sequence_and_is_not_journalled()
    {
        Open(new TaskRow { First = 0, Last = 0 });
        Ask(cores: 1);

        TaskSegmentMachine.Decide(state, Of(2, 1, 1, 8), Nobody, Now, out var reply).ShouldBeEmpty();

        reply.IsTaken.ShouldBeFalse();
        reply.Outcome.ShouldBe(TaskExchangeOutcome.Accepted);
    }

    [Fact]
    public void A_newer_epoch_ends_the_older_one_and_gets_what_it_had()
    {
        Open(new TaskRow { First = 0, Last = 3 });
        var lost = Ask(cores: 4);
        Exchange(Of(1, 1, 2, 0, Ended(lost.Given!.Serial, completed: [1])));

        var next = Exchange(Of(1, 2, 1, 4));

        Numbers(next).ShouldBe([0, 2, 3]);
        var stale = Exchange(Of(1, 1, 3, 4, Ended(lost.Given.Serial, completed: [0, 2, 3])));
        stale.Outcome.ShouldBe(TaskExchangeOutcome.Over);
        state.Counts.ShouldBe(new TaskCounts { Given = 3, Completed = 1 });
        Exchange(Of(1, 2, 2, 0, Ended(lost.Given.Serial, completed: [0]))).IsTaken.ShouldBeFalse("the serial is not the one that counts");
        state.Completed.ShouldBe(1);
    }

    [Fact]
    public void What_a_lost_worker_had_waits_again_as_soon_as_anybody_asks()
    {
        Open(new TaskRow { First = 0, Last = 3, RetriesMax = 0 });
        Ask(cores: 3);

        var other = Exchange(Of(2, 1, 1, 9), Nobody.Add(1, 1));

        Numbers(other).ShouldBe([0, 1, 2, 3]);
        other.Failures.ShouldBeEmpty("no retry is used");
        Exchange(Of(1, 1, 2, 9)).Outcome.ShouldBe(TaskExchangeOutcome.Over);
        Exchange(Of(1, 2, 1, 9)).Outcome.ShouldBe(TaskExchangeOutcome.Accepted);
    }

    [Fact]
    public void Retries_are_used_up_by_failures_alone_and_what_failed_for_good_can_be_tried_anew()
    {
        Open(new TaskRow { First = 0, Last = 0, RetriesMax = 1 });
        var one = Ask(cores: 1);
        Exchange(Of(1, 1, 2, 0, new TaskBatchEnd { Serial = one.Given!.Serial, Returned = [new(0, 0)] }));
        var two = Ask(cores: 1, sequence: 3);
        Exchange(Of(1, 1, 4, 0, Ended(two.Given!.Serial, failed: [0])));
        var three = Ask(cores: 1, sequence: 5);
        three.Failures.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create(0, 1));
        Exchange(Of(1, 1, 6, 0, Ended(three.Given!.Serial, failed: [0])));

        state.Failed[0].ShouldBe(new TaskFailure { Kind = TaskFaultKind.Failed, Code = 3, Attempts = 2, Worker = 1, Epoch = 1, Node = "n-1", At = Now });
        state.Counts.IsFinished.ShouldBeTrue();
        Apply(TaskSegmentMachine.Retry(state, Nobody));
        state.Counts.ShouldBe(new TaskCounts { Waiting = 1 });
        state.Failures.ShouldBeEmpty();
        TaskSegmentMachine.Retry(state, Nobody).ShouldBeEmpty();
    }

    [Fact]
    public void Nonsense_changes_nothing()
    {
        Open(new TaskRow { First = 0, Last = 3 });
        var mine = Ask(cores: 2);
        Exchange(Of(2, 1, 1, 2));
        var before = state;

        Exchange(Of(2, 1, 2, -5, Ended(mine.Given!.Serial, completed: [0]), new TaskBatchEnd { Serial = 77, Completed = [new(0, int.MaxValue)] }, new TaskBatchEnd { Completed = default, Failed = default, Returned = default }));

        state.ShouldBeSameAs(before);
        Exchange(Of(1, 1, 2, 0, new TaskBatchEnd { Serial = mine.Given.Serial, Completed = [new(5, 2), new(-9, 0), new(1, int.MaxValue)], Failed = [new() { Task = 1 }, new() { Task = 3 }], Returned = [new(0, 9)], TaskTime = TimeSpan.MinValue }));
        state.Counts.ShouldBe(new TaskCounts { Waiting = 1, Given = 2, Completed = 1 });
        state.TaskTime.ShouldBe(TimeSpan.Zero);
        TaskSegmentMachine.SanityCheck(state).ShouldBeEmpty();
    }

    [Fact]
    public void Before_it_knows_its_tasks_a_segment_says_so()
    {
        Exchange(Of(1, 1, 1, 1)).Outcome.ShouldBe(TaskExchangeOutcome.Unopened);

        Open(new TaskRow { First = 0, Last = 0 });

        TaskSegmentMachine.Open(state, [new() { First = 0, Last = 5 }]).ShouldBeEmpty();
    }

    [Fact]
    public void A_million_waiting_tasks_take_few_bytes_each()
    {
        var definition = new TaskSetDefinition { Set = "sweep", Groups = [new() { Name = "sweep", Run = "./run {index}", Indices = new(0, 1_000_000) }] };
        var rows = Enumerable.Range(0, definition.Segments).Select(definition.RowsOf).ToList();

        // As ragged as it gets: every second one has completed.
        var completed = rows.ConvertAll(static segment => TaskRanges.Of(Enumerable.Range(segment[0].First, TaskSetDefinition.SegmentSize).Where(static number => number % 2 == 0)));
        var segments = new List<TaskSegmentState>(rows.Count);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var segment = 0; segment < rows.Count; segment++)
        {
            var opened = TaskSegmentMachine.Apply(new(), new TaskSegmentFact.Opened { Rows = rows[segment] }, Now);
            segments.Add(opened with { Waiting = TaskRanges.Except(opened.Waiting, completed[segment]), Completed = TaskRanges.Count(completed[segment]) });
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 500_000.0;
        segments.Sum(static segment => segment.Counts.Waiting).ShouldBe(500_000);
        each.ShouldBeLessThan(100, "all that was allocated on the way, too");
    }

    [Fact]
    public void A_set_knows_its_tasks_by_their_numbers()
    {
        var definition = new TaskSetDefinition
        {
            Set = "s",
            Groups =
            [
                new() { Name = "a", Run = "a {index}", Indices = new(7, 9_999), Priority = 3 }, new() { Name = "one", Run = "x", Cores = 2 }, new() { Name = "b", Run = "b {index}", Indices = new(0, 5) },
            ],
        };

        definition.Count.ShouldBe(10_005);
        definition.Segments.ShouldBe(2);
        (definition.NameOf(0), definition.NameOf(9_998), definition.NameOf(9_999), definition.NameOf(10_000), definition.NameOf(10_004)).ShouldBe(("a-7", "a-10005", "one", "b-0", "b-4"));
        definition.RowsOf(0).ShouldBe([new() { First = 0, Last = 9_998, Priority = 3 }, new() { First = 9_999, Last = 9_999, Cores = 2 }]);
        definition.RowsOf(1).ShouldBe([new() { First = 10_000, Last = 10_004 }]);
        definition.NumbersOf(1).ShouldBe(new(10_000, 10_004));
        Should.Throw<ArgumentOutOfRangeException>(() => definition.NameOf(10_005));
        definition.Map(static text => text.ToUpperInvariant()).Groups[1].Run.ShouldBe("X");
    }

    [Fact]
    public void Ranges_are_sets()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            HashSet<int> one = [.. Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(40))], other = [.. Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(40))];
            var (a, b) = (TaskRanges.Of(one), TaskRanges.Of(other));

            TaskRanges.Numbers(a).ShouldBe(one.Order());
            TaskRanges.Count(a).ShouldBe(one.Count);
            TaskRanges.Numbers(TaskRanges.Union(a, b)).ShouldBe(one.Union(other).Order());
            TaskRanges.Numbers(TaskRanges.Intersect(a, b)).ShouldBe(one.Intersect(other).Order());
            TaskRanges.Numbers(TaskRanges.Except(a, b)).ShouldBe(one.Except(other).Order());
            Enumerable.Range(0, 40).ShouldAllBe(number => TaskRanges.Contains(a, number) == one.Contains(number));
        }
    }

    private static TaskExchange Of(int worker, int epoch, long sequence, int cores, params ImmutableArray<TaskBatchEnd> ended) =>
        new() { Worker = worker, Epoch = epoch, Sequence = sequence, Cores = cores, Node = $"n-{worker}", Ended = ended };

    private static TaskBatchEnd Ended(long serial, int[]? completed = null, int[]? failed = null) => new()
    {
        Serial = serial,
        Completed = TaskRanges.Of(completed ?? []),
        Failed = [.. (failed ?? []).Select(static task => new TaskFault { Task = task, Kind = TaskFaultKind.Failed, Code = 3 })],
    };

    private static IEnumerable<int> Numbers(TaskExchangeReply reply) => reply.Given is { } given ? TaskRanges.Numbers(given.Tasks) : [];

    private void Open(params TaskRow[] rows) => Apply(TaskSegmentMachine.Open(state, [.. rows]));

    private TaskExchangeReply Ask(int cores, long sequence = 1, int worker = 1, int gpus = 0) => Exchange(Of(worker, 1, sequence, cores) with { Gpus = gpus });

    private TaskExchangeReply Exchange(TaskExchange exchange, ImmutableSortedDictionary<int, int>? over = null)
    {
        Apply(TaskSegmentMachine.Decide(state, exchange, over ?? Nobody, Now, out var reply));
        return reply;
    }

    /// <summary>As the journal keeps them.</summary>
    private void Apply(ImmutableArray<TaskSegmentFact> facts)
    {
        foreach (var fact in facts)
        {
            state = TaskSegmentMachine.Apply(state, JsonSerializer.Deserialize<TaskSegmentFact>(JsonSerializer.Serialize(fact))!, Now);
        }

        TaskSegmentMachine.SanityCheck(state).ShouldBeEmpty();
    }
}
