using System.Runtime.InteropServices;

namespace Orchestrator.Pilot.Processes;

/// <summary>What all processes are started with, for any number of spawners at once: the environment, a group of its own, the signals as a shell would hand them over, nothing to read.</summary>
internal sealed unsafe class SpawnDefaults : IDisposable
{
    private readonly NativeBlock block = new();
    private readonly string[] names;
    private readonly byte** variables;

    public SpawnDefaults(IReadOnlyCollection<KeyValuePair<string, string>> environment)
    {
        names = [.. environment.Select(static variable => variable.Key)];
        variables = (byte**)NativeMemory.Alloc((nuint)((names.Length + 1) * sizeof(byte*)));
        var at = 0;
        foreach (var (name, value) in environment)
        {
            variables[at++] = block.Variable(name, value);
        }

        var signals = stackalloc byte[128];
        Attributes = NativeMemory.AllocZeroed(Native.OpaqueSize);
        Native.InitAttributes(Attributes);
        Native.SetFlags(Attributes, Native.SetProcessGroup | Native.SetSignalDefaults | Native.SetSignalMask);
        Native.SetGroup(Attributes, 0);
        Native.EmptySignals(signals);
        Native.SetMask(Attributes, signals);

        // The runtime ignores SIGPIPE, and ignored signals stay ignored over an exec.
        Native.AllSignals(signals);
        Native.SetDefaults(Attributes, signals);
        Nothing = Native.Open("/dev/null", Native.ReadOnly | Native.CloseOnExec, 0);
    }

    public ReadOnlySpan<string> Names => names;

    /// <summary>NAME=value, in the order of the names.</summary>
    public byte** Variables => variables;

    public void* Attributes { get; }

    /// <summary>A descriptor from which there is nothing to read.</summary>
    public int Nothing { get; }

    public void Dispose()
    {
        block.Dispose();
        NativeMemory.Free(variables);
        NativeMemory.Free(Attributes);
        _ = Native.Close(Nothing);
    }
}
