using System.Globalization;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Hooks;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A worker on another node, spoken to through the launcher that started it: no port, no token. Tasks go there in batches and ahead of their use. When the worker ends, is
/// silent or says what no worker says, it gets nothing more; what it had waits again as soon as it says that nothing runs there any more, and where it does not say so, when
/// it must have ended everything by itself.
/// </summary>
internal sealed class RemoteNode : ITaskNode
{
    private readonly HookProcess process;
    private readonly INodeEvents events;
    private readonly RemoteNodeOptions options;
    private readonly TimeProvider clock;
    private readonly object gate = new();
    private readonly Thread reader;
    private readonly Thread writer;
    private readonly ITimer watch;
    private SleepWatch? sleep;

    // Of the thread that writes, under its own gate.
    private List<(TaskLease Lease, TaskDefinition Task)> pending = [];
    private bool isStopping, isAsking, isClosing;

    // Under the gate of the run.
    private readonly Dictionary<long, TaskLease> leases = [];
    private long heardAt, leavingAt;
    private string? leavingBecause;
    private bool isKilled, isGone;

    private RemoteNode(RemoteNodeOptions options, TaskDemand capacity, HookProcess process, INodeEvents events, TimeProvider clock)
    {
        this.options = options;
        Capacity = capacity;
        this.process = process;
        this.events = events;
        this.clock = clock;
        reader = new(Read) { IsBackground = true, Name = $"ends of {options.Name}" };
        writer = new(Write) { IsBackground = true, Name = $"starts on {options.Name}" };
        watch = clock.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name => options.Name;

    public TaskDemand Capacity { get; }

    /// <summary>As much again as it has: the next task is there when one ends.</summary>
    public int PrefetchCores => Capacity.Cores;

    /// <summary>While it is not known whether what it had still runs.</summary>
    public bool IsPaused => leavingBecause is not null && !isGone;

    /// <summary>Waits for the worker to greet.</summary>
    /// <exception cref="IOException">It ended without.</exception>
    public static RemoteNode Greet(RemoteNodeOptions options, HookProcess process, INodeEvents events, TimeProvider clock)
    {
        while (process.Output.ReadLine() is { } line)
        {
            if (WorkerMessages.ReadHello(line) is { } capacity)
            {
                return new(options, capacity, process, events, clock);
            }
        }

        throw new IOException("it ended before it said what it has");
    }

    /// <summary>From now on it takes tasks and reports ends.</summary>
    public void Begin()
    {
        heardAt = clock.GetTimestamp();
        sleep = new(clock, options.SilenceMax / 4);
        reader.Start();
        writer.Start();
        watch.Change(options.SilenceMax / 4, options.SilenceMax / 4);
    }

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
        if (leavingBecause is not null)
        {
            Go();
            return;
        }

        lock (gate)
        {
            isStopping = true;
            Monitor.PulseAll(gate);
        }
    }

    public void Dispose()
    {
        watch.Dispose();
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
            bool stop, ask, close;
            lock (gate)
            {
                while (pending.Count == 0 && !isAsking && !isClosing && (hasStopped || !isStopping))
                {
                    Monitor.Wait(gate);
                }

                (pending, sending) = (sending, pending);
                (stop, ask, close, isAsking) = (isStopping && !hasStopped, isAsking, isClosing, false);
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

                if (ask)
                {
                    process.Input.WriteLine(WorkerMessages.Ping);
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
        var (reason, isSure) = ("its worker ended", false);
        try
        {
            while (!isSure && process.Output.ReadLine() is { } line)
            {
                if (line.Length == 0)
                {
                    // The guard of a worker that was killed ends the line that may have been left unfinished.
                    continue;
                }

                isSure = line == WorkerMessages.Gone;
                lock (events.Gate)
                {
                    heardAt = clock.GetTimestamp();
                    Take(line);
                    events.Pump();
                }
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            reason = broken.Message;
        }

        lock (events.Gate)
        {
            bool isOurs;
            lock (gate)
            {
                isOurs = isClosing && leavingBecause is null;
            }

            if (!isOurs)
            {
                Leave(reason, isSure);
                if (isSure || isKilled)
                {
                    Go();
                }
            }
        }
    }

    private void Take(string line)
    {
        try
        {
            foreach (var end in WorkerMessages.ReadEnded(line))
            {
                if (leases.Remove(end.Lease.Serial, out var lease))
                {
                    events.Ended(end with { Lease = lease });
                }
            }

            if (leavingBecause is not null && leases.Count == 0)
            {
                Go();
            }
        }
        catch (FormatException broken)
        {
            Leave(broken.Message);
        }
    }

    private void Watch()
    {
        lock (events.Gate)
        {
            if (sleep!.HasSlept())
            {
                // What it said meanwhile has yet to be read, and it may have slept, too.
                heardAt = leavingAt = clock.GetTimestamp();
            }

            if (leavingBecause is not null)
            {
                // So long it may have taken until it noticed, and until its tasks had ended.
                if (clock.GetElapsedTime(leavingAt) > options.SilenceMax + options.KillAfter + TimeSpan.FromSeconds(2))
                {
                    if (isKilled)
                    {
                        Go();
                    }

                    isKilled = true;
                    process.Kill();
                }
            }
            else if (clock.GetElapsedTime(heardAt) > options.SilenceMax)
            {
                Leave(string.Create(CultureInfo.InvariantCulture, $"it has said nothing for {options.SilenceMax.TotalSeconds:0.###} s"));
            }
            else
            {
                lock (gate)
                {
                    isAsking = true;
                    Monitor.PulseAll(gate);
                }
            }
        }
    }

    /// <summary>It gets nothing more, and hears that by the end of its input.</summary>
    private void Leave(string reason, bool isSure = false)
    {
        if (leavingBecause is not null)
        {
            return;
        }

        (leavingBecause, leavingAt) = (reason, clock.GetTimestamp());
        bool isOver;
        lock (gate)
        {
            isOver = isStopping;
            isClosing = true;
            Monitor.PulseAll(gate);
        }

        if (isOver || isSure || leases.Count == 0)
        {
            Go();
        }
        else
        {
            events.Warn($"{Name} gets nothing more ({reason}); what it has runs elsewhere when it must have ended there");
        }
    }

    /// <summary>Nothing of it runs any more, or nothing runs again here.</summary>
    private void Go()
    {
        if (!isGone)
        {
            isGone = true;
            leases.Clear();
            process.Kill();
            events.Lost(this, leavingBecause!);
        }
    }
}
