using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A task that runs on this machine, or is about to. It knows whether its process may be signalled: not before it is there, when the signal waits for it, and not after its
/// end was taken, when its number may be another's.
/// </summary>
internal sealed class RunningTask
{
    private readonly object gate = new();
    private int process;
    private int pendingSignal;
    private bool isTaken;

    public required TaskLease Lease { get; init; }

    public required TaskDefinition Definition { get; init; }

    /// <summary>Its own folder, or that of all tasks.</summary>
    public required string Folder { get; init; }

    /// <summary>Its processors, as places in the pilot's list; null: not pinned.</summary>
    public int[]? Processors { get; init; }

    public int[] Gpus { get; init; } = [];

    /// <summary>Of packed output; null: it has files of its own, or got none.</summary>
    public int? Slot { get; set; }

    /// <summary>Descriptors of packed output; -1: it has files of its own.</summary>
    public (int Output, int Error) Descriptors { get; set; } = (-1, -1);

    public long StartedAt { get; set; }

    /// <summary>Why the pilot ends it; Absent: it does not.</summary>
    public TaskOutcome EndedAs { get; private set; }

    /// <summary>When the time to end is over that it was given.</summary>
    public long KillAt { get; private set; }

    public bool IsKilled { get; private set; }

    /// <summary>0: it is not there yet.</summary>
    public int Process => process;

    /// <summary>Its process is there.</summary>
    public void Started(int id)
    {
        lock (gate)
        {
            process = id;
            if (pendingSignal != 0)
            {
                Signal(pendingSignal);
            }
        }
    }

    /// <summary>Asks it to end.</summary>
    /// <returns>False: it was asked already, or has ended by itself.</returns>
    public bool Ask(TaskOutcome why, long killAt)
    {
        lock (gate)
        {
            if (isTaken || EndedAs != TaskOutcome.Absent)
            {
                return false;
            }

            (EndedAs, KillAt) = (why, killAt);
            Signal(Native.Terminate);
            return true;
        }
    }

    public void Kill()
    {
        lock (gate)
        {
            if (!isTaken && !IsKilled)
            {
                IsKilled = true;
                Signal(Native.Kill);
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>After the end of its command: waits, but no longer once it is killed.</summary>
    public void Await(TimeSpan most)
    {
        lock (gate)
        {
            if (!IsKilled)
            {
                Monitor.Wait(gate, most);
            }
        }
    }

    /// <summary>Whether it was asked to end before it did.</summary>
    public bool WasAsked()
    {
        lock (gate)
        {
            return EndedAs != TaskOutcome.Absent;
        }
    }

    /// <summary>Takes the status of its process, which has ended. Nothing is asked of it from now on.</summary>
    public int Take()
    {
        lock (gate)
        {
            isTaken = true;
            return ChildProcess.Take(process);
        }
    }

    private void Signal(int number)
    {
        if (process > 0)
        {
            _ = Native.SendSignal(-process, number);
        }
        else
        {
            pendingSignal = number;
        }
    }
}
