using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A worker: runs on this node what a pilot on another one sends, in its order, and ends with it. It ends its tasks when the pilot is gone, or silent for so long that the
/// pilot takes this node for lost; its last word is that nothing runs here any more.
/// </summary>
internal sealed class WorkerHost : INodeEvents, IDisposable
{
    private readonly LocalNodeOptions options;
    private readonly TextReader input;
    private readonly TextWriter output;
    private readonly TextWriter warnings;
    private readonly TimeProvider clock;
    private readonly TimeSpan silenceMax;
    private readonly Queue<(TaskLease Lease, TaskDefinition Task)> waiting = new();
    private readonly Dictionary<long, TaskDemand> running = [];
    private readonly LocalNode node;
    private readonly ITimer watch;
    private readonly SleepWatch sleep;
    private TaskDemand free;
    private List<TaskEnd> ended = [];

    /// <summary>Null: nothing yet, while the pilot waits for the greetings of other nodes. The end of its input tells of its death even then.</summary>
    private long? heardAt;
    private bool isPumping, isAsked, isOver, isClosing, isGone;
    private bool isTerminated, isCutOff;

    /// <param name="options">Of this node.</param>
    /// <param name="input">What the pilot says.</param>
    /// <param name="output">What it hears.</param>
    /// <param name="warnings">For people.</param>
    /// <param name="clock">The time.</param>
    /// <param name="silenceMax">When the pilot has said nothing for so long, it is gone. It asks four times as often.</param>
    public WorkerHost(LocalNodeOptions options, TextReader input, TextWriter output, TextWriter warnings, TimeProvider clock, TimeSpan silenceMax)
    {
        this.options = options;
        this.input = input;
        this.output = output;
        this.warnings = warnings;
        this.clock = clock;
        this.silenceMax = silenceMax;
        free = options.Capacity;
        node = new(options, this, clock);
        sleep = new(clock, silenceMax / 4);
        watch = clock.CreateTimer(_ => Watch(), null, silenceMax / 4, silenceMax / 4);
    }

    public object Gate { get; } = new();

    /// <summary>This process is told to end: so are its tasks, by the same hand, and that is no failure of theirs. Nothing more starts here.</summary>
    public void Terminated()
    {
        lock (Gate)
        {
            isTerminated = true;
            Stop();
            isOver = true;
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Greets, and works until its input ends.</summary>
    /// <returns>False: the pilot may not have read what it was told, and nobody should wait until it does.</returns>
    public bool Run()
    {
        // What a worker that was killed left running, before the pilot gives it out again.
        ProcessTree.Kill($"ORCHESTRATOR_PILOT={options.RunId}/");
        using var defaults = new SpawnDefaults(options.Environment);
        using var guard = new TaskGuard($"{options.RunId}/{options.Name}/", defaults);
        Send(WorkerMessages.Hello(options.Capacity));
        var writer = new Thread(Write) { IsBackground = true, Name = "ends" };
        writer.Start();
        new Thread(Read) { IsBackground = true, Name = "starts" }.Start();
        lock (Gate)
        {
            while (!isOver || running.Count > 0)
            {
                Monitor.Wait(Gate);
            }

            isClosing = true;
            Monitor.PulseAll(Gate);
        }

        return writer.Join(isCutOff ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        watch.Dispose();
        node.Dispose();
    }

    public void Ended(TaskEnd end)
    {
        if (running.Remove(end.Lease.Serial, out var demand))
        {
            free = new(free.Cores + demand.Cores, free.Gpus + demand.Gpus, free.Memory + demand.Memory);
        }

        ended.Add(isTerminated && end is { Outcome: TaskOutcome.Failed, Code: -15 or -9 or 128 + 15 or 128 + 9 } ? end with { Outcome = TaskOutcome.Returned } : end);
        Monitor.PulseAll(Gate);
    }

    public void Pump()
    {
        if (isPumping)
        {
            return;
        }

        isPumping = true;
        while (!node.IsPaused && !isOver && waiting.TryPeek(out var next) && next.Task.Shape.Demand is var demand && demand.FitsIn(free))
        {
            waiting.Dequeue();
            free = new(free.Cores - demand.Cores, free.Gpus - demand.Gpus, free.Memory - demand.Memory);
            running.Add(next.Lease.Serial, demand);
            node.Start(next.Lease, next.Task);
        }

        isPumping = false;
        Monitor.PulseAll(Gate);
    }

    public void Warn(string text)
    {
        lock (warnings)
        {
            warnings.WriteLine(text);
        }
    }

    public void Lost(ITaskNode node, string reason) => Warn($"{node.Name}: {reason}");

    private void Read()
    {
        try
        {
            while (input.ReadLine() is { } line)
            {
                var tasks = line is WorkerMessages.Ping or WorkerMessages.Stop ? [] : WorkerMessages.ReadStart(line);
                lock (Gate)
                {
                    heardAt = clock.GetTimestamp();
                    if (line == WorkerMessages.Ping)
                    {
                        isAsked = true;
                        Monitor.PulseAll(Gate);
                    }
                    else if (line == WorkerMessages.Stop)
                    {
                        Stop();
                    }

                    tasks.ForEach(waiting.Enqueue);
                    if (isOver)
                    {
                        Stop();
                    }

                    Pump();
                }
            }
        }
        catch (Exception broken) when (broken is IOException or FormatException)
        {
            Warn($"{options.Name}: {broken.Message}");
        }

        lock (Gate)
        {
            isOver = true;
            Stop();
            Monitor.PulseAll(Gate);
        }
    }

    private void Watch()
    {
        lock (Gate)
        {
            if (sleep.HasSlept() && heardAt is not null)
            {
                heardAt = clock.GetTimestamp();
            }

            if (!isOver && heardAt is { } last && clock.GetElapsedTime(last) > silenceMax)
            {
                Warn($"{options.Name}: the pilot has said nothing for {silenceMax.TotalSeconds:0.###} s; its tasks are ended");
                isOver = isCutOff = true;
                Stop();
                Monitor.PulseAll(Gate);
            }
        }
    }

    private void Stop()
    {
        while (waiting.TryDequeue(out var next))
        {
            ended.Add(new() { Lease = next.Lease, Outcome = TaskOutcome.Returned });
        }

        node.ReturnAll();
        Monitor.PulseAll(Gate);
    }

    private void Write()
    {
        var sending = new List<TaskEnd>();
        while (true)
        {
            bool isLast, isAlive;
            lock (Gate)
            {
                while (ended.Count == 0 && !isAsked && !isClosing)
                {
                    Monitor.Wait(Gate);
                }

                (isLast, isAlive, isAsked) = (isClosing, isAsked, false);
                (ended, sending) = (sending, ended);
            }

            if (sending.Count > 0)
            {
                Send(WorkerMessages.Ended(sending));
                sending.Clear();
            }

            if (isLast)
            {
                Send(WorkerMessages.Gone);
                return;
            }

            if (isAlive)
            {
                Send(WorkerMessages.Alive);
            }
        }
    }

    private void Send(string line)
    {
        if (isGone)
        {
            return;
        }

        try
        {
            output.Write(line + "\n");
            output.Flush();
        }
        catch (IOException fault)
        {
            // The pilot is gone; its input ends too, and with it this worker.
            isGone = true;
            Warn($"{options.Name}: {fault.Message}");
        }
    }
}
