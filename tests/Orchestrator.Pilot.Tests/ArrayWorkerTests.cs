using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Arrays;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Tests;

/// <summary>Workers of a stage with tasks, against segments in memory and nodes that only say that they run something.</summary>
public sealed class ArrayWorkerTests : IDisposable
{
    private readonly StringWriter warnings = new();
    private readonly TextWriter told;

    public ArrayWorkerTests() => told = TextWriter.Synchronized(warnings);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_share_the_segments_and_lost_answers_neither_lose_nor_double_a_task()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 25_000), Run = "run {index}" }) with { Workers = 2 };
        var segments = new FakeSegments(tasks) { LosesEach = 3 };
        FakeNode one = new() { Ends = static _ => TaskOutcome.Completed }, two = new() { Ends = static _ => TaskOutcome.Completed };

        var ends = await Task.WhenAll(WorkAsync(segments, tasks, one), WorkAsync(segments, tasks with { Worker = 2 }, two));

        ends.ShouldBe([ArrayWorkerEnd.Finished, ArrayWorkerEnd.Finished]);
        segments.Counts.ShouldBe(new TaskCounts { Completed = 25_000 });
        one.Began.Concat(two.Began).Order().ShouldBe(Enumerable.Range(0, 25_000).Select(static index => $"t-{index}: run {index}").Order());
        warnings.ToString().ShouldContain("the answer was lost; it is tried again, and tasks run on meanwhile");
    }

    [Fact]
    public async Task Failures_use_up_their_retries_and_tell_why()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(1, 9), Run = "run", RetriesMax = 2 }, new TaskGroup { Name = "slow", Run = "run", Timeout = TimeSpan.FromSeconds(1) });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode { Ends = static task => task.Id == "t-7" ? TaskOutcome.Failed : task.Id == "slow" ? TaskOutcome.TimedOut : TaskOutcome.Completed };

        (await WorkAsync(segments, tasks, node)).ShouldBe(ArrayWorkerEnd.Finished);

        segments.Counts.ShouldBe(new TaskCounts { Completed = 8, Failed = 2 });
        var failed = segments.States[0].Failed;
        (failed[6].Kind, failed[6].Code, failed[6].Attempts, failed[6].Node).ShouldBe((TaskFaultKind.Failed, 3, 3, "n-1"));
        (failed[9].Kind, failed[9].Attempts).ShouldBe((TaskFaultKind.TimedOut, 1));
        node.Attempts.Where(static attempt => attempt.Id == "t-7").Select(static attempt => attempt.Attempt).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task One_that_is_to_leave_hands_back_what_it_has_and_no_retry_is_used()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 9), Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var leaving = WorkAsync(segments, tasks, node, stop: stop.Token);
        node.End((await node.Starts.Reader.ReadAsync(Token)).Lease, TaskOutcome.Completed);
        await node.Starts.Reader.ReadAsync(Token);
        await node.Starts.Reader.ReadAsync(Token);

        await stop.CancelAsync();

        (await leaving).ShouldBe(ArrayWorkerEnd.Left);
        segments.Counts.ShouldBe(new TaskCounts { Waiting = 8, Completed = 1 });
        segments.States[0].Failures.ShouldBeEmpty();
        (await WorkAsync(segments, tasks, new() { Ends = static _ => TaskOutcome.Completed }, epoch: 2)).ShouldBe(ArrayWorkerEnd.Finished);
        segments.Counts.ShouldBe(new TaskCounts { Completed = 9 });
    }

    [Fact]
    public async Task One_whose_attempt_is_over_ends_what_it_runs_and_nothing_of_it_counts()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 4), Run = "run" });
        var segments = new FakeSegments(tasks);
        var lost = new FakeNode();
        var old = WorkAsync(segments, tasks, lost);
        var first = await lost.Starts.Reader.ReadAsync(Token);
        await lost.Starts.Reader.ReadAsync(Token);
        (await WorkAsync(segments, tasks, new() { Ends = static _ => TaskOutcome.Completed }, epoch: 2)).ShouldBe(ArrayWorkerEnd.Finished);
        var before = segments.States[0];

        lost.End(first.Lease, TaskOutcome.Failed);

        (await old).ShouldBe(ArrayWorkerEnd.Over);
        lost.Running.ShouldBe(0);
        segments.States[0].ShouldBeSameAs(before);
    }

    [Fact]
    public async Task Wide_tasks_and_narrow_ones_never_have_more_than_there_is()
    {
        var tasks = Set(new TaskGroup { Name = "narrow", Indices = new(0, 12), Run = "run" }, new TaskGroup { Name = "wide", Indices = new(0, 3), Cores = 2, Priority = 1, Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode();
        var work = WorkAsync(segments, tasks, node);
        var order = new List<string>();

        for (var task = 0; task < 15; task++)
        {
            var (lease, id) = await node.Starts.Reader.ReadAsync(Token);
            order.Add(id);
            node.End(lease, TaskOutcome.Completed);
        }

        (await work).ShouldBe(ArrayWorkerEnd.Finished);
        node.CoresMost.ShouldBe(2);
        order.Take(3).ShouldBe(["wide-0", "wide-1", "wide-2"]);
    }

    [Fact]
    public async Task A_refusal_for_good_ends_it_with_the_reason()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 4), Run = "run" });

        (await Should.ThrowAsync<TaskSegmentsException>(() => WorkAsync(new(tasks) { Refuses = true }, tasks, new()))).Message.ShouldBe("no such stage");
    }

    [Fact]
    public async Task What_failed_in_a_finished_segment_and_waits_again_while_the_worker_is_elsewhere_is_run_before_it_ends()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 10_500), Run = "run" });
        var segments = new FakeSegments(tasks);
        var isMended = false;
        var node = new FakeNode
        {
            Ends = task =>
            {
                isMended |= task.Id == "t-10400" && segments.Retry(0) > 0;
                return task.Id == "t-7" && !isMended ? TaskOutcome.Failed : TaskOutcome.Completed;
            },
        };

        (await WorkAsync(segments, tasks, node)).ShouldBe(ArrayWorkerEnd.Finished);

        isMended.ShouldBeTrue();
        segments.Counts.ShouldBe(new TaskCounts { Completed = 10_500 });
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_waits_again_after_it_has_said_that_nothing_is_left_is_seen_or_the_worker_is_seen_to_have_left(bool isAnswerLost)
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 10_500), Run = "run" });
        var segments = new FakeSegments(tasks) { LosesClosing = isAnswerLost };
        segments.Closed = () => segments.Retry(1);
        var node = new FakeNode { Ends = static task => task.Id == "t-10400" ? TaskOutcome.Failed : TaskOutcome.Completed };

        (await WorkAsync(segments, tasks, node)).ShouldBe(ArrayWorkerEnd.Left, "another attempt has to look for what it may not get itself");

        segments.States[0].Workers[1].OverTo.ShouldBe(1);
        (await WorkAsync(segments, tasks, new() { Ends = static _ => TaskOutcome.Completed }, epoch: 2)).ShouldBe(ArrayWorkerEnd.Finished);
        segments.Counts.Tasks.ShouldBe(10_500);
        segments.Counts.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task No_more_are_taken_than_there_are_GPUs_and_what_needs_none_runs_beside_them()
    {
        var tasks = Set(new TaskGroup { Name = "gpu", Indices = new(0, 6), Gpus = 1, Run = "run" }, new TaskGroup { Name = "cpu", Indices = new(0, 9), Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode { Capacity = new(4, 1, 1 << 30) };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = WorkAsync(segments, tasks, node, stop: stop.Token);
        var began = new List<(TaskLease Lease, string Id)>();
        for (var start = 0; start < 4; start++)
        {
            began.Add(await node.Starts.Reader.ReadAsync(Token));
        }

        began.Select(static one => one.Id).ShouldBe(["gpu-0", "cpu-0", "cpu-1", "cpu-2"], ignoreOrder: true);
        segments.Counts.Given.ShouldBe(4, "the other GPU tasks are for whoever has a GPU");
        node.End(began.Single(static one => one.Id == "gpu-0").Lease, TaskOutcome.Completed, TimeSpan.FromHours(1));
        (await node.Starts.Reader.ReadAsync(Token)).Id.ShouldBe("gpu-1");
        await stop.CancelAsync();
        (await work).ShouldBe(ArrayWorkerEnd.Left);
    }

    [Fact]
    public async Task What_was_taken_ahead_on_a_wrong_guess_is_handed_back()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 300), Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode { Capacity = new(50, 0, 1 << 30) };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = WorkAsync(segments, tasks, node, stop: stop.Token);
        node.End((await node.Starts.Reader.ReadAsync(Token)).Lease, TaskOutcome.Completed, TimeSpan.FromMilliseconds(1));
        await segments.UntilAsync(static counts => counts.Given > 60);

        node.End((await node.Starts.Reader.ReadAsync(Token)).Lease, TaskOutcome.Completed, TimeSpan.FromHours(1));

        await segments.UntilAsync(static counts => counts.Given <= 50);
        await stop.CancelAsync();
        (await work).ShouldBe(ArrayWorkerEnd.Left);
        segments.Counts.ShouldBe(new TaskCounts { Completed = 2, Waiting = 298 });
    }

    [Fact]
    public async Task Nothing_begins_that_lasts_longer_than_the_time_that_is_left_and_what_is_left_waits_for_the_next_attempt()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 9), Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode();
        var work = WorkAsync(segments, tasks, node, until: TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        var first = (await node.Starts.Reader.ReadAsync(Token)).Lease;
        var second = (await node.Starts.Reader.ReadAsync(Token)).Lease;

        node.End(first, TaskOutcome.Completed, TimeSpan.FromHours(2));
        await segments.UntilAsync(static counts => counts is { Completed: 1, Given: 1 });
        work.IsCompleted.ShouldBeFalse("what runs may end yet");
        node.End(second, TaskOutcome.Completed, TimeSpan.FromHours(2));

        (await work).ShouldBe(ArrayWorkerEnd.Left);
        segments.Counts.ShouldBe(new TaskCounts { Completed = 2, Waiting = 7 });
        node.Began.Count.ShouldBe(2);
    }

    [Fact]
    public void What_a_task_lasts_is_known_from_its_group_and_before_that_from_its_time_out()
    {
        var now = TimeProvider.System.GetUtcNow();
        var left = new TimeLeft(now + TimeSpan.FromHours(1), TimeProvider.System);
        TaskShape one = new() { Demand = new(1, 0, 0), Timeout = TimeSpan.FromHours(3) }, other = new() { Demand = new(1, 0, 0) };

        left.IsEnoughFor(one).ShouldBeTrue("its time-out is longer than all the time there ever was, and tells nothing");
        left.IsEnoughFor(other).ShouldBeTrue("nothing is known of it");
        left.Completed(one, TimeSpan.FromMinutes(1));
        left.Completed(other, TimeSpan.FromHours(5));
        left.IsEnoughFor(one).ShouldBeTrue();
        left.IsEnoughFor(other).ShouldBeFalse();
        new TimeLeft(null, TimeProvider.System).IsEnoughFor(one).ShouldBeTrue();
    }

    [Fact]
    public void A_time_out_says_how_long_a_task_may_last_until_one_of_its_group_has_ended()
    {
        var clock = new SteppedClock();
        var left = new TimeLeft(clock.GetUtcNow() + TimeSpan.FromHours(4), clock);
        var shape = new TaskShape { Demand = new(1, 0, 0), Timeout = TimeSpan.FromHours(3) };

        left.IsEnoughFor(shape).ShouldBeTrue();
        clock.Step(TimeSpan.FromHours(2));
        left.IsEnoughFor(shape).ShouldBeFalse();
        left.Completed(shape, TimeSpan.FromMinutes(1));
        left.IsEnoughFor(shape).ShouldBeTrue();
    }

    [Fact]
    public async Task One_whose_tasks_all_fail_while_those_of_others_complete_leaves_its_node_and_what_it_has_to_others()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 200_000), Run = "run", RetriesMax = 3 }) with { Workers = 2 };
        var segments = new FakeSegments(tasks);
        FakeNode bad = new() { Ends = static _ => TaskOutcome.Failed }, good = new();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var failing = WorkAsync(segments, tasks, bad);
        var working = WorkAsync(segments, tasks with { Worker = 2 }, good, stop: stop.Token);

        while (!failing.IsCompleted)
        {
            good.End((await good.Starts.Reader.ReadAsync(Token)).Lease, TaskOutcome.Completed, TimeSpan.FromMinutes(1));
        }

        (await failing).ShouldBe(ArrayWorkerEnd.BadNode);
        await stop.CancelAsync();
        (await working).ShouldBe(ArrayWorkerEnd.Left);
        bad.Began.Distinct().Count().ShouldBeInRange(8, 16);
        segments.Counts.ShouldSatisfyAllConditions(static counts => counts.Failed.ShouldBe(0), static counts => counts.Given.ShouldBe(0));
    }

    [Fact]
    public async Task Cores_that_a_wide_task_waits_for_go_to_no_narrow_one_of_another_segment()
    {
        var tasks = Set(new TaskGroup { Name = "first", Run = "run" }, new TaskGroup { Name = "wide", Indices = new(0, 9_999), Cores = 2, Run = "run" }, new TaskGroup { Name = "narrow", Indices = new(0, 9), Run = "run" });
        var segments = new FakeSegments(tasks);
        var node = new FakeNode();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var work = WorkAsync(segments, tasks, node, stop: stop.Token);
        var (first, _) = await node.Starts.Reader.ReadAsync(Token);
        await segments.Said.Reader.ReadAsync(Token);
        (await segments.Said.Reader.ReadAsync(Token)).ShouldBe((0, 1), "it asks the same one for what is left");

        node.End(first, TaskOutcome.Completed, TimeSpan.FromHours(1));

        (await node.Starts.Reader.ReadAsync(Token)).Id.ShouldBe("wide-0");
        node.Began.ShouldNotContain(static one => one.StartsWith("narrow", StringComparison.Ordinal));
        await stop.CancelAsync();
        (await work).ShouldBe(ArrayWorkerEnd.Left);
    }

    [Fact]
    public async Task A_worker_that_only_ever_sees_tasks_that_do_not_fit_into_it_says_so_and_gives_up()
    {
        var tasks = Set(new TaskGroup { Name = "t", Indices = new(0, 4), Cores = 3, Run = "run" });

        (await Should.ThrowAsync<TaskSegmentsException>(() => WorkAsync(new(tasks), tasks, new(), starvesFor: TimeSpan.FromMilliseconds(1)))).Message
            .ShouldBe("4 tasks wait, and none of them fits into this worker, which has 2 cores, 0 GPUs and 1024 MiB");
    }

    [Fact]
    public void As_many_are_taken_ahead_as_last_a_second_and_fewer_while_none_ends()
    {
        var clock = new SteppedClock();
        var pace = new TaskPace(4, clock);
        pace.AheadCores(isRunning: true).ShouldBe(0, "nothing is known");
        pace.Began();
        pace.Completed(TimeSpan.FromMilliseconds(10));
        pace.AheadCores(isRunning: true).ShouldBe(400);

        clock.Step(TimeSpan.FromSeconds(2));
        pace.AheadCores(isRunning: true).ShouldBe(2);
        clock.Step(TimeSpan.FromSeconds(3));
        pace.AheadCores(isRunning: true).ShouldBe(0);
        pace.AheadCores(isRunning: false).ShouldBe(400, "while nothing runs, that nothing ends says nothing");
        pace.Completed(TimeSpan.FromSeconds(100));
        pace.AheadCores(isRunning: true).ShouldBe(0);
    }

    public void Dispose() => told.Dispose();

    private static TaskSetDefinition Set(params ImmutableArray<TaskGroup> groups) => new() { Set = "t", Groups = groups };

    private async Task<ArrayWorkerEnd> WorkAsync(FakeSegments segments, TaskSetDefinition tasks, FakeNode node, int epoch = 1, CancellationToken? stop = null, TimeSpan? starvesFor = null, DateTimeOffset? until = null)
    {
        using var worker = new ArrayWorker(new() { Tasks = tasks, Epoch = epoch, Node = $"n-{tasks.Worker}", StarvesFor = starvesFor ?? TimeSpan.FromMinutes(1), LooksEach = TimeSpan.FromMilliseconds(1), Until = until }, segments, node.Join, told, TimeProvider.System);
        return await worker.RunAsync(stop ?? CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
    }

    /// <summary>Two cores that run nothing.</summary>
    private sealed class FakeNode : ITaskNode
    {
        private readonly Dictionary<long, (TaskLease Lease, int Cores)> running = [];
        private INodeEvents events = null!;

        /// <summary>How a task ends at once; null: by <see cref="End"/>.</summary>
        public Func<TaskDefinition, TaskOutcome>? Ends { get; init; }

        public Channel<(TaskLease Lease, string Id)> Starts { get; } = Channel.CreateUnbounded<(TaskLease Lease, string Id)>();

        public List<string> Began { get; } = [];

        public List<(string Id, int Attempt)> Attempts { get; } = [];

        public int CoresMost { get; private set; }

        public int Running => running.Count;

        public string Name => "fake";

        public TaskDemand Capacity { get; init; } = new(2, 0, 1 << 30);

        public int PrefetchCores => 0;

        public bool IsPaused => false;

        public FakeNode Join(INodeEvents told)
        {
            events = told;
            return this;
        }

        public void Start(TaskLease lease, TaskDefinition task)
        {
            Began.Add($"{task.Id}: {task.Command}");
            Attempts.Add((task.Id, lease.Attempt));
            running.Add(lease.Serial, (lease, task.Shape.Demand.Cores));
            CoresMost = Math.Max(CoresMost, running.Values.Sum(static one => one.Cores));
            if (Ends is { } ends)
            {
                Tell(lease, ends(task));
            }
            else
            {
                Starts.Writer.TryWrite((lease, task.Id));
            }
        }

        public void End(TaskLease lease, TaskOutcome outcome, TimeSpan duration = default)
        {
            lock (events.Gate)
            {
                Tell(lease, outcome, duration);
                events.Pump();
            }
        }

        public void ReturnAll()
        {
            foreach (var (lease, _) in running.Values.ToList())
            {
                Tell(lease, TaskOutcome.Returned);
            }
        }

        public void Dispose()
        {
        }

        private void Tell(TaskLease lease, TaskOutcome outcome, TimeSpan duration = default)
        {
            running.Remove(lease.Serial);
            events.Ended(new() { Lease = lease, Outcome = outcome, Duration = duration, Code = outcome == TaskOutcome.Completed ? 0 : 3 });
        }
    }

    /// <summary>The machine of each segment, over a wire that loses answers.</summary>
    private sealed class FakeSegments : ITaskSegments
    {
        private readonly Lock gate = new();
        private readonly bool hasOthers;
        private int exchanges;

        public FakeSegments(TaskSetDefinition tasks)
        {
            hasOthers = tasks.Workers > 1;
            States = [.. Enumerable.Range(0, tasks.Segments).Select(segment => TaskSegmentMachine.Open(new(), tasks.RowsOf(segment)).Aggregate(new TaskSegmentState(), Apply))];
        }

        public List<TaskSegmentState> States { get; }

        /// <summary>Each so-manieth answer is lost, after what was said was taken; 0: none.</summary>
        public int LosesEach { get; init; }

        public bool Refuses { get; init; }

        /// <summary>Called once when a worker has closed a segment, before it is answered.</summary>
        public Action? Closed { get; set; }

        /// <summary>The answer to that is lost, once.</summary>
        public bool LosesClosing { get; init; }

        /// <summary>What was said: to which segment, and for how many cores.</summary>
        public Channel<(int Segment, int Cores)> Said { get; } = Channel.CreateUnbounded<(int Segment, int Cores)>();

        public TaskCounts Counts
        {
            get
            {
                lock (gate)
                {
                    return States.Aggregate(new TaskCounts(), static (sum, state) => sum + state.Counts);
                }
            }
        }

        /// <summary>What failed waits again.</summary>
        public int Retry(int segment)
        {
            lock (gate)
            {
                var failed = States[segment].Failed.Count;
                States[segment] = TaskSegmentMachine.Retry(States[segment], ImmutableSortedDictionary<int, int>.Empty).Aggregate(States[segment], Apply);
                return failed;
            }
        }

        /// <summary>Waits for an exchange after which it is so.</summary>
        public async Task UntilAsync(Func<TaskCounts, bool> holds)
        {
            while (!holds(Counts))
            {
                await Said.Reader.ReadAsync(Token);
            }
        }

        public Task<TaskExchangeReply> ExchangeAsync(int segment, TaskExchange exchange, CancellationToken cancellationToken)
        {
            if (Refuses)
            {
                throw new TaskSegmentsException("no such stage", isTransient: false);
            }

            lock (gate)
            {
                var facts = TaskSegmentMachine.Decide(States[segment], exchange, ImmutableSortedDictionary<int, int>.Empty, TimeProvider.System.GetUtcNow(), out var reply, hasOthers);
                States[segment] = facts.Aggregate(States[segment], Apply);
                TaskSegmentMachine.SanityCheck(States[segment]).ShouldBeEmpty();
                Said.Writer.TryWrite((segment, exchange.Cores));
                if (exchange.Closes && reply.Counts.IsFinished && Closed is { } closed)
                {
                    Closed = null;
                    closed();
                    if (LosesClosing)
                    {
                        throw new TaskSegmentsException("the answer was lost", isTransient: true);
                    }
                }

                return LosesEach > 0 && ++exchanges % LosesEach == 0 ? throw new TaskSegmentsException("the answer was lost", isTransient: true) : Task.FromResult(reply);
            }
        }

        private static TaskSegmentState Apply(TaskSegmentState state, TaskSegmentFact fact) => TaskSegmentMachine.Apply(state, fact, TimeProvider.System.GetUtcNow());
    }
}
