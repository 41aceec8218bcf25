using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// A worker of a stage with tasks: takes them in batches from their segments, runs them as the pilot does, and tells of their ends in batches. It keeps nothing: what the segments
/// have not taken when it dies runs again. Short tasks are taken ahead of their use, as many as last a second; long ones only when there is room.
/// </summary>
internal sealed class ArrayWorker : INodeEvents, IDisposable
{
    private const int AheadMax = 2048;

    /// <summary>An end is told at the latest so long after, and a segment that has nothing for now is asked again so much later.</summary>
    private static readonly TimeSpan Unhurried = TimeSpan.FromMilliseconds(500);

    /// <summary>So much work is taken ahead.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    /// <summary>So long an end by a signal may turn out to be one of the whole node.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TellEach = TimeSpan.FromSeconds(2);

    private readonly ArrayWorkerOptions options;
    private readonly ITaskSegments source;
    private readonly TimeProvider clock;
    private readonly TextWriter warnings;
    private readonly Segment[] segments;
    private readonly Dictionary<TaskGroup, TaskShape> shapes;
    private readonly Queue<(Lease Lease, TaskDefinition Task)> waiting = new();
    private readonly Dictionary<long, Lease> running = [];
    private readonly Queue<(Lease Lease, TaskEnd End, long At)> held = new();
    private readonly ITaskNode node;
    private readonly bool hasPriorities;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskDemand free;
    private int waitingCores, current, run = -1;
    private long lastSerial;
    private double? usualSeconds;
    private bool isPumping, isStopping, isOver;

    /// <param name="options">Which worker it is.</param>
    /// <param name="source">Where it gets tasks.</param>
    /// <param name="makeNode">Makes what runs them; it is disposed with the worker.</param>
    /// <param name="warnings">What people should know.</param>
    /// <param name="clock">The time.</param>
    public ArrayWorker(ArrayWorkerOptions options, ITaskSegments source, Func<INodeEvents, ITaskNode> makeNode, TextWriter warnings, TimeProvider clock)
    {
        this.options = options;
        this.source = source;
        this.clock = clock;
        this.warnings = warnings;
        var tasks = options.Tasks;
        segments = [.. Enumerable.Range(0, tasks.Segments).Select(number => new Segment(number) { Counts = new() { Waiting = tasks.NumbersOf(number).Count } })];
        shapes = new(ReferenceEqualityComparer.Instance);
        foreach (var group in tasks.Groups)
        {
            shapes[group] = new() { Demand = new(group.Cores, group.Gpus, group.Memory), Priority = group.Priority, Timeout = group.Timeout, RetriesMax = group.RetriesMax };
        }

        // Workers begin at different places, so that each has segments of its own for long.
        current = (int)((long)(tasks.Worker - 1) * segments.Length / tasks.Workers);
        hasPriorities = tasks.Groups.Select(static group => group.Priority).Distinct().Count() > 1;
        node = makeNode(this);
        free = node.Capacity;
    }

    public object Gate { get; } = new();

    /// <summary>Where all tasks stand, as far as this worker has heard.</summary>
    public TaskCounts Counts
    {
        get
        {
            lock (Gate)
            {
                return segments.Aggregate(new TaskCounts(), static (sum, segment) => sum + segment.Counts);
            }
        }
    }

    /// <summary>Works until every task of the set has its end, whoever ran it.</summary>
    /// <param name="stop">To leave: what runs is ended and handed back, and no retry is used.</param>
    /// <exception cref="TaskSegmentsException">A segment refuses for good.</exception>
    public async Task<ArrayWorkerEnd> RunAsync(CancellationToken stop)
    {
        using var leaving = stop.Register(Leave);
        var toldAt = clock.GetTimestamp();
        while (true)
        {
            (Segment Segment, TaskExchange Exchange)? next;
            Task happened;
            lock (Gate)
            {
                if (running.Count == 0 && held.Count == 0 && End() is { } end)
                {
                    options.Tell(Counts);
                    return end;
                }

                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                happened = changed.Task;
                next = Next();
            }

            if (next is not var (segment, exchange))
            {
                await Task.WhenAny(happened, Task.Delay(Unhurried, clock, CancellationToken.None)).ConfigureAwait(false);
                continue;
            }

            var reply = await SayAsync(segment.Number, exchange).ConfigureAwait(false);
            lock (Gate)
            {
                Hear(segment, exchange, reply);
                Pump();
            }

            if (clock.GetElapsedTime(toldAt) >= TellEach)
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
        if (end.Outcome != TaskOutcome.Returned)
        {
            // The newest counts most.
            usualSeconds = usualSeconds is { } usual ? (0.9 * usual) + (0.1 * end.Duration.TotalSeconds) : end.Duration.TotalSeconds;
        }

        // What ends a whole node ends its tasks a moment before this worker: that is no failure of theirs.
        if (end is { Outcome: TaskOutcome.Failed, Code: -15 or -9 or 128 + 15 or 128 + 9 } && !isStopping)
        {
            held.Enqueue((lease, end, clock.GetTimestamp()));
        }
        else
        {
            Note(lease, end);
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
        while (!node.IsPaused && waiting.TryPeek(out var next) && next.Lease.Demand.FitsIn(free))
        {
            waiting.Dequeue();
            var demand = next.Lease.Demand;
            waitingCores -= demand.Cores;
            free = new(free.Cores - demand.Cores, free.Gpus - demand.Gpus, free.Memory - demand.Memory);
            running.Add(next.Lease.Local, next.Lease);
            node.Start(new() { Task = next.Lease.Task, Serial = next.Lease.Local, Attempt = next.Lease.Attempt, LeasedAt = clock.GetUtcNow() }, next.Task);
        }

        isPumping = false;
        changed.TrySetResult();
    }

    public void Dispose() => node.Dispose();

    /// <summary>Nothing runs here any more: whether that is the end.</summary>
    private ArrayWorkerEnd? End()
    {
        if (isOver)
        {
            return ArrayWorkerEnd.Over;
        }

        if (waiting.Count > 0 || Array.Exists(segments, static segment => segment.Ends.Since is not null))
        {
            return null;
        }

        return Array.TrueForAll(segments, static segment => segment.IsFinished) ? ArrayWorkerEnd.Finished : isStopping ? ArrayWorkerEnd.Left : null;
    }

    /// <summary>What to say next, to whom; null: nothing for now.</summary>
    private (Segment Segment, TaskExchange Exchange)? Next()
    {
        while (held.TryPeek(out var first) && (isStopping || clock.GetElapsedTime(first.At) >= HeldFor))
        {
            held.Dequeue();
            Note(first.Lease, isStopping ? first.End with { Outcome = TaskOutcome.Returned } : first.End);
        }

        if (isOver)
        {
            return null;
        }

        var ahead = AheadCores();
        var room = isStopping ? 0 : free.Cores - waitingCores + ahead;
        if (room > 0 && waitingCores <= ahead / 2 && FirstWithTasks() is { } giving)
        {
            return (giving, Say(giving, room));
        }

        // Nobody is kept waiting for an end: the others of the set look at it, and so does whoever watches.
        var isIdle = running.Count == 0 && waiting.Count == 0;
        var telling = Array.Find(segments, segment => segment.Ends.Since is { } since && (isIdle || clock.GetElapsedTime(since) >= Unhurried));
        return telling is null ? null : (telling, Say(telling, 0));
    }

    private TaskExchange Say(Segment segment, int room) => new()
    {
        Worker = options.Tasks.Worker,
        Epoch = options.Epoch,
        Sequence = segment.Sequence,
        Node = options.Node,
        Cores = room,
        Gpus = node.Capacity.Gpus,
        Memory = node.Capacity.Memory,
        Ended = segment.Ends.Take(),
        Run = run,
    };

    private int AheadCores() => usualSeconds is not { } seconds || seconds >= Ahead.TotalSeconds
        ? 0
        : (int)Math.Clamp(node.Capacity.Cores * Ahead.TotalSeconds / Math.Max(seconds, 1e-6), 2 * node.Capacity.Cores, AheadMax);

    /// <summary>From where it is on, the first that may have something.</summary>
    private Segment? FirstWithTasks()
    {
        for (var step = 0; step < segments.Length; step++)
        {
            var segment = segments[(current + step) % segments.Length];
            if (!segment.IsFinished && (segment.EmptyAt is not { } at || clock.GetElapsedTime(at) >= segment.EmptyFor))
            {
                current = segment.Number;
                return segment;
            }
        }

        return null;
    }

    private async Task<TaskExchangeReply> SayAsync(int segment, TaskExchange exchange)
    {
        var pause = RetryFirst;
        long? leavingSince = null;
        string? told = null;
        while (true)
        {
            try
            {
                return await source.ExchangeAsync(segment, exchange, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TaskSegmentsException fault) when (fault.IsTransient)
            {
                if (fault.Message != told)
                {
                    Warn($"{fault.Message}; it is tried again, and tasks run on meanwhile");
                    told = fault.Message;
                }
            }

            lock (Gate)
            {
                leavingSince ??= isStopping ? clock.GetTimestamp() : null;
            }

            if (leavingSince is { } since && clock.GetElapsedTime(since) >= options.LeaveWithin)
            {
                // What it has is taken from it when its attempt is seen to be over.
                return new() { Outcome = TaskExchangeOutcome.Over };
            }

            await Task.Delay(pause, clock, CancellationToken.None).ConfigureAwait(false);
            pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
        }
    }

    private void Hear(Segment segment, TaskExchange said, TaskExchangeReply reply)
    {
        if (reply.Outcome == TaskExchangeOutcome.Over)
        {
            isOver = true;
            waiting.Clear();
            waitingCores = 0;
            node.ReturnAll();
            return;
        }

        run = reply.Run;
        segment.Counts = reply.Counts;
        segment.IsFinished = reply.Counts.IsFinished;
        segment.Sequence += reply.IsTaken ? 1 : 0;
        if (reply.Outcome == TaskExchangeOutcome.Repeated)
        {
            segment.Ends.PutBack(said.Ended, clock.GetTimestamp());
        }

        if (reply.Given is not { } given || !segment.Heard.Add(given.Serial))
        {
            if (said.Cores > 0)
            {
                segment.EmptyFor = segment.EmptyAt is null ? Unhurried : segment.EmptyFor * 2 < RetryMax ? segment.EmptyFor * 2 : RetryMax;
                segment.EmptyAt = clock.GetTimestamp();
            }

            return;
        }

        segment.EmptyAt = null;

        // A batch is of numbers; its order is that of priorities.
        var numbers = TaskRanges.Numbers(given.Tasks);
        foreach (var task in hasPriorities ? numbers.OrderByDescending(number => options.Tasks.At(number).Group.Priority) : numbers)
        {
            Take(segment, given.Serial, task, reply.Failures.GetValueOrDefault(task) + 1);
        }
    }

    private void Take(Segment segment, long serial, int task, int attempt)
    {
        var (group, index) = options.Tasks.At(task);
        var shape = shapes[group];
        var lease = new Lease { Segment = segment, Serial = serial, Task = task, Attempt = attempt, Local = ++lastSerial, Demand = shape.Demand };
        if (isStopping)
        {
            segment.Ends.Returned(serial, task, clock.GetTimestamp());
            return;
        }

        waitingCores += shape.Demand.Cores;
        waiting.Enqueue((lease, new()
        {
            Id = index is { } number ? TaskIndices.NameOf(group.Name, number) : group.Name,
            Command = Of(group.Run),
            Shape = shape,
            Workdir = group.Workdir is { } folder ? Of(folder) : null,
            Environment = [.. group.Environment.Select(variable => KeyValuePair.Create(variable.Key, Of(variable.Value)))],
        }));

        string Of(string text) => index is { } one ? TaskIndices.Fill(text, one) : text;
    }

    private void Note(Lease lease, TaskEnd end)
    {
        var (ends, now) = (lease.Segment.Ends, clock.GetTimestamp());
        switch (end.Outcome)
        {
            case TaskOutcome.Completed:
                ends.Completed(lease.Serial, lease.Task, end.Duration, now);
                break;
            case TaskOutcome.Returned:
                ends.Returned(lease.Serial, lease.Task, now);
                break;
            default:
                var kind = end.Outcome switch { TaskOutcome.TimedOut => TaskFaultKind.TimedOut, TaskOutcome.NotStarted => TaskFaultKind.NotStarted, _ => TaskFaultKind.Failed };
                ends.Failed(lease.Serial, new() { Task = lease.Task, Kind = kind, Code = end.Code }, end.Duration, now);
                break;
        }
    }

    private void Leave()
    {
        lock (Gate)
        {
            isStopping = true;
            while (waiting.TryDequeue(out var next))
            {
                next.Lease.Segment.Ends.Returned(next.Lease.Serial, next.Lease.Task, clock.GetTimestamp());
            }

            waitingCores = 0;
            node.ReturnAll();
            changed.TrySetResult();
        }
    }

    /// <summary>What this worker knows of a segment.</summary>
    private sealed class Segment(int number)
    {
        public int Number => number;

        public long Sequence { get; set; } = 1;

        public TaskCounts Counts { get; set; } = new();

        public bool IsFinished { get; set; }

        /// <summary>When it had nothing to give; null: it had.</summary>
        public long? EmptyAt { get; set; }

        /// <summary>It is asked again so much later.</summary>
        public TimeSpan EmptyFor { get; set; }

        public ToldEnds Ends { get; } = new();

        /// <summary>Batches that came: a repeated answer brings none twice.</summary>
        public HashSet<long> Heard { get; } = [];
    }

    /// <summary>A task that this worker has.</summary>
    private sealed record Lease
    {
        public required Segment Segment { get; init; }

        public required long Serial { get; init; }

        public required int Task { get; init; }

        public required int Attempt { get; init; }

        /// <summary>Its number among all that this worker ever had.</summary>
        public required long Local { get; init; }

        public required TaskDemand Demand { get; init; }
    }
}
