using System.Runtime.InteropServices;

namespace Orchestrator.Pilot.Processes;

/// <summary>
/// Waiting for one child, on a thread of its own: the kernel wakes that thread and no other, on the processor where the child has ended. Who starts a child here waits for it
/// here; the runtime's Process class waits for its own alone.
/// </summary>
internal static unsafe class ChildProcess
{
    private const int OneChild = 1;

    /// <summary>Of a child that somebody else has waited for: a failure with this status.</summary>
    private const int Unknown = 255 << 8;

    /// <summary>Blocks until it has ended. It stays a zombie, so that its number and its group are not another's.</summary>
    public static void AwaitEnd(int process)
    {
        var information = stackalloc byte[128];
        while (Native.WaitId(OneChild, process, information, Native.ExitedNoWait) != 0 && Marshal.GetLastPInvokeError() == Native.Interrupted)
        {
        }
    }

    /// <summary>Kills what is left of the group of a child that has ended, and takes its status, as <c>waitpid</c> has it. From then on its number may be another's.</summary>
    public static int Take(int process)
    {
        _ = Native.SendSignal(-process, Native.Kill);
        int status;
        while (Native.WaitPid(process, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Native.Interrupted)
            {
                return Unknown;
            }
        }

        return status;
    }

    /// <summary>
    /// The console of the runtime wants a signal at the end of each child, to look at the terminal anew; it wakes two threads, which takes a tenth of what a short task takes.
    /// Called when the console is there, by a program without children of the runtime's own Process class, which needs the signal.
    /// </summary>
    public static void IgnoreSignals() => _ = Native.SetSignal(Native.ChildEnded, 0);
}
