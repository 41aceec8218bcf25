using System.Text.Json;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Hooks;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A worker on another node, spoken to through the launcher that started it: no port, no token. Tasks go there in batches and ahead of their use; when the worker or its
/// launcher ends, all that it had waits again.
/// </summary>
internal sealed class RemoteNode : ITaskNode
{
    private readonly HookProcess process;
    private readonly INodeEvents events;
    private readonly object gate = new();
    private readonly Dictionary<long, TaskLease> leases = [];
    private readonly Thread reader;
    private readonly Thread writer;
    private List<(TaskLease Lease, TaskDefinition Task)> pending = [];
    private bool isStopping, isClosing;

    private RemoteNode(string name, TaskDemand capacity, HookProcess process, INodeEvents events)
    {
        Name = name;
        Capacity = capacity;
        this.process = process;
        this.events = events;
        reader = new(Read) { IsBackground = true, Name = $"ends of {name}" };
        writer = new(Write) { IsBackground = true, Name = $"starts on {name}" };
    }

    public string Name { get; }

    public TaskDemand Capacity { get; }

    /// <summary>As much again as it has: the next task is there when one ends.</summary>
    public int PrefetchCores => Capacity.Cores;

    /// <summary>Waits for the worker to greet.</summary>
    /// <exception cref="IOException">It ended without.</exception>
    public static RemoteNode Greet(string name, HookProcess process, INodeEvents events)
    {
        while (process.Output.ReadLine() is { } line)
        {
            if (WorkerMessages.ReadHello(line) is { } capacity)
            {
                return new(name, capacity, process, events);
            }
        }

        throw new IOException("it ended before it said what it has");
    }

    /// <summary>From now on it takes tasks and reports ends.</summary>
    public void Begin()
    {
        reader.Start();
        writer.Start();
    }

    public bool IsPaused => false;

    public void Start(TaskLease lease, TaskDefinition task)
    {
        leases.Add(lease.Serial, lease);
        lock (gate)
        {
            pending.Add((lease, task));
            Monitor.PulseAll(gate);
        }
    }

    public void ReturnAll()
    {
        lock (gate)
        {
            isStopping = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Closes its input, at which it ends, and what it runs with it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosing = true;
            Monitor.PulseAll(gate);
        }

        writer.Join(TimeSpan.FromSeconds(2));
        if (!process.Ended.Wait(TimeSpan.FromSeconds(5)))
        {
            process.Kill();
        }

        reader.Join(TimeSpan.FromSeconds(2));
        process.Dispose();
    }

    private void Write()
    {
        var (sending, hasStopped) = (new List<(TaskLease Lease, TaskDefinition Task)>(), false);
        while (true)
        {
            bool stop, close;
            lock (gate)
            {
                while (pending.Count == 0 && !isClosing && (hasStopped || !isStopping))
                {
                    Monitor.Wait(gate);
                }

                (pending, sending) = (sending, pending);
                (stop, close) = (isStopping && !hasStopped, isClosing);
            }

            try
            {
                if (sending.Count > 0)
                {
                    process.Input.WriteLine(WorkerMessages.Start(sending));
                }

                if (stop)
                {
                    process.Input.WriteLine(WorkerMessages.Stop);
                    hasStopped = true;
                }

                process.Input.Flush();
                if (close)
                {
                    process.Input.Close();
                    return;
                }
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                // The reader sees the end of it.
                return;
            }

            sending.Clear();
        }
    }

    private void Read()
    {
        var reason = "its worker ended";
        try
        {
            while (process.Output.ReadLine() is { } line)
            {
                var ends = WorkerMessages.ReadEnded(line);
                lock (events.Gate)
                {
                    foreach (var end in ends)
                    {
                        if (leases.Remove(end.Lease.Serial, out var lease))
                        {
                            events.Ended(end with { Lease = lease });
                        }
                    }

                    events.Pump();
                }
            }
        }
        catch (Exception broken) when (broken is IOException or JsonException or ObjectDisposedException)
        {
            reason = broken.Message;
        }

        lock (events.Gate)
        {
            bool isOurs;
            lock (gate)
            {
                isOurs = isClosing;
            }

            if (!isOurs)
            {
                leases.Clear();
                events.Lost(this, reason);
            }
        }
    }
}
