using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>A worker: runs on this node what a pilot on another one sends, in its order, and ends with it.</summary>
internal sealed class WorkerHost : INodeEvents, IDisposable
{
    private readonly LocalNodeOptions options;
    private readonly TextReader input;
    private readonly TextWriter output;
    private readonly TextWriter warnings;
    private readonly Queue<(TaskLease Lease, TaskDefinition Task)> waiting = new();
    private readonly Dictionary<long, TaskDemand> running = [];
    private readonly LocalNode node;
    private readonly ProcessReaper reaper;
    private TaskDemand free;
    private List<TaskEnd> ended = [];
    private bool isPumping, isClosing, isGone;
    private volatile bool isTerminated;

    public WorkerHost(LocalNodeOptions options, TextReader input, TextWriter output, TextWriter warnings, TimeProvider clock)
    {
        this.options = options;
        this.input = input;
        this.output = output;
        this.warnings = warnings;
        free = options.Capacity;
        reaper = new(Gate, Pump);
        node = new(options, this, reaper, clock);
    }

    public object Gate { get; } = new();

    /// <summary>This process is told to end: so are its tasks, by the same hand, and that is no failure of theirs. Nothing more starts here.</summary>
    public void Terminated() => isTerminated = true;

    /// <summary>Greets, and works until its input ends.</summary>
    public void Run()
    {
        // What a worker that was killed left running, before the pilot gives it out again.
        ProcessTree.Kill($"ORCHESTRATOR_PILOT={options.RunId}/");
        Send(WorkerMessages.Hello(options.Capacity));
        var writer = new Thread(Write) { IsBackground = true, Name = "ends" };
        writer.Start();
        while (input.ReadLine() is { } line)
        {
            var tasks = WorkerMessages.ReadStart(line);
            lock (Gate)
            {
                if (tasks is null)
                {
                    Stop();
                }

                tasks?.ForEach(waiting.Enqueue);
                Pump();
            }
        }

        lock (Gate)
        {
            Stop();
            Pump();
            while (running.Count > 0)
            {
                Monitor.Wait(Gate);
            }

            isClosing = true;
            Monitor.PulseAll(Gate);
        }

        writer.Join();
    }

    public void Dispose()
    {
        reaper.Dispose();
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
        while (!node.IsPaused && !isTerminated && waiting.TryPeek(out var next) && next.Task.Shape.Demand is var demand && demand.FitsIn(free))
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

    private void Stop()
    {
        while (waiting.TryDequeue(out var next))
        {
            ended.Add(new() { Lease = next.Lease, Outcome = TaskOutcome.Returned });
        }

        node.ReturnAll();
    }

    private void Write()
    {
        var sending = new List<TaskEnd>();
        while (true)
        {
            lock (Gate)
            {
                while (ended.Count == 0 && !isClosing)
                {
                    Monitor.Wait(Gate);
                }

                if (ended.Count == 0)
                {
                    return;
                }

                (ended, sending) = (sending, ended);
            }

            Send(WorkerMessages.Ended(sending));
            sending.Clear();
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
