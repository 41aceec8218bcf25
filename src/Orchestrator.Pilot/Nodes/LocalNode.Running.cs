using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>What happens on the thread of a lane, without the gate: others start and end theirs meanwhile.</summary>
internal sealed partial class LocalNode
{
    private void Run(Lane lane, RunningTask task)
    {
        var (error, message) = Launch(lane.Spawner, task);
        if (message is not null)
        {
            lock (events.Gate)
            {
                running.Remove(task);
                freeLanes.Add(lane);
                NotStarted(task, error, message);
                events.Pump();
            }

            return;
        }

        var status = Await(task);
        var duration = clock.GetElapsedTime(task.StartedAt);
        if (task.EndedAs == TaskOutcome.TimedOut)
        {
            Note(task, string.Create(CultureInfo.InvariantCulture, $"ended after its time-out of {task.Definition.Shape.Timeout?.TotalSeconds:0.###} s"));
        }

        lock (events.Gate)
        {
            running.Remove(task);
            freeLanes.Add(lane);
            Release(task);
            events.Ended(EndOf(task, status) with { Duration = duration, Packed = task.Slot is { } slot ? slots!.Give(slot) : null });
            events.Pump();
        }
    }

    private static TaskEnd EndOf(RunningTask task, int status)
    {
        var signal = status & 0x7F;
        var code = signal != 0 ? -signal : (status >> 8) & 0xFF;
        return task.EndedAs switch
        {
            TaskOutcome.Absent => new() { Lease = task.Lease, Outcome = code == 0 ? TaskOutcome.Completed : TaskOutcome.Failed, Code = code },
            TaskOutcome.TimedOut => new() { Lease = task.Lease, Outcome = TaskOutcome.TimedOut, Code = -1 },
            var why => new() { Lease = task.Lease, Outcome = why, Code = code },
        };
    }

    /// <returns>What kept it from starting, with its error number; no message: it runs.</returns>
    private (int Error, string? Message) Launch(Spawner spawner, RunningTask task)
    {
        task.StartedAt = clock.GetTimestamp();
        try
        {
            if (slots is null && !spawner.MakeDirectory(task.Folder) && task.Lease.Attempt > 1)
            {
                TaskOutput.Keep(task.Folder, task.Lease.Attempt - 1);
            }

            var process = Spawn(spawner, task);
            if (process < 0)
            {
                NotMade(task);
                return (-process, $"cannot be started in {task.Definition.Workdir ?? task.Folder}: {Marshal.GetPInvokeErrorMessage(-process)}");
            }

            task.Started(process);
            return (0, null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            NotMade(task);
            return (fault.HResult, fault.Message);
        }
    }

    private void NotMade(RunningTask task)
    {
        if (slots is null)
        {
            TaskOutput.Discard(task.Folder);
        }
    }

    private int Spawn(Spawner spawner, RunningTask task)
    {
        var definition = task.Definition;
        var mark = Mark(task.Lease);
        var cores = definition.Shape.Demand.Cores.ToString(CultureInfo.InvariantCulture);
        Span<KeyValuePair<string, string>> own =
        [
            new("ORCHESTRATOR_PILOT", mark), new("PILOT_TASK_ID", definition.Id), new("PILOT_TASK_DIR", task.Folder), new("PILOT_TASK_CORES", cores), new("OMP_NUM_THREADS", cores),
        ];
        KeyValuePair<string, string>[] environment = definition.Environment.Count == 0 && options.Capacity.Gpus == 0
            ? []
            : [.. own, .. options.Capacity.Gpus == 0 ? [] : new KeyValuePair<string, string>[] { new("CUDA_VISIBLE_DEVICES", string.Join(',', task.Gpus)) }, .. definition.Environment];
        var changesPath = environment.Length > 0 && definition.Environment.Any(static variable => variable.Key == "PATH");
        var plain = changesPath || !hasPath ? null : commands.Split(definition.Command);
        ReadOnlySpan<string> shell = ["sh", "-c", definition.Command];
        var start = new ProcessStart
        {
            Program = plain?.Program ?? "/bin/sh",
            Words = plain is { } split ? split.Words : shell,
            OutputDirectory = task.Folder,
            Directory = definition.Workdir is { } elsewhere ? Path.GetFullPath(elsewhere) : null,
            OutputFile = slots is null ? "stdout.txt" : null,
            ErrorFile = slots is null ? "stderr.txt" : null,
            OutputDescriptor = task.Descriptors.Output,
            ErrorDescriptor = task.Descriptors.Error,
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

    /// <summary>Until it has ended and nothing of it is left; what was asked to end has as long for that as it was given.</summary>
    private int Await(RunningTask task)
    {
        ChildProcess.AwaitEnd(task.Process);
        var wasAsked = task.WasAsked();
        var isLeft = wasAsked && AwaitRest(task);
        var status = task.Take();
        if (isLeft || (!wasAsked && task.EndedAs != TaskOutcome.Absent))
        {
            // Children that left its group, too.
            ProcessTree.Kill(Entry(task.Lease));
        }

        return status;
    }

    /// <summary>Its command is gone; what that has started and not taken along gets the rest of its time.</summary>
    /// <returns>Whether something is left.</returns>
    private bool AwaitRest(RunningTask task)
    {
        var entry = Entry(task.Lease);
        var isFirst = true;
        for (var wait = TimeSpan.FromMilliseconds(5); ; wait = TimeSpan.FromMilliseconds(Math.Min(200, 2 * wait.TotalMilliseconds)))
        {
            var rest = marked.With(entry);
            if (rest.Count == 0 || task.IsKilled || clock.GetTimestamp() >= task.KillAt)
            {
                return rest.Count > 0;
            }

            if (isFirst)
            {
                isFirst = false;
                foreach (var id in rest.Where(id => Native.GroupOf(id) != task.Process))
                {
                    _ = Native.SendSignal(id, Native.Terminate);
                }
            }

            task.Await(wait);
        }
    }

    private string Mark(TaskLease lease) => string.Create(CultureInfo.InvariantCulture, $"{options.RunId}/{options.Name}/{lease.Task}.{lease.Serial};");

    private string Entry(TaskLease lease) => $"ORCHESTRATOR_PILOT={Mark(lease)}";
}
