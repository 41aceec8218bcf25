using System.Runtime.InteropServices;

namespace Orchestrator.Pilot.Processes;

/// <summary>
/// One thread that waits for all children of this process. What is left of a child's group is killed while its id cannot yet be another's.
/// Nothing else in the process may wait for children meanwhile, so nothing uses the runtime's Process class.
/// </summary>
internal sealed unsafe class ProcessReaper : IDisposable
{
    private const int AnyChild = 0;
    private const int DoNotBlock = 1;
    private const int PidInInformation = 16;

    private readonly object gate;
    private readonly Action afterEnds;
    private readonly Dictionary<int, Action<int>> watched = [];
    private readonly Thread thread;
    private bool isDisposed;

    /// <param name="gate">Held while ends are told.</param>
    /// <param name="afterEnds">Called after any number of ends, under the gate.</param>
    public ProcessReaper(object gate, Action afterEnds)
    {
        this.gate = gate;
        this.afterEnds = afterEnds;
        thread = new(Run) { IsBackground = true, Name = "reaper" };
        thread.Start();
    }

    /// <summary>Calls back, once and under the gate, when a child has ended, with its status as <c>waitpid</c> has it. Called under the gate, in which the child was started.</summary>
    public void Watch(int process, Action<int> ended)
    {
        watched.Add(process, ended);
        if (watched.Count == 1)
        {
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends the thread when no child is left.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            Monitor.PulseAll(gate);
        }

        // A child that cannot be killed must not keep the pilot: the thread is one of the background.
        thread.Join(TimeSpan.FromSeconds(2));
    }

    private void Run()
    {
        var information = stackalloc byte[128];
        while (true)
        {
            lock (gate)
            {
                while (watched.Count == 0 && !isDisposed)
                {
                    Monitor.Wait(gate);
                }

                if (watched.Count == 0)
                {
                    return;
                }
            }

            if (Native.WaitId(AnyChild, 0, information, Native.ExitedNoWait) != 0)
            {
                if (Marshal.GetLastPInvokeError() == Native.NoChildren)
                {
                    lock (gate)
                    {
                        LoseAll();
                    }
                }

                continue;
            }

            lock (gate)
            {
                do
                {
                    Take(*(int*)(information + PidInInformation));
                    *(int*)(information + PidInInformation) = 0;
                }
                while (Native.WaitId(AnyChild, 0, information, Native.ExitedNoWait | DoNotBlock) == 0 && *(int*)(information + PidInInformation) != 0);

                afterEnds();
            }
        }
    }

    private void Take(int process)
    {
        // The child is still there as a zombie, so its group is its own.
        _ = Native.SendSignal(-process, Native.Kill);
        int status;
        while (Native.WaitPid(process, &status, 0) < 0 && Marshal.GetLastPInvokeError() == Native.Interrupted)
        {
        }

        if (watched.Remove(process, out var ended))
        {
            ended(status);
        }
    }

    /// <summary>Somebody else has waited for our children: how they ended is lost, and counts as a failure of each.</summary>
    private void LoseAll()
    {
        const int unknown = 255 << 8;
        foreach (var (process, ended) in watched.ToList())
        {
            watched.Remove(process);
            ended(unknown);
        }

        afterEnds();
    }
}
