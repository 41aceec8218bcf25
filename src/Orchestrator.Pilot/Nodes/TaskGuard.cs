using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A shell beside a worker that does nothing but outlive it: when the worker ends without a word, it kills the tasks that go on, and only then says on the worker's output that
/// nothing runs here any more. So what a worker had may run elsewhere, and never runs twice at once.
/// </summary>
internal sealed unsafe class TaskGuard : IDisposable
{
    private const string Script = """
        trap '' HUP INT TERM
        read -r word && exit 0
        round=0
        while [ $((round += 1)) -le 100 ]; do
            found=$(grep -lszF "ORCHESTRATOR_PILOT=$1" /proc/[0-9]*/environ)
            [ -n "$found" ] || { printf '\n%s\n' "$2"; exit 0; }
            for each in $found; do
                each=${each#/proc/}
                kill -KILL "${each%/environ}" 2> /dev/null
            done
        done
        """;

    private readonly FileStream worker;

    /// <param name="mark">With which the marks of its tasks begin.</param>
    /// <param name="defaults">What the shell is started with.</param>
    /// <exception cref="IOException">It cannot be started.</exception>
    public TaskGuard(string mark, SpawnDefaults defaults)
    {
        var ends = stackalloc int[2];
        if (Native.Pipe(ends, Native.CloseOnExec) != 0)
        {
            throw new IOException($"no pipe for the guard of tasks: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        var (read, write) = (ends[0], ends[1]);
        worker = new(new SafeFileHandle(write, ownsHandle: true), FileAccess.Write, 0);
        using var spawner = new Spawner(defaults);
        var process = spawner.Start(new ProcessStart
        {
            Program = "/bin/sh", Words = ["sh", "-c", Script, "guard", mark, WorkerMessages.Gone], InputDescriptor = read, OutputDescriptor = 1, ErrorDescriptor = 2, Environment = [],
        });
        _ = Native.Close(read);
        if (process < 0)
        {
            worker.Dispose();
            throw new IOException($"the guard of tasks cannot be started: {new Win32Exception(-process).Message}");
        }
    }

    /// <summary>The worker has seen its tasks end: there is nothing to guard.</summary>
    public void Dispose()
    {
        try
        {
            worker.Write(Encoding.ASCII.GetBytes("done\n"));
        }
        catch (IOException)
        {
            // Somebody has ended the guard.
        }

        worker.Dispose();
    }
}
