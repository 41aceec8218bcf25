using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.CheckpointStore;

/// <summary>Writes that a crash of the machine leaves done or undone, never half.</summary>
public static partial class DurableFile
{
    private const int CloseOnExec = 0x80000;
    private const int InputOutput = 5, NoSpace = 28, QuotaExceeded = 122;

    /// <summary>Writes a file whole or not at all, and makes it and its name durable.</summary>
    public static void WriteByRename(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes the names in a directory durable, where the file system can.</summary>
    public static void SyncDirectory(string directory)
    {
        var descriptor = Open(directory, CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"{directory} cannot be opened: {Reason()}");
        }

        // Some network file systems refuse fsync on a directory; there the rename itself is what they promise.
        var failure = Fsync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failure is InputOutput or NoSpace or QuotaExceeded)
        {
            throw new IOException($"{directory} cannot be made durable: {new Win32Exception(failure).Message}", failure);
        }
    }

    /// <summary>Makes the bytes of an open file durable.</summary>
    /// <exception cref="IOException">The device says that it did not take them.</exception>
    public static void Sync(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (Fsync((int)handle.DangerousGetHandle()) != 0 && Marshal.GetLastPInvokeError() is not 22)
        {
            throw new IOException($"The file cannot be made durable: {Reason()}", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>A second name for the same bytes; a copy where the file system cannot. An existing one stays.</summary>
    public static void LinkOrCopy(string source, string target)
    {
        if (Link(source, target) != 0 && !File.Exists(target))
        {
            File.Copy(source, target);
        }
    }

    private static string Reason() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
