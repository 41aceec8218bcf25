using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Hooks;

/// <summary>A command with pipes to it and from it: a run of a hook, or the launcher of a worker. Its standard error is that of the pilot.</summary>
internal sealed unsafe class HookProcess : IDisposable
{
    private readonly int process;
    private readonly Lock gate = new();
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isTaken;

    /// <param name="command">A line for the shell.</param>
    /// <param name="spawner">Others may use it at the same time.</param>
    /// <exception cref="IOException">It cannot be started.</exception>
    public HookProcess(string command, Spawner spawner)
    {
        var (toRead, toWrite) = Pipe();
        var (fromRead, fromWrite) = Pipe();
        lock (spawner)
        {
            process = spawner.Start(new ProcessStart { Program = "/bin/sh", Words = ["sh", "-c", command], InputDescriptor = toRead, OutputDescriptor = fromWrite, ErrorDescriptor = 2, Environment = [] });
        }

        _ = Native.Close(toRead);
        _ = Native.Close(fromWrite);
        Input = new(new FileStream(new SafeFileHandle(toWrite, ownsHandle: true), FileAccess.Write, 0), new UTF8Encoding(false)) { NewLine = "\n" };
        Output = new(new FileStream(new SafeFileHandle(fromRead, ownsHandle: true), FileAccess.Read, 4096), Encoding.UTF8);
        if (process < 0)
        {
            Input.Dispose();
            Output.Dispose();
            throw new IOException($"{command} cannot be started: {new Win32Exception(-process).Message}");
        }

        new Thread(Await) { IsBackground = true, Name = "end of a hook" }.Start();
    }

    public StreamWriter Input { get; }

    public StreamReader Output { get; }

    /// <summary>The status, as <c>waitpid</c> has it.</summary>
    public Task<int> Ended => ended.Task;

    public void Kill()
    {
        lock (gate)
        {
            if (!isTaken)
            {
                _ = Native.SendSignal(-process, Native.Kill);
            }
        }
    }

    public void Dispose()
    {
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // It is gone, and with it whoever would have read the rest.
        }

        Output.Dispose();
    }

    private void Await()
    {
        ChildProcess.AwaitEnd(process);
        int status;
        lock (gate)
        {
            status = ChildProcess.Take(process);
            isTaken = true;
        }

        ended.SetResult(status);
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return Native.Pipe(ends, Native.CloseOnExec) == 0 ? (ends[0], ends[1]) : throw new IOException($"no pipe for the hook: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }
}
