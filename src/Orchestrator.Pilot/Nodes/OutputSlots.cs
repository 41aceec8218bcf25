using System.Runtime.InteropServices;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// Pairs of files for packed output. A slot has one task at a time, whose output is what was appended meanwhile: a million tasks leave as many files as tasks run at once.
/// </summary>
internal sealed class OutputSlots : IDisposable
{
    private const int FromEnd = 2;

    private readonly string workdir;
    private readonly int first;
    private readonly List<(int Output, int Error, long OutputEnd, long ErrorEnd)> slots = [];
    private readonly Stack<int> free = new();

    public OutputSlots(string workdir, int first)
    {
        this.workdir = workdir;
        this.first = first;
        Directory.CreateDirectory(Path.Combine(workdir, "packed"));
    }

    public int Output(int slot) => slots[slot - first].Output;

    public int Error(int slot) => slots[slot - first].Error;

    /// <exception cref="IOException">Its files cannot be opened; the error number is its <see cref="Exception.HResult"/>.</exception>
    public int Take()
    {
        if (!free.TryPop(out var slot))
        {
            slot = first + slots.Count;
            var output = Open(PackedOutput.OutputFile(workdir, slot));
            int error;
            try
            {
                error = Open(PackedOutput.ErrorFile(workdir, slot));
            }
            catch
            {
                _ = Native.Close(output);
                throw;
            }

            slots.Add((output, error, Native.Seek(output, 0, FromEnd), Native.Seek(error, 0, FromEnd)));
        }

        return slot;
    }

    /// <summary>Frees a slot, and tells what was written to it since it was taken.</summary>
    public PackedOutput Give(int slot)
    {
        var (output, error, outputEnd, errorEnd) = slots[slot - first];
        var (outputNow, errorNow) = (Native.Seek(output, 0, FromEnd), Native.Seek(error, 0, FromEnd));
        slots[slot - first] = (output, error, outputNow, errorNow);
        free.Push(slot);
        return new() { Slot = slot, OutputFrom = outputEnd, OutputLength = outputNow - outputEnd, ErrorFrom = errorEnd, ErrorLength = errorNow - errorEnd };
    }

    public void Dispose()
    {
        foreach (var (output, error, _, _) in slots)
        {
            _ = Native.Close(output);
            _ = Native.Close(error);
        }
    }

    private static int Open(string path)
    {
        var descriptor = Native.Open(path, Native.WriteOnly | Native.Create | Native.AppendFlag | Native.CloseOnExec, 0x1B6);
        if (descriptor >= 0)
        {
            return descriptor;
        }

        var error = Marshal.GetLastPInvokeError();
        throw new IOException($"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
