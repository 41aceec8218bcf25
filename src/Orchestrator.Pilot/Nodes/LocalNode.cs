using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// Runs tasks on this machine: each a process group of its own on processors of its own. Each that runs has a thread, its lane, that starts it, waits for it and goes on with
/// the next. When a task has ended, nothing of its group is left, because its processors go to another.
/// </summary>
internal sealed partial class LocalNode : ITaskNode
{
    /// <summary>After a lack of something that may be there again: memory, processes, files, space.</summary>
    private static readonly TimeSpan Pausing = TimeSpan.FromSeconds(1);

    /// <summary>While it lasts it is told so often.</summary>
    private static readonly TimeSpan TellingApart = TimeSpan.FromMinutes(1);

    private readonly LocalNodeOptions options;
    private readonly INodeEvents events;
    private readonly TimeProvider clock;
    private readonly SpawnDefaults defaults;
    private readonly CommandWords commands;
    private readonly MarkedProcesses marked;
    private readonly CpuSets? processors;
    private readonly SortedSet<int> freeGpus;
    private readonly HashSet<RunningTask> running = [];
    private readonly List<Lane> lanes = [];
    private readonly List<Lane> freeLanes = [];
    private readonly OutputSlots? slots;
    private readonly bool hasPath;
    private readonly ITimer pause;
    private long tellPausesFrom;
    private bool isClosed;

    public LocalNode(LocalNodeOptions options, INodeEvents events, TimeProvider clock)
    {
        this.options = options;
        this.events = events;
        this.clock = clock;
        defaults = new(options.Environment);
        commands = new(options.Environment.FirstOrDefault(static variable => variable.Key == "PATH").Value);
        marked = new($"ORCHESTRATOR_PILOT={options.RunId}/{options.Name}/", clock);
        processors = options.IsPinned ? CpuSets.For(options.Capacity.Cores) : null;
        freeGpus = [.. options.GpuNumbers ?? [.. Enumerable.Range(0, options.Capacity.Gpus)]];
        slots = options.IsPacked ? new(options.Workdir, options.FirstSlot) : null;
        hasPath = options.Environment.Any(static variable => variable.Key == "PATH");
        timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        pause = clock.CreateTimer(_ => GoOn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Directory.CreateDirectory(options.Workdir);
    }

    public string Name => options.Name;

    public TaskDemand Capacity => options.Capacity;

    public int PrefetchCores => 0;

    public bool IsPaused { get; private set; }

    /// <summary>Whether tasks have processors of their own.</summary>
    public bool IsPinned => processors is not null;

    public void Start(TaskLease lease, TaskDefinition task)
    {
        if (isClosed)
        {
            events.Ended(new() { Lease = lease, Outcome = TaskOutcome.Returned });
            return;
        }

        int[] gpus = task.Shape.Demand.Gpus == 0 ? [] : [.. freeGpus.Take(task.Shape.Demand.Gpus)];
        freeGpus.ExceptWith(gpus);
        var now = new RunningTask
        {
            Lease = lease, Definition = task, Folder = slots is null ? Path.Combine(options.Workdir, task.Id) : options.Workdir, Processors = processors?.Take(task.Shape.Demand.Cores), Gpus = gpus,
        };
        Lane lane;
        try
        {
            if (slots?.Take() is { } slot)
            {
                (now.Slot, now.Descriptors) = (slot, (slots.Output(slot), slots.Error(slot)));
            }

            lane = LaneFor(now.Processors);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            NotStarted(now, fault is OutOfMemoryException ? Native.TryAgain : fault.HResult, fault.Message);
            return;
        }

        running.Add(now);
        if (task.Shape.Timeout is { } timeout)
        {
            Arm(now, clock.GetTimestamp() + Ticks(timeout));
        }

        lane.Begin(now);
    }

    public void ReturnAll()
    {
        foreach (var task in running)
        {
            End(task, TaskOutcome.Returned);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        pause.Dispose();
        lock (events.Gate)
        {
            // What ends from now on makes room for nothing.
            isClosed = true;
        }

        lanes.ForEach(static lane => lane.Close());
        var (began, patience) = (clock.GetTimestamp(), TimeSpan.FromSeconds(2));
        var haveEnded = true;
        foreach (var lane in lanes)
        {
            var left = patience - clock.GetElapsedTime(began);
            haveEnded &= lane.End(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        if (haveEnded)
        {
            defaults.Dispose();
            slots?.Dispose();
        }
    }

    /// <summary>The one that has just ended a task on the same processors, where there is one.</summary>
    private Lane LaneFor(int[]? chosen)
    {
        var at = freeLanes.Count - 1;
        while (at > 0 && chosen is not null && !chosen.AsSpan().SequenceEqual(freeLanes[at].Processors))
        {
            at--;
        }

        Lane lane;
        if (at < 0)
        {
            lanes.Add(lane = new(defaults, processors, Run));
            return lane;
        }

        lane = freeLanes[at];
        freeLanes.RemoveAt(at);
        return lane;
    }

    /// <summary>Under the gate, like all that follows in this file.</summary>
    private void NotStarted(RunningTask task, int error, string message)
    {
        Release(task);
        if (IsPassing(error))
        {
            _ = task.Slot is { } unused ? slots!.Give(unused) : null;
            Pause(message);
            events.Ended(new() { Lease = task.Lease, Outcome = TaskOutcome.Returned });
            return;
        }

        if (slots is null || task.Slot is not null)
        {
            Note(task, message);
        }

        events.Ended(new() { Lease = task.Lease, Outcome = TaskOutcome.NotStarted, Code = 127, Message = message, Packed = task.Slot is { } taken ? slots!.Give(taken) : null });
    }

    /// <summary>Whether it is the machine that lacks something now, and not the task.</summary>
    private static bool IsPassing(int error) => error is Native.TryAgain or Native.NoMemory or Native.TooManyFilesOfAll or Native.TooManyFiles or Native.NoSpace or Native.OverQuota or Native.StaleHandle;

    private void Pause(string why)
    {
        var now = clock.GetTimestamp();
        if (now >= tellPausesFrom)
        {
            events.Warn($"{options.Name}: {why}; nothing starts there for the moment, and it is tried again each second");
            tellPausesFrom = now + Ticks(TellingApart);
        }

        IsPaused = true;
        pause.Change(Pausing, Timeout.InfiniteTimeSpan);
    }

    private void GoOn()
    {
        lock (events.Gate)
        {
            IsPaused = false;
            events.Pump();
        }
    }

    private void Release(RunningTask task)
    {
        if (task.Processors is { } pinned)
        {
            processors!.Give(pinned);
        }

        freeGpus.UnionWith(task.Gpus);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);

    /// <summary>What the pilot itself has to say of a task goes where the task's own complaints go.</summary>
    private void Note(RunningTask task, string text)
    {
        var path = task.Slot is { } slot ? PackedOutput.ErrorFile(options.Workdir, slot) : Path.Combine(task.Folder, "stderr.txt");
        try
        {
            File.AppendAllText(path, $"pilot: task {task.Definition.Id} {text}\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            events.Warn($"{path} cannot be written: {fault.Message}");
        }
    }
}
