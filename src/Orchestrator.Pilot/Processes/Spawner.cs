using System.Runtime.InteropServices;

namespace Orchestrator.Pilot.Processes;

/// <summary>Starts processes by <c>posix_spawn</c>, straight onto their output files. One call at a time.</summary>
/// <remarks>The runtime's Process class takes 1.4 times as long, and twice as long where output is copied through pipes, which end with the pilot besides.</remarks>
internal sealed unsafe class Spawner : IDisposable
{
    private const uint FileMode = 0x1B6;

    private readonly SpawnDefaults defaults;
    private readonly NativeBlock block = new();
    private readonly void* actions = NativeMemory.AllocZeroed(Native.OpaqueSize);

    /// <param name="defaults">What every process gets. It outlives this.</param>
    public Spawner(SpawnDefaults defaults) => this.defaults = defaults;

    /// <summary>Starts a process.</summary>
    /// <returns>Its id; the negative error number when it could not be started.</returns>
    public int Start(in ProcessStart start)
    {
        block.Clear();
        Native.InitActions(actions);
        try
        {
            var folder = start.OutputDirectory is { } outputs ? block.Text(outputs) : null;
            if (folder is not null)
            {
                Native.AddChangeDirectory(actions, folder);
            }

            Native.AddDuplicate(actions, start.InputDescriptor >= 0 ? start.InputDescriptor : defaults.Nothing, 0);
            Redirect(1, start.OutputFile, start.OutputDescriptor);
            Redirect(2, start.ErrorFile, start.ErrorDescriptor);
            if (start.Directory is { } directory)
            {
                Native.AddChangeDirectory(actions, block.Text(directory));
            }

            var words = block.Pointers(start.Words.Length + 1);
            for (var number = 0; number < start.Words.Length; number++)
            {
                words[number] = block.Text(start.Words[number]);
            }

            words[start.Words.Length] = null;
            int pid;
            var error = Native.Spawn(&pid, block.Text(start.Program), actions, defaults.Attributes, words, EnvironmentOf(start));
            return error == 0 ? pid : -error;
        }
        finally
        {
            Native.DestroyActions(actions);
        }
    }

    /// <summary>Makes a folder whose parent is there.</summary>
    /// <returns>False: it was there already.</returns>
    /// <exception cref="IOException">It cannot be made; the error number is its <see cref="Exception.HResult"/>, as it is of the runtime's own.</exception>
    public bool MakeDirectory(string path)
    {
        block.Clear();
        if (Native.MakeDirectory(block.Text(path), 0x1FF) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        const int exists = 17;
        return error == exists ? false : throw new IOException($"{path} cannot be made: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    public void Dispose()
    {
        block.Dispose();
        NativeMemory.Free(actions);
    }

    private void Redirect(int descriptor, string? file, int from)
    {
        if (file is not null)
        {
            Native.AddOpen(actions, descriptor, block.Text(file), Native.WriteOnly | Native.Create | Native.Truncate, FileMode);
        }
        else
        {
            Native.AddDuplicate(actions, from, descriptor);
        }
    }

    private byte** EnvironmentOf(in ProcessStart start)
    {
        var names = defaults.Names;
        var environment = block.Pointers(names.Length + start.Environment.Length + 1);
        var count = 0;
        for (var number = 0; number < names.Length; number++)
        {
            if (!start.MayOverride || !Has(start.Environment, names[number]))
            {
                environment[count++] = defaults.Variables[number];
            }
        }

        for (var number = 0; number < start.Environment.Length; number++)
        {
            var (name, value) = start.Environment[number];
            if (!start.MayOverride || !Has(start.Environment[(number + 1)..], name))
            {
                environment[count++] = block.Variable(name, value);
            }
        }

        environment[count] = null;
        return environment;
    }

    private static bool Has(ReadOnlySpan<KeyValuePair<string, string>> environment, string name)
    {
        foreach (var (other, _) in environment)
        {
            if (other == name)
            {
                return true;
            }
        }

        return false;
    }
}
