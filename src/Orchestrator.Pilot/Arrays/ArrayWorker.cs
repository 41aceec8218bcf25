using System.Globalization;
using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// A worker of a stage with tasks: takes them in batches from their segments, runs them as the pilot does, and tells of their ends in batches. It keeps nothing: what the segments
/// have not taken when it dies runs again. As many are taken ahead of their use as last about a second, and handed back when they turn out to last longer.
/// </summary>
internal sealed class ArrayWorker : INodeEvents, IDisposable
{
    /// <summary>An end is told at the latest so long after.</summary>
    private static readonly TimeSpan Unhurried = TimeSpan.FromMilliseconds(500);

    /// <summary>So long an end by a signal may turn out to be one of the whole node.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TellEach = TimeSpan.FromSeconds(2);

    private readonly ArrayWorkerOptions options;
    private readonly TimeProvider clock;
    private readonly TextWriter warnings;
    private readonly SegmentTalk talk;
    private readonly SegmentRing segments;
    private readonly ArrayTasks tasks;
    private readonly WaitingTasks waiting = new();
    private readonly Dictionary<long, ArrayLease> running = [];
    private readonly Queue<(ArrayLease Lease, TaskEnd End, long At)> held = new();
    private readonly FinalLook look;
    private readonly TaskPace pace;
    private readonly NodeDoubt doubt;
    private readonly TimeLeft time;
    private readonly ITaskNode node;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskDemand free;
    private int run = -1;
    private long lastLocal;
    private long? starvingSince;
    private bool isPumping, isStopping, isOver;

    /// <summary>The next task would not end in the time that is left: what runs ends, and nothing else begins.</summary>
    private bool isEnding;

    /// <param name="options">Which worker it is.</param>
    /// <param name="source">Where it gets tasks.</param>
    /// <param name="makeNode">Makes what runs them; it is disposed with the worker.</param>
    /// <param name="warnings">What people should know.</param>
    /// <param name="clock">The time.</param>
    public ArrayWorker(ArrayWorkerOptions options, ITaskSegments source, Func<INodeEvents, ITaskNode> makeNode, TextWriter warnings, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        this.warnings = warnings;
        talk = new(source, clock, options.LeaveWithin, Warn);
        tasks = new(options.Tasks);
        segments = new(options.Tasks, clock);
        look = new(segments.Count);
        node = makeNode(this);
        free = node.Capacity;
        pace = new(free.Cores, clock);
        time = new(options.Until, clock);
        doubt = new(options.Tasks.Workers, free.Cores, segments.Count, options.LooksEach, clock);
    }

    public object Gate { get; } = new();

    /// <summary>Where all tasks stand, as far as this worker has heard.</summary>
    public TaskCounts Counts
    {
        get
        {
            lock (Gate)
            {
                return segments.Counts;
            }
        }
    }

    /// <summary>Nothing runs here, and nothing is about to.</summary>
    private bool IsIdle => running.Count == 0 && waiting.Count == 0 && held.Count == 0;

    /// <summary>Works until every task of the set has its end, whoever ran it.</summary>
    /// <param name="stop">To leave: what runs is ended and handed back, and no retry is used.</param>
    /// <exception cref="TaskSegmentsException">A segment refuses for good, or no task that is left can run here.</exception>
    public async Task<ArrayWorkerEnd> RunAsync(CancellationToken stop)
    {
        using var leaving = stop.Register(Leave);
        long? toldAt = null;
        while (true)
        {
            (SegmentLink Segment, TaskExchange Exchange)? next;
            Task happened;
            lock (Gate)
            {
                if (IsIdle && End() is { } end)
                {
                    options.Tell(Counts);
                    return end;
                }

                FailIfStarving();
                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                happened = changed.Task;
                next = Next();
            }

            if (next is not var (segment, exchange))
            {
                await Task.WhenAny(happened, Task.Delay(options.LooksEach < Unhurried ? options.LooksEach : Unhurried, clock, CancellationToken.None)).ConfigureAwait(false);
                continue;
            }

            var reply = await talk.SayAsync(segment.Number, exchange, IsLeaving).ConfigureAwait(false);
            lock (Gate)
            {
                Hear(segment, exchange, reply);
                Pump();
            }

            if (toldAt is not { } last || clock.GetElapsedTime(last) >= TellEach)
            {
                toldAt = clock.GetTimestamp();
                options.Tell(Counts);
            }
        }
    }

    public void Ended(TaskEnd end)
    {
        if (!running.Remove(end.Lease.Serial, out var lease))
        {
            return;
        }

        free = new(free.Cores + lease.Demand.Cores, free.Gpus + lease.Demand.Gpus, free.Memory + lease.Demand.Memory);
        if (end.Outcome == TaskOutcome.Completed)
        {
            pace.Completed(end.Duration);
            doubt.Completed();
            time.Completed(lease.Shape, end.Duration);
        }
        else if (end.Outcome is TaskOutcome.Failed or TaskOutcome.NotStarted && !isStopping)
        {
            doubt.Failed(lease.Segment.Number, lease.Task);
        }

        // What ends a whole node ends its tasks a moment before this worker: that is no failure of theirs.
        if (end is { Outcome: TaskOutcome.Failed, Code: -15 or -9 or 128 + 15 or 128 + 9 } && !isStopping)
        {
            held.Enqueue((lease, end, clock.GetTimestamp()));
        }
        else
        {
            lease.Tell(end, clock.GetTimestamp());
        }

        changed.TrySetResult();
    }

    public void Warn(string text)
    {
        lock (warnings)
        {
            warnings.WriteLine(text);
        }
    }

    public void Lost(ITaskNode node, string reason) => Warn($"{node.Name}: {reason}");

    public void Pump()
    {
        // A start that fails at once is reported in the midst of a turn.
        if (isPumping)
        {
            return;
        }

        isPumping = true;
        while (!node.IsPaused && !doubt.IsAsking && !isEnding && waiting.TryTake(free, out var next))
        {
            var (lease, demand) = (next.Lease, next.Lease.Demand);
            if (!time.IsEnoughFor(lease.Shape))
            {
                isEnding = true;
                lease.Return(clock.GetTimestamp());
                break;
            }

            free = new(free.Cores - demand.Cores, free.Gpus - demand.Gpus, free.Memory - demand.Memory);
            if (running.Count == 0)
            {
                pace.Began();
            }

            running.Add(lease.Local, lease);
            node.Start(new() { Task = lease.Task, Serial = lease.Local, Attempt = lease.Attempt, LeasedAt = clock.GetUtcNow() }, next.Task);
        }

        isPumping = false;
        changed.TrySetResult();
    }

    public void Dispose()
    {
        lock (Gate)
        {
            // A task that ends while the node is closed makes room for none.
            while (waiting.TakeNewest() is not null)
            {
            }
        }

        node.Dispose();
    }

    private bool IsLeaving()
    {
        lock (Gate)
        {
            return isStopping;
        }
    }

    /// <summary>Nothing runs here any more: whether that is the end.</summary>
    private ArrayWorkerEnd? End()
    {
        if (isOver)
        {
            return ArrayWorkerEnd.Over;
        }

        return segments.HaveUntoldEnds ? null
            : doubt.IsSure && !isStopping && !segments.KnowAllEnded ? ArrayWorkerEnd.BadNode
            : look.IsDone ? look.FoundMore ? ArrayWorkerEnd.Left : ArrayWorkerEnd.Finished
            : (isStopping || isEnding) && !segments.KnowAllEnded ? ArrayWorkerEnd.Left
            : null;
    }

    /// <summary>Tasks wait that never fit in here: whoever waits for them should hear of it, and the nodes are of use to others.</summary>
    private void FailIfStarving()
    {
        if (!IsIdle || isStopping || isEnding || isOver || node.IsPaused || doubt.IsAsking || !segments.HaveNoneForUs)
        {
            starvingSince = null;
            return;
        }

        starvingSince ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(starvingSince.Value) >= options.StarvesFor)
        {
            var room = node.Capacity;
            throw new TaskSegmentsException(
                string.Create(CultureInfo.InvariantCulture, $"{Counts.Waiting} tasks wait, and none of them fits into this worker, which has {room.Cores} cores, {room.Gpus} GPUs and {room.Memory >> 20} MiB"),
                isTransient: false);
        }
    }

    /// <summary>What to say next, to whom; null: nothing for now.</summary>
    private (SegmentLink Segment, TaskExchange Exchange)? Next()
    {
        while (held.TryPeek(out var first) && (isStopping || clock.GetElapsedTime(first.At) >= HeldFor))
        {
            held.Dequeue();
            first.Lease.Tell(isStopping ? first.End with { Outcome = TaskOutcome.Returned } : first.End, clock.GetTimestamp());
        }

        if (isOver)
        {
            return null;
        }

        var ahead = doubt.IsAsking || isEnding ? 0 : pace.AheadCores(running.Count > 0);
        HandBack(ahead);
        var room = Room(ahead);
        if (room.Cores > 0 && waiting.Cores <= ahead / 2 && segments.FirstWithTasks(room.Cores) is { } giving)
        {
            return (giving, Say(giving, room));
        }

        // Nobody is kept waiting for an end: the others of the set look at it, and so does whoever watches.
        if (segments.Untold(IsIdle ? TimeSpan.Zero : Unhurried) is { } telling)
        {
            return (telling, Say(telling, default));
        }

        if (IsIdle && !isStopping && !segments.KnowAllEnded && doubt.Next is { } doubtful)
        {
            return (segments[doubtful], Say(segments[doubtful], default));
        }

        if (!IsIdle || !segments.KnowAllEnded || look.IsDone)
        {
            return null;
        }

        var (number, closes) = look.Next;
        return (segments[number], Say(segments[number], look.HasTold ? default : room) with { Closes = closes });
    }

    /// <summary>What may be given now: what is free, less what waits for it here, and as much of all as is taken ahead.</summary>
    private TaskDemand Room(int ahead)
    {
        if (isStopping || isEnding || node.IsPaused || doubt.IsAsking)
        {
            return default;
        }

        var (all, share) = (node.Capacity, ahead / (double)Math.Max(1, node.Capacity.Cores));
        return new(
            Math.Max(0, free.Cores - waiting.Cores + ahead),
            Math.Max(0, free.Gpus - waiting.Gpus + (int)(share * all.Gpus)),
            Math.Max(0, free.Memory - waiting.Memory + (long)(share * all.Memory)));
    }

    /// <summary>Tasks last longer than was thought when these were taken: others may have time for them.</summary>
    private void HandBack(int ahead)
    {
        var most = ahead == 0 ? 0 : (2 * ahead) + node.Capacity.Cores;
        if (waiting.Cores <= most)
        {
            return;
        }

        while (waiting.Cores > ahead && waiting.TakeNewest() is { } lease)
        {
            lease.Return(clock.GetTimestamp());
        }
    }

    private TaskExchange Say(SegmentLink segment, TaskDemand room) => new()
    {
        Worker = options.Tasks.Worker,
        Epoch = options.Epoch,
        Sequence = segment.Sequence,
        Node = options.Node,
        Cores = room.Cores,
        Gpus = node.Capacity.Gpus,
        Memory = node.Capacity.Memory,
        FreeGpus = room.Gpus,
        FreeMemory = room.Memory,
        Ended = segment.Ends.Take(),
        Run = run,
    };

    private void Hear(SegmentLink segment, TaskExchange said, TaskExchangeReply reply)
    {
        // Over is also what a segment says to whoever has told it that it comes for nothing more, and did not hear the answer; there its tasks are counted.
        if (reply.Outcome == TaskExchangeOutcome.Over && !(said.Closes && reply.Counts.Tasks > 0))
        {
            isOver = true;
            while (waiting.TakeNewest() is not null)
            {
            }

            node.ReturnAll();
            return;
        }

        run = reply.Run;
        if (IsIdle && said is { Cores: 0, Ended.IsEmpty: true })
        {
            doubt.Hear(segment.Number, reply.Counts);
        }

        if (IsIdle && segments.KnowAllEnded && said.Ended.IsEmpty)
        {
            look.Hear(said, reply);
        }

        if (segments.Hear(segment, said, reply) is { } given)
        {
            foreach (var task in tasks.InOrder(given.Tasks))
            {
                Take(segment, given.Serial, task, reply.Failures.GetValueOrDefault(task) + 1);
            }
        }
    }

    private void Take(SegmentLink segment, long serial, int number, int attempt)
    {
        if (isStopping || isEnding)
        {
            segment.Ends.Returned(serial, number, clock.GetTimestamp());
            return;
        }

        var task = tasks.At(number);
        waiting.Add(new() { Segment = segment, Serial = serial, Task = number, Attempt = attempt, Local = ++lastLocal, Shape = task.Shape }, task);
    }

    private void Leave()
    {
        lock (Gate)
        {
            isStopping = true;
            while (waiting.TakeNewest() is { } lease)
            {
                lease.Return(clock.GetTimestamp());
            }

            node.ReturnAll();
            changed.TrySetResult();
        }
    }
}
