using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// Runs tasks on this machine: each a process group of its own on processors of its own. One thread waits for all of them, and starts the next ones in the same turn.
/// When a task has ended, nothing of its group is left, because its processors go to another.
/// </summary>
internal sealed partial class LocalNode : ITaskNode
{
    /// <summary>After a lack of something that may be there again: memory, processes, files, space.</summary>
    private static readonly TimeSpan Pausing = TimeSpan.FromSeconds(1);

    /// <summary>While it lasts it is told so often.</summary>
    private static readonly TimeSpan TellingApart = TimeSpan.FromMinutes(1);

    private readonly LocalNodeOptions options;
    private readonly INodeEvents events;
    private readonly ProcessReaper reaper;
    private readonly TimeProvider clock;
    private readonly Spawner spawner;
    private readonly CommandWords commands;
    private readonly CpuSets? processors;
    private readonly SortedSet<int> freeGpus;
    private readonly Dictionary<int, RunningTask> running = [];
    private readonly PriorityQueue<RunningTask, long> deadlines = new();
    private readonly OutputSlots? slots;
    private readonly ITimer timer;
    private readonly bool hasPath;
    private readonly ITimer pause;
    private long tellPausesFrom;
    private long armedFor = long.MaxValue;

    public LocalNode(LocalNodeOptions options, INodeEvents events, ProcessReaper reaper, TimeProvider clock)
    {
        this.options = options;
        this.events = events;
        this.reaper = reaper;
        this.clock = clock;
        spawner = new(options.Environment);
        commands = new(options.Environment.FirstOrDefault(static variable => variable.Key == "PATH").Value);
        processors = options.IsPinned ? CpuSets.For(options.Capacity.Cores) : null;
        freeGpus = [.. Enumerable.Range(0, options.Capacity.Gpus)];
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
        var startedAt = clock.GetTimestamp();
        var folder = slots is null ? Path.Combine(options.Workdir, task.Id) : options.Workdir;
        int? slot = null;
        var pinned = processors?.Take(task.Shape.Demand.Cores);
        var gpus = freeGpus.Take(task.Shape.Demand.Gpus).ToArray();
        freeGpus.ExceptWith(gpus);
        var process = 0;
        var error = 0;
        string? message = null;
        try
        {
            slot = slots?.Take();
            if (slots is null && !spawner.MakeDirectory(folder) && lease.Attempt > 1)
            {
                KeepOutputOf(folder, lease.Attempt - 1);
            }

            if (pinned is not null)
            {
                processors!.Enter(pinned);
            }

            process = Spawn(lease, task, folder, slot ?? 0, gpus);
            if (process < 0)
            {
                error = -process;
                message = $"cannot be started in {task.Workdir ?? folder}: {Marshal.GetPInvokeErrorMessage(error)}";
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            (error, message) = (fault.HResult, fault.Message);
        }
        finally
        {
            if (pinned is not null)
            {
                processors!.Leave();
            }
        }

        var now = new RunningTask
        {
            Lease = lease, Process = process, Id = task.Id, Demand = task.Shape.Demand, Processors = pinned, Gpus = gpus, Slot = slot ?? 0, StartedAt = startedAt, Timeout = task.Shape.Timeout,
        };
        if (message is not null)
        {
            Release(now);
            if (IsPassing(error))
            {
                _ = slot is { } unused ? slots!.Give(unused) : null;
                Pause(message);
                events.Ended(new() { Lease = lease, Outcome = TaskOutcome.Returned });
                return;
            }

            if (slots is null || slot is not null)
            {
                Note(now, message);
            }

            events.Ended(new() { Lease = lease, Outcome = TaskOutcome.NotStarted, Code = 127, Message = message, Packed = slot is { } taken ? slots!.Give(taken) : null });
            return;
        }

        running.Add(process, now);
        reaper.Watch(process, status => OnExit(now, status));
        if (task.Shape.Timeout is { } timeout)
        {
            Arm(now, startedAt + Ticks(timeout));
        }
    }

    public void ReturnAll()
    {
        foreach (var task in running.Values)
        {
            End(task, TaskOutcome.Returned);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        pause.Dispose();
        spawner.Dispose();
        slots?.Dispose();
    }

    private int Spawn(TaskLease lease, TaskDefinition task, string folder, int slot, int[] gpus)
    {
        var mark = Mark(lease);
        Span<KeyValuePair<string, string>> own =
        [
            new("ORCHESTRATOR_PILOT", mark),
            new("PILOT_TASK_ID", task.Id),
            new("PILOT_TASK_DIR", folder),
            new("PILOT_TASK_CORES", task.Shape.Demand.Cores.ToString(CultureInfo.InvariantCulture)),
            new("OMP_NUM_THREADS", task.Shape.Demand.Cores.ToString(CultureInfo.InvariantCulture)),
        ];
        KeyValuePair<string, string>[] environment = task.Environment.Count == 0 && options.Capacity.Gpus == 0
            ? []
            : [.. own, .. options.Capacity.Gpus == 0 ? [] : new KeyValuePair<string, string>[] { new("CUDA_VISIBLE_DEVICES", string.Join(',', gpus)) }, .. task.Environment];
        var changesPath = environment.Length > 0 && task.Environment.Any(static variable => variable.Key == "PATH");
        var plain = changesPath || !hasPath ? null : commands.Split(task.Command);
        ReadOnlySpan<string> shell = ["sh", "-c", task.Command];
        var start = new ProcessStart
        {
            Program = plain?.Program ?? "/bin/sh",
            Words = plain is { } split ? split.Words : shell,
            OutputDirectory = folder,
            Directory = task.Workdir is { } own_ ? Path.GetFullPath(own_) : null,
            OutputFile = slots is null ? "stdout.txt" : null,
            ErrorFile = slots is null ? "stderr.txt" : null,
            OutputDescriptor = slots?.Output(slot) ?? -1,
            ErrorDescriptor = slots?.Error(slot) ?? -1,
            InputDescriptor = -1,
            Environment = environment.Length > 0 ? environment : own,
            MayOverride = environment.Length > 0,
        };
        var process = spawner.Start(start);
        if (plain is not null && -process is Native.NoSuchEntry or Native.NoPermission or Native.NotExecutable)
        {
            // The shell tells in its own words what is wrong, or reads a script without a first line.
            process = spawner.Start(start with { Program = "/bin/sh", Words = shell });
        }

        return process;
    }

    private string Mark(TaskLease lease) => string.Create(CultureInfo.InvariantCulture, $"{options.RunId}/{lease.Task}.{lease.Serial};");

    private void OnExit(RunningTask task, int status)
    {
        running.Remove(task.Process);
        if (task.EndedAs != TaskOutcome.Absent)
        {
            // What was asked to end may have children that left its group.
            ProcessTree.Kill($"ORCHESTRATOR_PILOT={Mark(task.Lease)}");
        }

        var signal = status & 0x7F;
        var code = signal != 0 ? -signal : (status >> 8) & 0xFF;
        var outcome = task.EndedAs != TaskOutcome.Absent ? task.EndedAs : code == 0 ? TaskOutcome.Completed : TaskOutcome.Failed;
        if (outcome == TaskOutcome.TimedOut)
        {
            Note(task, string.Create(CultureInfo.InvariantCulture, $"ended after its time-out of {task.Timeout?.TotalSeconds:0.###} s"));
            code = -1;
        }

        Release(task);
        events.Ended(new() { Lease = task.Lease, Outcome = outcome, Code = code, Duration = clock.GetElapsedTime(task.StartedAt), Packed = slots?.Give(task.Slot) });
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

    private void End(RunningTask task, TaskOutcome why)
    {
        if (task.EndedAs != TaskOutcome.Absent)
        {
            return;
        }

        task.EndedAs = why;
        _ = Native.SendSignal(-task.Process, Native.Terminate);
        Arm(task, clock.GetTimestamp() + Ticks(options.KillAfter));
    }

    private void OnTimer()
    {
        lock (events.Gate)
        {
            armedFor = long.MaxValue;
            var now = clock.GetTimestamp();
            while (deadlines.TryPeek(out var task, out var due) && due <= now)
            {
                deadlines.Dequeue();
                if (!running.TryGetValue(task.Process, out var known) || !ReferenceEquals(known, task))
                {
                    continue;
                }

                if (task.EndedAs == TaskOutcome.Absent)
                {
                    End(task, TaskOutcome.TimedOut);
                }
                else if (!task.IsKilled)
                {
                    task.IsKilled = true;
                    _ = Native.SendSignal(-task.Process, Native.Kill);
                }
            }

            ArmTimer();
        }
    }

    private void Arm(RunningTask task, long due)
    {
        deadlines.Enqueue(task, due);
        ArmTimer();
    }

    private void ArmTimer()
    {
        if (deadlines.TryPeek(out _, out var due) && due < armedFor)
        {
            armedFor = due;
            var wait = clock.GetElapsedTime(clock.GetTimestamp(), due);

            // Whole milliseconds, upwards: a timer that comes too early would come again at once.
            timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * clock.TimestampFrequency);

    /// <summary>What the pilot itself has to say of a task goes where the task's own complaints go.</summary>
    private void Note(RunningTask task, string text)
    {
        var path = slots is null ? Path.Combine(options.Workdir, task.Id, "stderr.txt") : PackedOutput.ErrorFile(options.Workdir, task.Slot);
        try
        {
            File.AppendAllText(path, $"pilot: task {task.Id} {text}\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            events.Warn($"{path} cannot be written: {fault.Message}");
        }
    }

    private static void KeepOutputOf(string folder, int attempt)
    {
        foreach (var name in (ReadOnlySpan<string>)["stdout", "stderr"])
        {
            var path = Path.Combine(folder, $"{name}.txt");
            if (File.Exists(path))
            {
                File.Move(path, Path.Combine(folder, $"{name}.{attempt}.txt"), overwrite: true);
            }
        }
    }
}
