using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Storage;

/// <summary>
/// Keeps a second process off a data directory. The kernel holds the lock for the process and lets go of it with the process, however that ends; the file is never deleted.
/// What is written in it tells others who holds it, and the next one whether the last one closed.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    public const string FileName = "orchestrator.lock";

    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;

    private readonly SafeFileHandle handle;

    private DataDirectoryLock(SafeFileHandle handle, bool lastClosed)
    {
        this.handle = handle;
        LastClosed = lastClosed;
    }

    /// <summary>True when the one that held the lock before closed the database, or there was none.</summary>
    public bool LastClosed { get; }

    /// <exception cref="DataDirectoryInUseException">Another process holds it, or another silo of this one.</exception>
    /// <exception cref="StorageUnavailableException">The lock file cannot be opened.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, FileName);
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The data directory {directory} cannot be written: {error.Message}", error);
        }

        var holder = Read(handle);
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            if (Flock(handle, LockExclusive | LockNonBlocking) != 0)
            {
                handle.Dispose();
                throw new DataDirectoryInUseException($"The data directory {directory} is in use by {holder?.Process?.ToString() ?? "another process"}. Stop it, or choose another with --data.");
            }
        }

        holder = Read(handle);
        var taken = new DataDirectoryLock(handle, holder is null || holder.IsClosed);
        taken.Write(new Holder(ProcessIdentity.Own, false));
        return taken;
    }

    /// <summary>Notes that the database was closed as it should be: the next one need not check it.</summary>
    public void MarkClosed() => Write(new Holder(ProcessIdentity.Own, true));

    public void Dispose() => handle.Dispose();

    private static Holder? Read(SafeFileHandle handle)
    {
        var buffer = new byte[1024];
        var length = RandomAccess.Read(handle, buffer, 0);
        try
        {
            return length == 0 ? null : JsonSerializer.Deserialize<Holder>(buffer.AsSpan(0, length));
        }
        catch (JsonException)
        {
            // Torn by a crash in the middle of writing: as good as one that never closed.
            return new Holder(null, false);
        }
    }

    private void Write(Holder holder)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(holder);
        RandomAccess.SetLength(handle, text.Length);
        RandomAccess.Write(handle, text, 0);
        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flock(SafeFileHandle file, int operation);

    private sealed record Holder(ProcessIdentity? Process, bool IsClosed);
}
